"""Send one email in an SMTP session (RFC 5321, section 3.3): MAIL, RCPT, DATA, content.

If the server supports PIPELINING (RFC 2920), the three commands are sent at once. Those of the next
email may even follow directly after the content of this one (section 3.1).
"""

import re
from contextlib import suppress
from dataclasses import dataclass

from aiosmtplib import SMTPException, SMTPResponseException

from bot.mail.authentication.dkim import ends_lines_with_crlf
from bot.mail.smtp import smtp_replies
from bot.mail.smtp.smtp_replies import SendReport, Verdict
from bot.mail.smtp.smtp_session import SmtpSession

# Seconds (RFC 5321, section 4.5.3.2): for the greeting, MAIL and RCPT; DATA; the final dot.
COMMAND_TIMEOUT = 300.0
DATA_TIMEOUT = 120.0
FINAL_DOT_TIMEOUT = 600.0

QUIT_TIMEOUT = 5.0
"""Seconds to wait for the reply to QUIT, which does not matter."""

_SEND_CONTENT, _ACCEPTED = 354, 250
_SUCCESS = tuple(code for code in range(200, 300) if code not in (220, 221))
"""Successful replies to MAIL and RCPT: their first digit decides (RFC 5321, section 4.3.2).

After 252, the server accepts mail although it cannot verify the address (section 3.5.3). 220 and
221 open and close a session.
"""

_LINE_END = re.compile(rb"\r\n|\r|\n")
_NUMBER = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True)
class SmtpEnvelope:
    """The sender and the recipient of an email as servers see them."""

    sender: str
    recipient: str

    @property
    def commands(self) -> tuple[bytes, bytes, bytes]:
        """The commands MAIL, RCPT and DATA."""
        mail, rcpt = f"MAIL FROM:<{self.sender}>\r\n", f"RCPT TO:<{self.recipient}>\r\n"
        return mail.encode("ascii"), rcpt.encode("ascii"), b"DATA\r\n"


def supports_pipelining(session: SmtpSession) -> bool:
    """Whether the server accepts several commands at once."""
    return "pipelining" in session.extensions


async def announce(
    session: SmtpSession, envelope: SmtpEnvelope, *, already_sent: bool = False
) -> SendReport | None:
    """Send MAIL, RCPT and DATA; return None if the server is ready for the content, or why not.

    With `already_sent`, the commands followed the content of the previous email.
    """
    steps = (
        (_SUCCESS, smtp_replies.sender_refused, COMMAND_TIMEOUT),
        (_SUCCESS, smtp_replies.recipient_refused, COMMAND_TIMEOUT),
        ((_SEND_CONTENT,), smtp_replies.recipient_refused, DATA_TIMEOUT),
    )
    pipelined = supports_pipelining(session)
    report: SendReport | None = None
    try:
        if pipelined and not already_sent:
            session.send(b"".join(envelope.commands), replies=len(steps))
        for command_line, (expected, interpret, seconds) in zip(
            envelope.commands, steps, strict=True
        ):
            if not pipelined:
                session.send(command_line)
            reply = await session.reply(seconds)
            if reply.code not in expected:
                report = report or interpret(SMTPResponseException(*reply))
                if not pipelined:
                    return report
    except (SMTPException, OSError) as error:
        session.close()
        return report or smtp_replies.connection_failed(error)
    if report is not None and reply.code == _SEND_CONTENT:
        # The server waits for content although it refused the email.
        session.close()
    return report


async def hand_over(
    session: SmtpSession, message: bytes, following: SmtpEnvelope | None
) -> SendReport:
    """Send the content, and directly after it the commands of the `following` email, if any."""
    parts = (dot_stuffed(message), *(following.commands if following else ()))
    try:
        session.send(b"".join(parts), replies=len(parts))
        reply = await session.reply(FINAL_DOT_TIMEOUT)
    except (SMTPException, OSError):
        # RFC 1047: whether the server accepted it cannot be known.
        return SendReport(Verdict.UNKNOWN, None, "the connection broke off")
    if reply.code == _ACCEPTED:
        return SendReport(Verdict.ACCEPTED, reply.code, smtp_replies.redact(reply.message))
    if not 400 <= reply.code < 600:
        return SendReport(Verdict.UNKNOWN, reply.code, smtp_replies.redact(reply.message))
    return smtp_replies.recipient_refused(SMTPResponseException(*reply))


def exceeds_size_limit(session: SmtpSession, message: bytes) -> bool:
    """Whether the message is larger than the server says that it accepts (RFC 1870, section 4)."""
    limit = session.extensions.get("size", "").strip()
    return _NUMBER.fullmatch(limit) is not None and 0 < int(limit) < len(message)


async def reset(session: SmtpSession) -> None:
    """Send RSET after a refusal, so that the session can be used again; close it if that fails."""
    try:
        await command(session, b"RSET\r\n")
    except (SMTPException, OSError):
        session.close()


async def command(session: SmtpSession, command_line: bytes) -> None:
    """Send a command that must be answered with 250. Raises SMTPException or OSError."""
    session.send(command_line)
    reply = await session.reply(COMMAND_TIMEOUT)
    if reply.code != _ACCEPTED:
        raise SMTPResponseException(*reply)


async def quit_session(session: SmtpSession) -> None:
    """Send QUIT and close the session."""
    with suppress(SMTPException, OSError):
        session.send(b"QUIT\r\n")
        await session.reply(QUIT_TIMEOUT)
    session.close()


def dot_stuffed(message: bytes) -> bytes:
    """Return the content as it is sent: dots doubled, with the final dot (RFC 5321, 4.5.2)."""
    if not ends_lines_with_crlf(message):
        message = b"\r\n".join(_LINE_END.split(message))
    ended = message.removesuffix(b"\r\n") + b"\r\n"
    return (b"\r\n" + ended).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"
