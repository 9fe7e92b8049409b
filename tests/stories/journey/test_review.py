"""The review: the letter exactly as it will be sent, and consent to it."""

import hashlib
from datetime import datetime

from conversations.model.letters.letter import Letter
from storage.schema.encryption import ACTION_DETAILS, CONSENT_EVIDENCE
from storage.schema.tables import actions, consents, notices, outbox
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.journey.river import MINISTRY, reviews_the_river
from tests.stories.lines import (
    CANCELLED,
    HELD_BACK,
    LEAVES,
    REMEMBER,
    REVIEW,
    TARGET,
    UPDATES,
)
from tests.stories.records import decrypted, read_table, vault

HEAD = (
    "This is your letter. Your details: Maria Silva, Portugal · maria@mail.example\nTo: Chief"
    " Executive, Government of Hong Kong\nSubject: Withdraw the extradition bill and protect"
    " peaceful protest\nI ask the government of Hong Kong to:\n1. withdraw the amendments to the"
    " extradition law immediately;\n2. guarantee the right to freedom of peaceful assembly;\n3."
    " allow a prompt, effective, independent and impartial investigation into the police’s use"
    " of force against protesters.\nTo the Chief Executive, Government of Hong Kong\n\nI am writing"
    " in my own name"
)
AGREEMENT = (
    "\n\nMaria Silva\nPortugal\nThe letter shows your political opinion and takes it, with your"
    " name, to a government body in Hong Kong. European data protection law does not apply there."
    " It’s sent in your name from an email address of Open Letters Hong Kong. Whoever gets"
    " your letter sees your email address and can reply to you. By pressing Send in my name"
    " you explicitly consent. You can withdraw this under /mydata. Privacy policy"
)
CHANGED = (
    "The letter or the privacy notice has changed since you read it. Here’s how it reads now."
    " Nothing has been sent yet.\n\nThis is your letter.…"
)


async def test_the_stored_consent(stage: Stage, maria: Chat) -> None:
    """The consent has the notice's version, language and hash, and the letter's hash."""
    await maria.comes_to_the_review()
    (shown,) = maria.heard()
    assert shown.startswith(HEAD)
    assert shown.endswith(AGREEMENT)
    folded = "<blockquote expandable>To the Chief Executive, Government of Hong Kong\n\n"
    assert folded in maria.last["html"]
    assert "Portugal</blockquote>\nThe letter shows your political opinion" in maria.last["html"]
    assert 'href="https://open-letters-hk.example/privacy"' in maria.last["html"]
    before = stage.clock()
    await maria.presses("Send in my name")
    (consent,) = await read_table(stage, consents)
    assert (consent["kind"], consent["scope"], consent["given"]) == ("send", "hong-kong", True)
    assert consent["language"] == "en"
    evidence = decrypted(
        stage,
        consent["encrypted_evidence"],
        CONSENT_EVIDENCE,
        row=consent["consent_id"].encode(),
    )
    assert before <= datetime.fromisoformat(evidence["at"]) <= stage.clock()
    assert consent["at"] == before.replace(hour=0, minute=0, second=0, microsecond=0)
    (notice,) = await read_table(stage, notices)
    assert consent["notice_digest"] == notice["digest"]
    assert hashlib.sha256(notice["text"].encode()).hexdigest() == notice["digest"]
    assert notice["language"] == "en"
    assert "European data protection law does not apply there" in notice["text"]
    assert "you explicitly consent." in notice["text"]

    (action,) = await read_table(stage, actions)
    details = decrypted(
        stage,
        action["encrypted_details"],
        ACTION_DETAILS,
        row=action["action"].encode(),
    )
    assert details["person"] == {
        "name": "Maria Silva",
        "country": "PT",
        "address": "maria@mail.example",
        "proved": True,
    }
    assert (details["language"], details["source"]) == ("en", "")
    (mail,) = await read_table(stage, outbox)
    assert consent["letter_digest"] and b"Maria" not in mail["encrypted_content"]


async def test_the_hash_of_what_was_sent(stage: Stage, maria: Chat) -> None:
    """With the mail and the keys, it can be verified that she agreed to this letter."""
    await maria.comes_to_the_review()
    await maria.presses("Change…", "Add my own words")
    await maria.says("My sister lives there.")
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (consent,) = await read_table(stage, consents)
    (mail,) = stage.mails_to(TARGET)
    (sender,) = mail.message["From"].addresses
    (target,) = mail.message["To"].addresses
    (reply,) = mail.message["Reply-To"].addresses
    sent = Letter(
        subject=mail.message["Subject"],
        body=mail.text.rstrip("\n"),
        language=mail.message["Content-Language"],
        target_id="chief-executive",
        target_name=target.display_name,
        target_address=target.addr_spec,
        sender_name=sender.display_name,
        sender_address="maria@mail.example",
        sender_country="PT",
        reply_name=reply.display_name,
        reply_address=reply.addr_spec,
        identity="relay",
        organisation="Open Letters Hong Kong",
    )
    assert "My sister lives there." in sent.body
    assert vault(stage).keyed_hash("letter", sent.digest).hex() == consent["letter_digest"]


async def test_cancel_at_the_review(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Cancel")
    maria.hears(f"✎ {CANCELLED}")
    assert set(maria.all_buttons) == {"Remind me later"}
    assert await read_table(stage, outbox) == []


async def test_the_letter_changes_between_review_and_send(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    stage.edits("hong-kong/en.md", "without fear.", "without fear, today.")
    await maria.presses("Send in my name")
    maria.hears(CHANGED)
    assert "gather without fear, today." in maria.last["text"]
    assert maria.buttons == REVIEW
    assert await read_table(stage, consents) == []
    await maria.presses("Send in my name")
    maria.hears(LEAVES, UPDATES, REMEMBER)
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert "gather without fear, today." in letter.text


async def test_the_notice_changes_between_review_and_send(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    stage.edits("hong-kong/en.md", "16 years.", "18 years.")
    await maria.presses("Send in my name")
    maria.hears(CHANGED)
    await maria.presses("Send in my name")
    maria.hears(LEAVES, UPDATES, REMEMBER)
    (notice,) = await read_table(stage, notices)
    assert "18 years." in notice["text"]


async def test_a_confirmed_letter_is_sent_unchanged(stage: Stage, maria: Chat) -> None:
    """A change to the campaign does not change a letter that was already confirmed."""
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    stage.edits("hong-kong/en.md", "without fear.", "without fear, today.")
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert "gather without fear.\n" in letter.text


async def test_the_target_reads_another_language(stage: Stage) -> None:
    maria = await reviews_the_river(stage)
    (shown,) = maria.heard()
    assert shown.startswith(
        "This is your letter. Your details: Maria Silva, Portugal · maria@mail.example\nTo:"
        " Ministério do Ambiente de Portugal\n"
    )
    sent, _, read = shown.partition("For you to read, not sent. Subject: ")
    assert "\nMinistério do Ambiente de Portugal\n" in sent
    assert "To the Ministry of the Environment of Portugal\n" in read
    assert "replies go to the organisation" in read
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    (letter,) = stage.mails_to(MINISTRY)
    assert "To the Ministry" not in letter.text
    assert str(letter.message["Content-Language"]) == "pt"


async def test_the_target_depends_on_the_country(stage: Stage) -> None:
    maria = await reviews_the_river(stage)
    await maria.presses("Change…", "My country", "🇧🇷 Brazil")
    assert maria.heard()[-1].startswith(
        "This is your letter. Your details: Maria Silva, Brasil · maria@mail.example\nTo:"
        " Embaixada de Portugal no Brasil\n"
    )
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    assert len(stage.mails_to("embaixada@portugal-brasil.example")) == 1
    assert stage.mails_to(MINISTRY) == []


async def test_undo_leads_back_to_the_review(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Send in my name", "Undo")
    maria.hears(
        f"✎ {HELD_BACK}",
        "Here’s your letter again, in case you want to change it.\n\nThis is your letter.…",
    )
    assert maria.buttons == REVIEW
    given = [(row["kind"], row["given"]) for row in await read_table(stage, consents)]
    assert sorted(given) == [("send", False), ("send", True)]
    await maria.presses("Send in my name")
    maria.hears(LEAVES, UPDATES, REMEMBER)
    await stage.later(seconds=31)
    assert len(stage.mails_to(TARGET)) == 1
