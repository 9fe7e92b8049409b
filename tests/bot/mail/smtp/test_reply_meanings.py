"""What mail servers' replies mean. Their words are not kept."""

import pytest

from bot.mail.smtp.reply_meanings import server_reply
from bot.mail.smtp.smtp_replies import SendReport, Verdict
from conversations.model.letters.server_reply import ReplyMeaning, ServerReply


@pytest.mark.parametrize(
    ("code", "text", "status", "meaning"),
    [
        (550, "5.1.1 <maria@mail.example>: User unknown", "5.1.1", ReplyMeaning.MAILBOX),
        (550, "no such user here", "", ReplyMeaning.MAILBOX),
        (552, "5.2.2 over quota", "5.2.2", ReplyMeaning.FULL),
        (452, "4.2.2 over quota", "4.2.2", ReplyMeaning.FULL),
        (552, "5.3.4 too big", "5.3.4", ReplyMeaning.SIZE),
        (554, "5.7.1 looks like spam", "5.7.1", ReplyMeaning.CONTENT),
        (554, "5.6.0 broken MIME", "5.6.0", ReplyMeaning.CONTENT),
        (550, "5.7.26 not authenticated", "5.7.26", ReplyMeaning.POLICY),
        (450, "4.7.1 greylisted", "4.7.1", ReplyMeaning.LATER),
        (421, "4.7.0 too many connections", "4.7.0", ReplyMeaning.LIMIT),
        (535, "5.7.8 wrong password", "5.7.8", ReplyMeaning.LOGIN),
        (553, "5.1.8 sender domain unknown", "5.1.8", ReplyMeaning.SENDER),
        (550, "no", "", ReplyMeaning.REFUSED),
        (None, "it did not arrive", "", ReplyMeaning.REFUSED),
    ],
)
def test_replies_are_classified(
    code: int | None, text: str, status: str, meaning: ReplyMeaning
) -> None:
    assert server_reply(code, text) == ServerReply(code, status, meaning)


@pytest.mark.parametrize(
    ("code", "text", "kept"),
    [
        (550, "5.7.123 Maria Silva", ServerReply(550, "5.7.0", ReplyMeaning.POLICY)),
        (550, "5.842.17 Maria Silva", ServerReply(550, "5.0.0", ReplyMeaning.REFUSED)),
        (587, "no", ServerReply(500, "", ReplyMeaning.REFUSED)),
        (469, "no", ServerReply(400, "", ReplyMeaning.LATER)),
        (999, "no", ServerReply(500, "", ReplyMeaning.REFUSED)),
        (550, "1.5.7.1.2", ServerReply(550, "", ReplyMeaning.REFUSED)),
    ],
)
def test_a_server_cannot_number_letters_with_codes_of_its_own(
    code: int, text: str, kept: ServerReply
) -> None:
    assert server_reply(code, text) == kept


def test_of_accepted_mail_only_the_code_is_kept() -> None:
    report = SendReport(Verdict.ACCEPTED, 250, "2.0.0 Ok: queued as 9C70A1B2C3")
    assert report.reply == ServerReply(250)
