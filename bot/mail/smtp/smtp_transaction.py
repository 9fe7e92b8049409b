"""One mail on a line (RFC 5321, section 3.3): it is announced, handed over, and the line settled.

Where the server takes commands in one piece (PIPELINING, RFC 2920), a mail is announced in one
piece; that of the next mail may come right behind the content of the one before (section 3.1).
"""

import re
from contextlib import suppress
from dataclasses import dataclass

from aiosmtplib import SMTPException, SMTPResponseException

from bot.mail.authentication.dkim import ends_lines_with_crlf
from bot.mail.smtp import smtp_replies
from bot.mail.smtp.smtp_replies import SendReport, Verdict
from bot.mail.smtp.smtp_session import SmtpSession

# RFC 5321, section 4.5.3.2, in seconds: greeting, MAIL and RCPT; DATA; after the final dot.
COMMAND_TIMEOUT = 300.0
DATA_TIMEOUT = 120.0
FINAL_DOT_TIMEOUT = 600.0

QUIT_TIMEOUT = 5.0
"""Seconds for a goodbye: by then all is said."""

_GO_ON, _TAKEN, _CLOSING = 354, 250, 421
_WELL = (250, 251)
"""What follows MAIL or RCPT where it is well (RFC 5321, section 4.3.2)."""

_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class SmtpEnvelope:
    """From and to whom a mail goes, as the servers on its way are told."""

    sender: str
    recipient: str

    @property
    def words(self) -> tuple[bytes, bytes, bytes]:
        """MAIL, RCPT and DATA."""
        mail, rcpt = f"MAIL FROM:<{self.sender}>\r\n", f"RCPT TO:<{self.recipient}>\r\n"
        return mail.encode("ascii"), rcpt.encode("ascii"), b"DATA\r\n"


def supports_pipelining(line: SmtpSession) -> bool:
    """Whether the server takes several commands in one piece."""
    return "pipelining" in line.extensions


async def announce(
    line: SmtpSession, envelope: SmtpEnvelope, *, said: bool = False
) -> SendReport | None:
    """Announce a mail; return why the server does not wait for the content, if so.

    With `said`, that went behind the content of the mail before.
    """
    steps = (
        (_WELL, smtp_replies.sender_refused, COMMAND_TIMEOUT),
        (_WELL, smtp_replies.recipient_refused, COMMAND_TIMEOUT),
        ((_GO_ON,), smtp_replies.recipient_refused, DATA_TIMEOUT),
    )
    in_one_piece = supports_pipelining(line)
    report: SendReport | None = None
    try:
        if in_one_piece and not said:
            line.say(b"".join(envelope.words), answers=len(steps))
        for words, (well, judged, patience) in zip(envelope.words, steps, strict=True):
            if not in_one_piece:
                line.say(words)
            answer = await line.answer(patience)
            if answer.code not in well:
                report = report or judged(SMTPResponseException(*answer))
                if not in_one_piece:
                    return report
    except (SMTPException, OSError) as error:
        line.close()
        return report or smtp_replies.connection_failed(error)
    if report is not None and answer.code == _GO_ON:
        # It waits for the content of what it has refused.
        line.close()
    return report


async def hand_over(
    line: SmtpSession, message: bytes, following: SmtpEnvelope | None
) -> SendReport:
    """Send the content, for which the server waits, and announce what follows at once."""
    words = (dot_stuffed(message), *(following.words if following else ()))
    try:
        line.say(b"".join(words), answers=len(words))
        answer = await line.answer(FINAL_DOT_TIMEOUT)
    except (SMTPException, OSError):
        # RFC 1047: whether it was taken cannot be known.
        return SendReport(Verdict.UNKNOWN, None, "the connection broke off")
    if answer.code == _TAKEN:
        return SendReport(Verdict.ACCEPTED, answer.code, smtp_replies.redact(answer.message))
    if not 400 <= answer.code < 600:
        return SendReport(Verdict.UNKNOWN, answer.code, smtp_replies.redact(answer.message))
    return smtp_replies.recipient_refused(SMTPResponseException(*answer))


def is_closing(report: SendReport) -> bool:
    """Whether nothing more can be said after that: it is out of step, or the server goes."""
    return report.verdict in (Verdict.UNREACHED, Verdict.UNKNOWN) or report.code == _CLOSING


async def reset(line: SmtpSession) -> None:
    """Leave a mail that was refused before its content; the line is closed where that fails."""
    try:
        await command(line, b"RSET\r\n")
    except (SMTPException, OSError):
        line.close()


async def command(line: SmtpSession, said: bytes) -> None:
    """Say what is answered with 250. Raises SMTPException or OSError."""
    line.say(said)
    answer = await line.answer(COMMAND_TIMEOUT)
    if answer.code != _TAKEN:
        raise SMTPResponseException(*answer)


async def quit_session(line: SmtpSession) -> None:
    """Say goodbye and close."""
    with suppress(SMTPException, OSError):
        line.say(b"QUIT\r\n")
        await line.answer(QUIT_TIMEOUT)
    line.close()


def dot_stuffed(message: bytes) -> bytes:
    """Return what stands on the wire after 354 (RFC 5321, section 4.5.2)."""
    if not ends_lines_with_crlf(message):
        message = b"\r\n".join(_LINE_END.split(message))
    ended = message.removesuffix(b"\r\n") + b"\r\n"
    return (b"\r\n" + ended).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"
