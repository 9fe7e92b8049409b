"""The review: the letter exactly as it will be sent, changes to it, and consent."""

import hashlib
from datetime import datetime

from conversations.model.letters.letter import Letter
from storage.schema.encryption import ACTION_DETAILS, CONSENT_EVIDENCE
from storage.schema.tables import (
    actions,
    consents,
    notices,
    outbox,
)
from tests.chat import Chat, Stage
from tests.stories.lines import (
    ADDRESS,
    CANCELLED,
    CODE,
    COUNTRY,
    HELD_BACK,
    LEAVES,
    NAME,
    REMEMBER,
    TARGET,
    UPDATES,
    WAYS_OUT,
)
from tests.stories.records import decrypted, read_table, vault

REVIEW = [["Send in my name"], ["Change…", "Cancel"]]
CHANGE = [
    ["Add my own words"],
    ["My name", "My country"],
    ["My email address"],
    ["Hide my email address"],
    ["Back"],
]
ADD = (
    "What would you like to add? One or two sentences, up to 500 characters, no links. They"
    " become part of the letter.\n\nPlease don’t mention other people, or anything that shows who"
    " they are."
)
A_PERSON = "\n\nIf you’d like a person to help, write to {}."
"""Added from the second answer in a row that leads nowhere."""

HELP = A_PERSON.format("people@open-letters-hk.example")
RIVER_HELP = A_PERSON.format("gente@amigos-do-amieiro.example")
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
    " It’s sent in your name from an email address of Open Letters Hong Kong. The recipient sees"
    " your email address and can reply to you. By pressing Send in my name you explicitly"
    " consent. You can withdraw this under /mydata. Privacy policy"
)
CHANGED = (
    "The letter or the privacy notice has changed since you read it. Here’s how it reads now."
    " Nothing has been sent yet.\n\nThis is your letter.…"
)
MINISTRY = "gabinete@ministerio-ambiente.example"
RIVER_REVIEW = [["Send in my name"], ["Change…", "Cancel"]]


def unnumbered(question: str) -> str:
    """Return the question as it is asked alone: what is changed has no number."""
    return question.partition(" · ")[2]


async def opens_the_river(stage: Stage) -> Chat:
    stage.opens("river")
    maria = stage.person("Maria", "Silva")
    await maria.comes_to_the_review("river")
    return maria


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


async def test_a_sentence_of_her_own(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Change…", "Add my own words")
    maria.hears(ADD)
    assert maria.all_buttons == WAYS_OUT
    for typed, problem, person in (
        (
            "See www.evil.example",
            "Please leave out links and addresses: they can make a letter look like spam. This"
            " looks like one: www.evil.example",
            "",
        ),
        ("W" * 501, "That’s too long. Please keep it to 500 characters.", HELP),
        ("\u200b", "I didn’t see any words there.", HELP),
    ):
        await maria.says(typed)
        maria.hears(f"{problem}\n\n{ADD}{person}")
    await maria.says("My sister lives there.\nI fear for her.")
    (shown,) = maria.heard()
    assert (
        "leaves that fear in place.\n\nMy sister lives there. I fear for her.\n\nI ask the" in shown
    )
    assert maria.buttons == [["Send in my name"], ["Change…", "Cancel"]]

    await maria.presses("Change…", "Change my words")
    maria.hears(f"{ADD}\n\nYour words so far: My sister lives there. I fear for her.")
    assert maria.all_buttons == ["Remove my words", *WAYS_OUT]
    await maria.presses("Remove my words")
    (shown,) = maria.heard()
    assert "My sister" not in shown
    assert maria.buttons == REVIEW
    await maria.presses("Change…", "Add my own words")
    await maria.says("I fear for my sister.")
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert "\n\nI fear for my sister.\n\nI ask the government" in letter.text


async def test_back_from_her_own_sentence(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Change…", "Add my own words", "Back")
    maria.hears("✎ This is your letter.…")
    assert maria.buttons == REVIEW


async def test_a_letter_that_cannot_be_changed(stage: Stage, maria: Chat) -> None:
    stage.edits("hong-kong/campaign.toml", 'edits = "add"', 'edits = "none"')
    await maria.comes_to_the_review()
    assert maria.buttons == [["Send in my name"], ["Change…", "Cancel"]]
    await maria.presses("Change…")
    assert maria.buttons == CHANGE[1:]


async def test_each_answer_can_be_changed(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Change…")
    maria.hears()
    assert maria.buttons == CHANGE
    await maria.says("my name")
    maria.hears("Your letter is above. Tap what you’d like to change, or “Back”.")
    await maria.presses("Back")
    maria.hears()
    assert maria.buttons == REVIEW

    await maria.presses("Change…", "My name")
    maria.hears(unnumbered(NAME))
    assert maria.all_buttons == ["Use “Maria Silva”", *WAYS_OUT]
    await maria.says("Maria da Silva")
    (shown,) = maria.heard()
    assert "Your details: Maria da Silva, Portugal · maria@mail.example\n" in shown
    assert "Respectfully,\n\nMaria da Silva\nPortugal" in shown

    await maria.presses("Change…", "My country")
    maria.hears(unnumbered(COUNTRY))
    await maria.presses("🇧🇷 Brazil")
    (shown,) = maria.heard()
    assert "Your details: Maria da Silva, Brazil · maria@mail.example\n" in shown

    await maria.presses("Change…", "My email address")
    maria.hears(unnumbered(ADDRESS))
    await maria.says("silva@mail.example")
    maria.hears(unnumbered(CODE).replace("maria@", "silva@"))
    await maria.types_the_code()
    maria.hears("This is your letter.…")
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert str(letter.message["Reply-To"]) == "Maria da Silva <silva@mail.example>"
    assert letter.text.endswith("Respectfully,\n\nMaria da Silva\nBrazil\n")


async def test_a_change_is_abandoned(stage: Stage, maria: Chat) -> None:
    """Back returns to the list of changes, and a proved address stays proved."""
    await maria.comes_to_the_review()
    for choice in ("My name", "My country", "My email address"):
        await maria.presses("Change…", choice, "Back")
        assert maria.buttons == CHANGE
        await maria.presses("Back")
        assert maria.buttons == REVIEW
    await maria.presses("Change…", "My email address", "Use “maria@mail.example”")
    maria.hears("✎ Your email address: maria@mail.example", "This is your letter.…")


async def test_a_change_to_a_country_at_risk(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Change…", "My country")
    await maria.says("Hong Kong")
    maria.hears("Hong Kong.\n\nPlease read this first.…")
    await maria.presses("Continue")
    (shown,) = maria.heard()
    assert "Your details: Maria Silva, Hong Kong · maria@mail.example\n" in shown


async def test_cancel_at_the_review(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Cancel")
    maria.hears(f"✎ {CANCELLED}")
    assert set(maria.all_buttons) == {"Remind me later"}
    assert await read_table(stage, outbox) == []


async def test_a_choice_of_subjects(stage: Stage, maria: Chat) -> None:
    stage.edits(
        "hong-kong/en.md",
        "# Letter\n",
        "# Subject 2\n\nNo extradition to the mainland\n\n# Letter\n",
    )
    await maria.comes_to_the_review()
    await maria.presses("Change…")
    assert maria.buttons == [
        ["Add my own words"],
        ["My name", "My country"],
        ["My email address", "Subject line"],
        ["Hide my email address"],
        ["Back"],
    ]
    await maria.presses("Subject line")
    maria.hears(
        "Which subject? Tap its number.\n\n1. Withdraw the extradition bill and protect peaceful"
        " protest\n2. No extradition to the mainland"
    )
    assert maria.buttons == [["1", "2"], WAYS_OUT]
    await maria.says("the second")
    maria.hears("Please tap one of these.\n\nWhich subject?…")
    await maria.presses("Back")
    assert maria.buttons[-1] == ["Back"]
    await maria.presses("Subject line", "2")
    (shown,) = maria.heard()
    assert "\nSubject: No extradition to the mainland\n" in shown
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert str(letter.message["Subject"]) == "No extradition to the mainland"


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
    maria = await opens_the_river(stage)
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
    maria = await opens_the_river(stage)
    await maria.presses("Change…", "My country", "🇧🇷 Brazil")
    assert maria.heard()[-1].startswith(
        "This is your letter. Your details: Maria Silva, Brasil · maria@mail.example\nTo:"
        " Embaixada de Portugal no Brasil\n"
    )
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    assert len(stage.mails_to("embaixada@portugal-brasil.example")) == 1
    assert stage.mails_to(MINISTRY) == []


async def test_the_letter_in_her_own_words(stage: Stage) -> None:
    maria = await opens_the_river(stage)
    assert maria.buttons == RIVER_REVIEW
    await maria.presses("Change…", "Rewrite it myself")
    block, asked = maria.heard()
    assert "Amieiro" in block
    assert "descarregue" not in block
    assert asked == (
        "Tap the letter to copy it, edit it, and send it back to me. The demands will be added"
        " below it, unchanged.\n\nPlease don’t mention other people, or anything that shows who"
        " they are."
    )
    assert "<pre>" in maria.person.chat()[-2]["html"]
    assert maria.all_buttons == WAYS_OUT
    await maria.says("Look at https://river.example")
    maria.hears(
        "Please leave out links and addresses: they can make a letter look like spam. This looks"
        f" like one: https://river.example\n\n{asked}"
    )
    await maria.says("W" * 3001)
    maria.hears(f"That’s too long. Please keep it to 3,000 characters.\n\n{asked}{RIVER_HELP}")
    await maria.says("Senhor Ministro,\n\ndeixe correr o rio.\n\nMaria")
    (shown,) = maria.heard()
    assert "Senhor Ministro,\n\ndeixe correr o rio.\n\nMaria\n\n" in shown
    assert "For you to read, not sent" not in shown
    await maria.presses("Change…", "Rewrite it myself")
    assert maria.heard()[0] == "Senhor Ministro,\n\ndeixe correr o rio.\n\nMaria"
    assert maria.all_buttons == ["Restore the original", *WAYS_OUT]
    await maria.presses("Restore the original")
    (shown,) = maria.heard()
    assert "For you to read, not sent" in shown
    await maria.presses("Change…", "Rewrite it myself", "Back")
    assert maria.buttons == RIVER_REVIEW


async def test_a_subject_of_her_own(stage: Stage) -> None:
    maria = await opens_the_river(stage)
    await maria.presses("Change…", "Subject line")
    (asked,) = maria.heard()
    assert asked.startswith("What should the subject be? Type one line.\n\n1. ")
    await maria.says("www.river.example")
    maria.hears(
        f"Please leave out links and addresses. This looks like one: www.river.example\n\n{asked}"
    )
    await maria.says("W" * 101)
    maria.hears(f"A subject can have up to 100 characters.\n\n{asked}{RIVER_HELP}")
    await maria.presses("2")
    (shown,) = maria.heard()
    assert asked.endswith("or anything that shows who they are.")
    chosen = asked.splitlines()[-3].removeprefix("2. ")
    assert f"\nSubject: {chosen}\n" in shown
    assert "For you to read, not sent. Subject: Please let the river Amieiro flow again\n" in shown
    await maria.presses("Change…", "Subject line")
    await maria.says("Água para o Amieiro")
    (shown,) = maria.heard()
    assert "\nSubject: Água para o Amieiro\n" in shown
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    (letter,) = stage.mails_to(MINISTRY)
    assert str(letter.message["Subject"]) == "Água para o Amieiro"
    assert str(letter.message["Reply-To"]).startswith("Amigos do Amieiro <")


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
