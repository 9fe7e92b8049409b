"""Whom a refusal concerns: one letter, or us. The texts are in the words of real servers."""

import pytest
from aiosmtplib import SMTPResponseException

from bot.mail.smtp.smtp_replies import SendReport, Verdict, recipient_refused, sender_refused

ONE_LETTER = [
    "550 refused by our relay: looks like spam",
    "550 5.7.1 Message refused by our relay: looks like spam",
    "554 5.7.1 relay denied this message as spam",
    "550 mail relay mx1.relay.example rejected your message",
    "554 message rejected",
    "554 5.7.1 Message rejected due to content restrictions",
    "550 5.7.1 Our system has detected that this message is likely unsolicited mail.",
    "550 5.7.26 This mail is unauthenticated, which poses a security risk to the sender",
    "550 5.7.1 This email was rejected because it violates our security policy",
    "550 5.7.0 Local Policy Violation",
    "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.example",
    "550 5.2.1 The email account that you tried to reach is disabled.",
    "550 5.1.1 relay-user: unknown",
    "550 5.1.1 unknown, says relay.gov.example",
    "550 5.4.1 Recipient address rejected: Access denied.",
    "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required",
    "550 5.7.1 Sender not authorized to send to this recipient",
    "550 Header value not allowed",
    "554 5.7.1 Message rejected: relay not permitted to carry bulk mail",
    "550 5.7.1 sender not allowed to send to this group",
    "554 5.7.1 recipient quota: daily limit of this mailbox exceeded",
    "552 5.3.4 Message size exceeds fixed limit",
    "554 5.6.0 Message contains a virus",
    "501 5.1.3 Bad recipient address syntax",
    "553 5.1.2 domain not found",
]
LOGIN = ["530 5.7.0 Authentication required", "535 5.7.8 Error: authentication failed"]
US = [
    "550 5.7.8 Credentials invalid",
    "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
    "554 5.7.1 Relay access denied",
    "550 5.7.1 Relaying denied. Proper authentication required.",
    "550 relay not permitted",
    "550 5.7.1 Unable to relay for m@gov.example",
    "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
    "551 we do not relay mail",
    "550 Relaying is prohibited",
    "550 5.7.0 relaying is disabled",
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    "553 5.7.1 Sender address rejected: not owned by user river",
    "553 5.7.1 Sender address rejected: not logged in",
    "550 5.7.1 sender domain not allowed",
    "550 Sender verify failed",
    "550 The from address does not match a verified Sender Identity",
    "554 Message rejected: Email address is not verified.",
    "550 5.4.5 Daily user sending limit exceeded.",
    "550 5.7.1 Client was not authenticated",
    "550 Your account has been suspended",
    "554 Message rejected: Sending suspended for this account",
    "550 5.7.3 STARTTLS is required",
    "550 SMTP AUTH is required",
    "554 5.7.1 Sender quota exceeded",
    "554 Sending address not verified",
    "550 Maximum credits exceeded",
    "550 5.7.1 domain send.example is not allowed to send: account disabled",
    "554 Sandbox subdomains are for test purposes only.",
]


def refusal(reply: str) -> SMTPResponseException:
    return SMTPResponseException(int(reply[:3]), reply[4:])


@pytest.mark.parametrize("reply", ONE_LETTER)
def test_a_letter_is_refused(reply: str) -> None:
    report = recipient_refused(refusal(reply))
    assert (report.verdict, report.alone) == (Verdict.FAILED, False)


@pytest.mark.parametrize("reply", US)
def test_we_are_refused_or_one_letter_is(reply: str) -> None:
    report = recipient_refused(refusal(reply))
    assert (report.verdict, report.alone) == (Verdict.OURS, True)


@pytest.mark.parametrize("reply", LOGIN)
def test_the_code_of_a_refused_login_leaves_no_doubt(reply: str) -> None:
    report = recipient_refused(refusal(reply))
    assert (report.verdict, report.alone) == (Verdict.OURS, False)


@pytest.mark.parametrize(
    "reply", [*US, *LOGIN, "550 5.7.1 no", "501 5.1.7 bad sender", "550 5.1.8 no"]
)
def test_a_sender_is_refused_because_of_us(reply: str) -> None:
    assert sender_refused(refusal(reply)).verdict is Verdict.OURS


@pytest.mark.parametrize(
    "reply", ["552 5.3.4 too large", "552 message too big", "550 5.2.3 too long", "550 5.7.1 spam"]
)
def test_a_sender_is_refused_because_of_one_letter(reply: str) -> None:
    assert sender_refused(refusal(reply)).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    "reply",
    [
        "450 4.2.0 Greylisted, see https://greylisting.example/",
        "452 4.4.5 Maximum number of messages per session exceeded.",
        "450 4.7.1 Error: too much mail from 192.0.2.1",
        "454 4.7.1 Relay access denied",
        "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail",
        "550 5.7.0 Too many messages in this session",
        "554 5.5.0 Maximum number of recipients per connection exceeded",
        "550 Session limit exceeded",
        "554 5.7.1 connection limit reached",
        "503 5.5.1 Too many transactions, reconnect",
        "550 messages per connection limit exceeded",
    ],
)
def test_another_connection_or_a_later_time_may_help(reply: str) -> None:
    for read in (sender_refused, recipient_refused):
        expected = SendReport(Verdict.DEFERRED, int(reply[:3]), reply[4:])
        assert read(refusal(reply)) == expected
        assert expected.ends_connection


@pytest.mark.parametrize("reply", ["452 4.2.2 over quota", "552 5.2.2 Mailbox full"])
def test_a_full_mailbox_concerns_one_letter(reply: str) -> None:
    """RFC 3463, X.2.2: no other connection helps, and hours pass until the next attempt."""
    report = recipient_refused(refusal(reply))
    assert (report.verdict, report.mailbox_full) == (Verdict.DEFERRED, True)
    assert not report.ends_connection
