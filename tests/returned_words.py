"""Sample bounces that mostly say in words what happened, in the formats of common mail servers."""

from tests.returned import Shape, report


def _words(name: str, sender: str, subject: str, text: str, charset: str = "") -> Shape:
    """Return a bounce in words; `text` contains {about}."""

    def shape(to: str, about: str) -> bytes:
        kind = [f"Content-Type: text/plain; charset={charset}"] if charset else []
        head = ["Return-Path: <>", f"From: {sender}", f"To: {to}", f"Subject: {subject}", *kind]
        lines = [*head, "", *text.format(about=about).split("\n"), ""]
        return "\r\n".join(lines).encode(charset or "utf-8")

    shape.__name__ = name
    return shape


def unfolded(to: str, about: str) -> bytes:
    """A report whose diagnosis goes on in lines that are not folded."""
    return report(to, about).replace(
        b"Diagnostic-Code: smtp; 550 5.1.1",
        b"Diagnostic-Code: smtp; 550-Please read this\r\n550-and this\r\n550 5.1.1",
    )


IN_WORDS: tuple[Shape, ...] = (
    _words(
        "dma",
        "MAILER-DAEMON <>",
        "Mail delivery failed",
        "This is the DragonFly Mail Agent v0.13 at host.example.\n\n"
        "There was an error delivering your mail to <{about}>.\n\n"
        "mx.far.example [192.0.2.1] did not like our RCPT TO:\n"
        "550 5.1.1 <{about}>: User unknown\n\n"
        "Message headers follow.",
    ),
    _words(
        "dma_expired",
        "MAILER-DAEMON <>",
        "Mail delivery failed",
        "There was an error delivering your mail to <{about}>.\n"
        "Could not deliver for the last 432000 seconds. Giving up.",
    ),
    _words(
        "opensmtpd_words",
        "Mailer Daemon <MAILER-DAEMON@host.example>",
        "Delivery status notification: error",
        "    An error has occurred while attempting to deliver a message for\n"
        "    the following list of recipients:\n\n"
        "{about}: 550 5.2.2 mailbox full\n\n"
        "    Below is a copy of the original message:",
    ),
    _words(
        "notes_words",
        "postmaster@notes.example",
        "Undeliverable message",
        "------- Failure Reasons  --------\n\n"
        "User not listed in public Name & Address Book\n{about}\n\n"
        "------- Returned Message --------",
    ),
    _words(
        "carrier_japan",
        "Postmaster@mobile.example",
        "Mail System Error - Returned Mail",
        "次の宛先へのメッセージはエラーのため送信できませんでした。\n<{about}>",
        "iso-2022-jp",
    ),
    unfolded,
    _words(
        "fields_in_text",
        "MAILER-DAEMON@workmail.example",
        "Delivery Status Notification (Failure)",
        "An error occurred while trying to deliver the mail to the following recipients:\n"
        "{about}\nTechnical report:\nAction: failed\nFinal-Recipient: rfc822; {about}\n"
        "Diagnostic-Code: smtp; 550 5.2.1 mailbox disabled\nStatus: 5.2.1",
    ),
    _words(
        "names_no_recipient",
        "Administrator <sysadmin@far.example>",
        "Undeliverable Message",
        "Message could not be delivered. Error: no valid recipients.",
    ),
    _words(
        "german",
        "Mailsystem <postmaster@far.example>",
        "Unzustellbar: Brief",
        "Ihre Nachricht an {about} konnte nicht zugestellt werden: Postfach voll.",
    ),
    _words(
        "chinese",
        "PostMaster@mail.example",
        "系统退信",
        "抱歉，您的邮件被退回来了。无法投递到{about}，收件人邮箱不存在。",
        "gb18030",
    ),
)
"""Permanent failures, most of them in words."""
