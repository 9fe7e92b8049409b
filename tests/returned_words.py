"""Sample bounces that mostly say in words what happened, in the formats of common mail servers."""

from tests.returned import Shape, report


def _words(
    to: str, *lines: str, subject: str, sender: str, path: str = "<>", charset: str = ""
) -> bytes:
    kind = (f"Content-Type: text/plain; charset={charset}",) if charset else ()
    head = (f"Return-Path: {path}", f"From: {sender}", f"To: {to}", f"Subject: {subject}", *kind)
    raw = "\r\n".join([*head, "", *lines, ""])
    return raw.encode(charset or "utf-8")


def dma(to: str, about: str) -> bytes:
    return _words(
        to,
        "This is the DragonFly Mail Agent v0.13 at host.example.",
        "",
        f"There was an error delivering your mail to <{about}>.",
        "",
        "mx.far.example [192.0.2.1] did not like our RCPT TO:",
        f"550 5.1.1 <{about}>: User unknown",
        "",
        "Message headers follow.",
        subject="Mail delivery failed",
        sender="MAILER-DAEMON <>",
    )


def dma_expired(to: str, about: str) -> bytes:
    return _words(
        to,
        f"There was an error delivering your mail to <{about}>.",
        "Could not deliver for the last 432000 seconds. Giving up.",
        subject="Mail delivery failed",
        sender="MAILER-DAEMON <>",
    )


def opensmtpd_words(to: str, about: str) -> bytes:
    return _words(
        to,
        "    An error has occurred while attempting to deliver a message for",
        "    the following list of recipients:",
        "",
        f"{about}: 550 5.2.2 mailbox full",
        "",
        "    Below is a copy of the original message:",
        subject="Delivery status notification: error",
        sender="Mailer Daemon <MAILER-DAEMON@host.example>",
    )


def notes_words(to: str, about: str) -> bytes:
    return _words(
        to,
        "------- Failure Reasons  --------",
        "",
        "User not listed in public Name & Address Book",
        about,
        "",
        "------- Returned Message --------",
        subject="Undeliverable message",
        sender="postmaster@notes.example",
    )


def carrier_japan(to: str, about: str) -> bytes:
    return _words(
        to,
        "次の宛先へのメッセージはエラーのため送信できませんでした。",
        f"<{about}>",
        subject="Mail System Error - Returned Mail",
        sender="Postmaster@mobile.example",
        charset="iso-2022-jp",
    )


def unfolded(to: str, about: str) -> bytes:
    """A report whose diagnosis goes on in lines that are not folded."""
    return report(to, about).replace(
        b"Diagnostic-Code: smtp; 550 5.1.1",
        b"Diagnostic-Code: smtp; 550-Please read this\r\n550-and this\r\n550 5.1.1",
    )


def fields_in_text(to: str, about: str) -> bytes:
    return _words(
        to,
        "An error occurred while trying to deliver the mail to the following recipients:",
        about,
        "Technical report:",
        "Action: failed",
        f"Final-Recipient: rfc822; {about}",
        "Diagnostic-Code: smtp; 550 5.2.1 mailbox disabled",
        "Status: 5.2.1",
        subject="Delivery Status Notification (Failure)",
        sender="MAILER-DAEMON@workmail.example",
    )


def whole_mail(to: str, about: str) -> bytes:
    """A report that names no recipient."""
    return _words(
        to,
        "Message could not be delivered. Error: no valid recipients.",
        subject="Undeliverable Message",
        sender="Administrator <sysadmin@far.example>",
    )


def german(to: str, about: str) -> bytes:
    return _words(
        to,
        f"Ihre Nachricht an {about} konnte nicht zugestellt werden: Postfach voll.",
        subject="Unzustellbar: Brief",
        sender="Mailsystem <postmaster@far.example>",
    )


def chinese(to: str, about: str) -> bytes:
    return _words(
        to,
        f"抱歉，您的邮件被退回来了。无法投递到{about}，收件人邮箱不存在。",
        subject="系统退信",
        sender="PostMaster@mail.example",
        charset="gb18030",
    )


IN_WORDS: tuple[Shape, ...] = (
    dma,
    dma_expired,
    opensmtpd_words,
    notes_words,
    carrier_japan,
    unfolded,
    fields_in_text,
    whole_mail,
    german,
    chinese,
)
"""Permanent failures, most of them in words."""
