"""Sample bounces and automatic answers in the formats of common mail servers.

The texts are our own. `to` is the bot's address that receives the mail, and `about` is the address
that could not be reached.
"""

from base64 import b64encode
from collections.abc import Callable

Shape = Callable[[str, str], bytes]
"""Makes a mail from `to` and `about`."""


def mail(*headers: str, body: str = "") -> bytes:
    return "\r\n".join([*headers, "", *body.splitlines(), ""]).encode()


def report(
    to: str,
    about: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 <{about}>: no such user here",
    words: str = "It could not be delivered.",
    sender: str = "Mail Delivery System <MAILER-DAEMON@mx.example>",
    fields: str = "",
    kind: str = "multipart/report; report-type=delivery-status",
) -> bytes:
    """Return a delivery status notification (RFC 3464)."""
    code = f"Diagnostic-Code: {diagnostic.format(about=about)}\n" if diagnostic else ""
    body = (
        f"--edge\nContent-Type: text/plain\n\n{words}\n"
        "--edge\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.example\nArrival-Date: Sun, 21 Jun 2026 14:02:00 +0000\n\n"
        f"Final-Recipient: rfc822; {about}\nAction: {action}\nStatus: {status}\n{code}{fields}\n"
        f"--edge\nContent-Type: text/rfc822-headers\n\nFrom: {to}\nTo: {about}\nSubject: x\n\n"
        "--edge--\n"
    )
    return mail(
        "Return-Path: <>",
        f"From: {sender}",
        f"To: {to}",
        "Subject: Undelivered",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f"Content-Type: {kind}; boundary=edge",
        body=body,
    )


def postfix(to: str, about: str) -> bytes:
    return report(
        to,
        about,
        diagnostic="smtp; 550 5.1.1 <{about}>: Recipient address rejected:\n    User unknown",
        fields=f"Original-Recipient: rfc822;{about}\nRemote-MTA: dns; mx.far.example\n",
    )


def postfix_gives_up(to: str, about: str) -> bytes:
    return report(
        to,
        about,
        status="4.4.1",
        diagnostic="X-Postfix; connect to mx.far.example[192.0.2.1]:25: Connection timed out",
    )


def sendmail(to: str, about: str) -> bytes:
    return report(
        to,
        about,
        diagnostic="SMTP; 550 5.1.1 unknown user",
        sender="Mail Delivery Subsystem <MAILER-DAEMON@sendmail.example>",
        words="----- The following addresses had permanent fatal errors -----",
        fields="Last-Attempt-Date: Sun, 21 Jun 2026 14:02:01 GMT\n",
    )


def exchange(to: str, about: str) -> bytes:
    return report(
        to,
        about,
        status="5.1.10",
        diagnostic="smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {about} not found",
        sender="Microsoft Outlook <postmaster@tenant.example>",
        fields="Remote-MTA: dns;EUR01.prod.outlook.example\n",
    )


def exchange_policy(to: str, about: str) -> bytes:
    return report(
        to,
        about,
        status="5.7.1",
        diagnostic="smtp;550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized",
        sender="postmaster@tenant.example",
    )


def gmail(to: str, about: str) -> bytes:
    return report(
        to,
        about,
        diagnostic="smtp; 550-5.1.1 The email account that you tried to reach is not there.\n"
        " Please check it 550 5.1.1 {about} - gsmtp",
        sender="Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
    )


def mailbox_full(to: str, about: str) -> bytes:
    return report(to, about, status="5.2.2", diagnostic="smtp; 552 5.2.2 {about} over quota")


def opensmtpd(to: str, about: str) -> bytes:
    return report(to, about, action="error", status="5.0.0", diagnostic="")


def no_action(to: str, about: str) -> bytes:
    """A report with a status but no action."""
    return report(to, about).replace(b"Action: failed\r\n", b"")


def exim(to: str, about: str) -> bytes:
    return mail(
        "Return-Path: <>",
        f"X-Failed-Recipients: {about}",
        "Auto-Submitted: auto-replied",
        "From: Mail Delivery System <Mailer-Daemon@exim.example>",
        f"To: {to}",
        "Subject: Mail delivery failed: returning message to sender",
        body="A message that you sent was not taken.\n\n"
        f"  {about}\n    host mx.far.example [192.0.2.1]\n    SMTP error from remote server after"
        " RCPT TO:\n    550 5.1.1 Unknown user\n",
    )


def qmail(to: str, about: str) -> bytes:
    return mail(
        "Return-Path: <>",
        "From: MAILER-DAEMON@qmail.example",
        f"To: {to}",
        "Subject: failure notice",
        body="Hi. This is the qmail-send program at qmail.example.\nIt did not work out.\n\n"
        f"<{about}>:\n192.0.2.1 does not like recipient.\n"
        "Remote host said: 550 5.1.1 no mailbox here by that name\nGiving up on 192.0.2.1.\n\n"
        "--- Below this line is a copy of the message.\n\nFrom: x\n",
    )


def yahoo(to: str, about: str) -> bytes:
    return mail(
        "From: MAILER-DAEMON@yahoo.example",
        f"To: {to}",
        "Subject: Failure Notice",
        body="Sorry, we were unable to deliver your message to the following address.\n\n"
        f"<{about}>:\n554: delivery error: dd No such user - mta1.yahoo.example\n\n"
        "--- Original message follows.\n\nFrom: x\n",
    )


def old_exchange(to: str, about: str) -> bytes:
    return mail(
        "From: System Administrator <postmaster@far.example>",
        f"To: {to}",
        "Subject: Undeliverable: x",
        body="Your message\n\n  To:      someone\n  Subject: x\n\ndid not reach the following"
        f" recipient(s):\n\n{about} on Sun, 21 Jun 2026 14:02:00 +0100\n    The recipient name is"
        " not recognized\n    <far.example #5.1.1>\n",
    )


FOR_GOOD: dict[Shape, tuple[int | None, str]] = {
    postfix: (550, "550 5.1.1 … Recipient address rejected: User unknown"),
    postfix_gives_up: (
        None,
        "connect to mx.far.example[192.0.2.1]:25: Connection timed out (4.4.1)",
    ),
    sendmail: (550, "550 5.1.1 unknown user"),
    exchange: (550, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient … not found"),
    exchange_policy: (550, "550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized"),
    gmail: (
        550,
        "550-5.1.1 The email account that you tried to reach is not there. Please check it"
        " 550 5.1.1 … - gsmtp",
    ),
    mailbox_full: (552, "552 5.2.2 … over quota"),
    opensmtpd: (None, "5.0.0"),
    no_action: (550, "550 5.1.1 … no such user here"),
    exim: (550, "550 5.1.1 Unknown user"),
    qmail: (550, "Remote host said: 550 5.1.1 no mailbox here by that name"),
    yahoo: (554, "554: delivery error: dd No such user - mta1.yahoo.example"),
    old_exchange: (None, "<far.example #5.1.1>"),
}
"""Permanent failures, each with the SMTP code and the text that the bot stores."""


def delayed(to: str, about: str) -> bytes:
    return report(
        to, about, action="delayed", status="4.4.1", diagnostic="smtp; 450 4.2.0 later, please"
    )


def delayed_with_failed_recipients(to: str, about: str) -> bytes:
    """A delay report like those of Gmail."""
    head = f"X-Failed-Recipients: {about}\r\n".encode()
    return head + delayed(to, about)


def delivered(to: str, about: str) -> bytes:
    return report(to, about, action="delivered", status="2.0.0", diagnostic="")


def transient_without_action(to: str, about: str) -> bytes:
    return delayed(to, about).replace(b"Action: delayed\r\n", b"")


def exim_warns(to: str, about: str) -> bytes:
    return mail(
        "Return-Path: <>",
        "Auto-Submitted: auto-replied",
        "From: Mail Delivery System <Mailer-Daemon@exim.example>",
        f"To: {to}",
        "Subject: Warning: message delayed 24 hours",
        body="A message that you sent has not yet been delivered after more than a day.\n"
        "The address to which the message has not yet been delivered is:\n\n"
        f"  {about}\n\nNo action is required on your part.\n",
    )


def forged(to: str, about: str) -> bytes:
    """A report to an address that the bot never made."""
    return postfix(to.replace(to[2:8], "000000"), about)


DELAYS: tuple[Shape, ...] = (
    delayed,
    delayed_with_failed_recipients,
    delivered,
    transient_without_action,
    exim_warns,
)

AWAY = {
    "english": ("Automatic reply: Let it flow", "Auto-Submitted: auto-replied"),
    "german": ("Abwesenheitsnotiz: Let it flow", "X-Autoreply: yes"),
    "french": ("Réponse automatique : Let it flow", "Precedence: bulk"),
    "portuguese": ("Resposta automática: Let it flow", "Precedence: auto_reply"),
    "spanish": ("Respuesta automática: Let it flow", ""),
    "chinese": ("自動回覆: Let it flow", ""),
    "vacation": ("Re: Let it flow", "Auto-Submitted: auto-replied (vacation)"),
    "encoded": ("=?utf-8?q?Abwesenheit=3A_bis_Montag?=", ""),
    "receipt": (
        "Read: Let it flow",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=e",
    ),
    "from nobody": ("We have your letter", "Return-Path: <>"),
}
"""By name: the subject of an automatic answer, and the header that marks it."""


def away(to: str, about: str, subject: str, mark: str) -> bytes:
    marks = (mark,) if mark else ()
    body = f"I am away. 550 5.1.1 <{about}>: is what others say."
    return mail(f"From: {about}", f"To: {to}", f"Subject: {subject}", *marks, body=body)


def report_of(to: str, fields: str, media: str = "delivery-status") -> bytes:
    """Return a report with these per-recipient fields."""
    return mail(
        "Return-Path: <>",
        "From: Mail System <MAILER-DAEMON@mx.example>",
        f"To: {to}",
        "Subject: Undelivered",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=edge",
        body=f"--edge\nContent-Type: text/plain\n\nSorry.\n--edge\nContent-Type: message/{media}"
        f"\n\nReporting-MTA: dns; mx.example\n\n{fields}\n\n--edge--\n",
    )


def encoded_report(to: str, fields: str) -> bytes:
    """Return a report whose fields are in Base64."""
    whole = report_of(to, "@", "global-delivery-status").decode()
    begin, end = whole.index("\r\n\r\nReporting-MTA"), whole.index("\r\n--edge--")
    encoded = b64encode(f"Reporting-MTA: dns; mx.example\n\n{fields}".encode()).decode()
    head = f"{whole[:begin]}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return f"{head}{encoded}{whole[end:]}".encode()


def complaint(to: str, about: str, kind: str = "abuse", *, sender: str = "") -> bytes:
    """Return a complaint (RFC 5965) about an email from `sender`, by default from `to`."""
    named = f"Feedback-Type: {kind}\n" if kind else ""
    return mail(
        "From: Feedback loop <fbl@provider.example>",
        f"To: {to}",
        "Subject: FW: A letter",
        "Content-Type: multipart/report; report-type=feedback-report; boundary=edge",
        body="--edge\nContent-Type: text/plain\n\nThis is an email abuse report.\n"
        f"--edge\nContent-Type: message/feedback-report\n\n{named}User-Agent: X/1.0\nVersion: 1\n"
        f"Original-Mail-From: <{sender or to}>\n\n"
        f"--edge\nContent-Type: message/rfc822\n\nFrom: {sender or to}\nTo: {about}\n\nx\n"
        "--edge--\n",
    )


def with_original(to: str, about: str, original: bytes) -> bytes:
    """Return a report that contains the returned email."""
    head = report(to, about).partition(b"--edge\r\nContent-Type: text/rfc822-headers")[0]
    return head + b"--edge\r\nContent-Type: message/rfc822\r\n\r\n" + original + b"\r\n--edge--\r\n"
