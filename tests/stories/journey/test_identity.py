"""Who a letter is from: what the chat says, and the From and Reply-To headers of the mail."""

import pytest
from dns.rdatatype import RdataType

from bot.mail.authentication.domains import DnsAnswer
from bot.playground.inbox import ReceivedEmail
from storage.schema.tables import outbox
from tests.chat import Chat
from tests.domains import GMAIL
from tests.stage import NoDns, Stage
from tests.stories.lines import PORTUGAL, TARGET
from tests.stories.records import read_table

FILE = "hong-kong/campaign.toml"
RELAY = "It’s sent in your name from an email address of Open Letters Hong Kong."
TRANSFER = (
    "The letter shows your political opinion and takes it, with your name, to a government body in"
    " Hong Kong. European data protection law does not apply there."
)
AUTHOR = (
    "It’s sent in your name: from your own email address if your email provider allows that,"
    " otherwise from an address of Open Letters Hong Kong."
)
OWN = (
    "It’s sent in your name: from your own email address if it belongs to Open Letters Hong"
    " Kong, otherwise from an address of Open Letters Hong Kong."
)
SHOWN = "Whoever gets your letter sees your email address and can reply to you."
SHOWN_AS_SENDER = (
    "Whoever gets your letter may see your email address as the sender; replies go to the"
    " organisation."
)
HIDDEN = (
    "Whoever gets your letter does not see your email address, and you will not receive a reply."
)


def set_up(stage: Stage, identity: str, reply_to: str = "supporter") -> None:
    stage.edits(FILE, 'identity = "relay"', f'identity = "{identity}"')
    stage.edits(FILE, 'reply_to = "supporter"', f'reply_to = "{reply_to}"')


def headers(mail: ReceivedEmail) -> dict[str, str]:
    """Return the sender headers; our opaque address is replaced by “token”."""
    assert mail.sender.startswith("a-") and mail.sender.endswith("@send.example")
    names = ("From", "Sender", "Reply-To")
    shown = {name: str(mail.message[name]) for name in names if name in mail.message}
    return {name: value.replace(mail.sender, "token") for name, value in shown.items()}


async def decided(stage: Stage) -> tuple[str, str]:
    (mail,) = [row for row in await read_table(stage, outbox) if row["kind"] == "letter"]
    return mail["identity"], mail["identity_reason"]


async def test_a_letter_from_her_own_address(stage: Stage, maria: Chat) -> None:
    set_up(stage, "author")
    await maria.starts("hong-kong")
    assert SHOWN in maria.last["text"]
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal")
    assert maria.heard()[-1] == PORTUGAL
    await maria.says("maria@mail.example")
    await maria.types_the_code()
    (shown,) = maria.heard()
    assert f"{TRANSFER} {AUTHOR} {SHOWN} By pressing Send in my name you" in shown
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert headers(letter) == {
        "From": "Maria Silva <maria@mail.example>",
        "Sender": "token",
        "Reply-To": "Maria Silva <maria@mail.example>",
    }
    assert await decided(stage) == ("author", "")


@pytest.mark.parametrize(
    ("identity", "address", "reason"),
    [
        ("author", "maria@strict.example", "dmarc-reject"),
        ("author", "maria@unsure.example", "dns"),
        ("author", f"maria@{GMAIL}", "provider"),
        ("own", "maria@mail.example", "not-own"),
    ],
)
async def test_our_address_is_used_if_hers_would_fail_authentication(
    stage: Stage, maria: Chat, identity: str, address: str, reason: str
) -> None:
    set_up(stage, identity)
    await maria.sends_the_letter(address=address)
    (letter,) = stage.mails_to(TARGET)
    assert headers(letter) == {
        "From": "Maria Silva <token>",
        "Reply-To": f"Maria Silva <{address}>",
    }
    assert await decided(stage) == ("relay", reason)


async def test_a_member_writes_from_an_address_of_the_organisation(
    stage: Stage, maria: Chat
) -> None:
    set_up(stage, "own", "organisation")
    await maria.comes_to_the_review(address="maria@members.example")
    (shown,) = maria.heard()
    assert f"{OWN} {SHOWN_AS_SENDER} By pressing Send in my name you" in shown
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert headers(letter) == {
        "From": "Maria Silva <maria@members.example>",
        "Reply-To": "Open Letters Hong Kong <people@open-letters-hk.example>",
    }
    assert await decided(stage) == ("own", "")


async def test_her_address_is_shown_although_answers_go_to_the_organisation(
    stage: Stage, maria: Chat
) -> None:
    set_up(stage, "author", "organisation")
    await maria.starts("hong-kong")
    assert SHOWN_AS_SENDER in maria.last["text"]
    await maria.presses("Is it safe for me?")
    assert SHOWN_AS_SENDER in maria.last["text"]
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal")
    assert maria.heard()[-1] == (
        "Portugal.\n\n3/4 · What’s your email address? Whoever gets your letter may see the address"
        " as the sender. Replies go to the organisation."
    )


async def test_the_target_does_not_see_her_address(stage: Stage, maria: Chat) -> None:
    set_up(stage, "relay", "none")
    await maria.comes_to_the_review()
    (shown,) = maria.heard()
    assert f"{RELAY} {HIDDEN} By pressing Send in my name you" in shown
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert headers(letter) == {"From": "Maria Silva <token>"}
    assert b"maria@" not in letter.raw
    assert b"mail.example" not in letter.raw
    assert await decided(stage) == ("relay", "")


async def test_the_sender_is_explained_in_chinese(stage: Stage, maria: Chat) -> None:
    set_up(stage, "author", "organisation")
    mei = stage.person("Mei", language="zh-hant")
    await mei.starts("hong-kong")
    await mei.presses("寫信", "繼續")
    await mei.says("陳美玲", "台灣", "mei@mail.example")
    await mei.types_the_code()
    (shown,) = mei.heard()
    assert (
        "信件以你的名義寄出：如果你的郵件服務商允許，就用你自己的電郵地址；"
        "否則用 Open Letters Hong Kong 的電郵地址。"
    ) in shown
    assert "收件人可能會在「寄件人」一欄看到你的電郵地址；回信會寄給主辦單位。" in shown


async def test_a_changed_identity_is_shown_at_the_review_first(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    set_up(stage, "author")
    await maria.presses("Send in my name")
    (shown,) = maria.heard()
    assert AUTHOR in shown
    assert stage.mails_to(TARGET) == []


async def test_the_chosen_sender_is_the_same_in_all_attempts(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silence(_: NoDns, name: str, kind: RdataType) -> DnsAnswer:
        raise TimeoutError

    set_up(stage, "author")
    stage.inbox.dying.add(TARGET)
    await maria.sends_the_letter()
    monkeypatch.setattr(NoDns, "ask", silence)
    stage.inbox.dying.clear()
    await stage.later(hours=1)
    first, again = stage.mails_to(TARGET)
    assert first.raw == again.raw
    assert headers(again)["From"] == "Maria Silva <maria@mail.example>"
    assert await decided(stage) == ("author", "")
