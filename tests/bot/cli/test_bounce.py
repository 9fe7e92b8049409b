"""`actionbot bounce`: our mail server hands over what came for the bot's domain."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import update

from bot.mail.messages.envelopes import AddressPurpose, Envelopes
from bot.playground.telegram import Person
from storage.schema.tables import codes, disowned_addresses, outbox
from tests import returned
from tests.bot.mail.postoffice import open_post_office
from tests.bot.organisation import (
    Organisation,
    Outcome,
    hears,
    presses,
    walks_to_the_end,
    walks_to_the_review,
)
from tests.databases import opened
from tests.ports import free_port
from tests.vaults import vault_of

ADDRESS = "wilhelmina@mailbox.example"
MAIL = b"From: ann@mailbox.example\r\nTo: actions@send.example\r\nSubject: x\r\n\r\nPsst!\r\n"
LATER, NO_USER = 75, 67


async def test_who_answers_a_codes_mail_holds_the_letter_back(
    organisation: Organisation, database_url: str
) -> None:
    organisation.sets(database={"url": database_url})
    campaign = organisation.folder / "campaigns" / "hong-kong" / "campaign.toml"
    text = campaign.read_text("utf-8").replace("undo_seconds = 0", "undo_seconds = 99")
    campaign.write_text(text, "utf-8")
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run"):
        await walks_to_the_review(person, organisation, ADDRESS)
        await presses(person, "Send in my name")
        await hears(person, "Your letter will be sent in 99 seconds.")
        (mail,) = organisation.inbox.mails
        outcome = await organisation.types("bounce", piped=mail.reply("Psst! This wasn’t me."))
        assert outcome == Outcome(0, "", "")
        await hears(person, "Your letter was cancelled. Nothing was sent.")


async def test_who_answers_three_weeks_later_disowns_the_address(
    organisation: Organisation, database_url: str
) -> None:
    organisation.sets(database={"url": database_url})
    async with organisation.running("run"):
        person = organisation.telegram.add_person(771_177, "Wilhelmina")
        await walks_to_the_review(person, organisation, ADDRESS)
    (mail,) = organisation.inbox.mails
    async with opened(database_url) as database:
        await database.transact(lambda c: c.execute(codes.delete()))  # as after two days
    assert await organisation.types("bounce", mail.sender, piped=MAIL) == Outcome(0, "", "")
    async with opened(database_url) as database:
        assert await database.read(lambda c: c.execute(disowned_addresses.select()).all()) == []
    outcome = await organisation.types(
        "bounce", piped=mail.reply("I was away. I never asked for this.")
    )
    assert outcome == Outcome(0, "", "")
    async with organisation.running("run"):
        await presses(person, "Send in my name")
        await hears(person, "The owner of that address told us it wasn’t them")


async def test_the_recipient_of_the_envelope_suffices(
    organisation: Organisation, database_url: str
) -> None:
    organisation.sets(database={"url": database_url})
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run"):
        await walks_to_the_review(person, organisation, ADDRESS)
        (mail,) = organisation.inbox.mails
        words = ("bounce", mail.sender)
        assert (await organisation.types(*words, piped=MAIL)).status == NO_USER, "it is unclear"
        denial = MAIL.replace(b"Psst!", b"This was not me.")
        assert await organisation.types(*words, piped=denial) == Outcome(0, "", "")
        await presses(person, "Send in my name")
        await hears(person, "The owner of that address told us it wasn’t them")


@pytest.mark.parametrize(
    ("mail", "recipients"),
    [
        (MAIL, ()),
        (MAIL, ("actions@send.example", "--evil@send.example", "c-x@send.example")),
        (b"", ()),
        (b"\xff\x00" * 2_000_000, ()),
    ],
    ids=["to the organisation", "to nobody", "empty", "huge"],
)
async def test_what_is_nothing_of_ours_is_read_and_forgotten(
    organisation: Organisation, database_url: str, mail: bytes, recipients: tuple[str, ...]
) -> None:
    organisation.sets(database={"url": database_url})
    vault_of(organisation.folder / "actionbot.keys")
    assert await organisation.types("bounce", *recipients, piped=mail) == Outcome(0, "", "")


async def test_who_answers_where_nobody_reads_is_told(organisation: Organisation) -> None:
    await organisation.types("migrate")
    nobody = Envelopes(vault_of(organisation.folder / "actionbot.keys"), "send.example").address(
        AddressPurpose.FORWARD, "f" * 32
    )
    outcome = await organisation.types("bounce", nobody, piped=MAIL, real=True)
    said = "Nobody reads this address. Please reply to the person who wrote to you.\n"
    assert outcome == Outcome(67, "", said)


# --- what comes back ----------------------------------------------------------------------------


async def comes_to_the_code(organisation: Organisation, person: Person) -> str:
    """Walk until a code was mailed; return the address of ours that its report comes to."""
    person.start("hong-kong")
    await presses(person, "Write the letter")
    await presses(person, "Continue")
    await hears(person, "What’s your name?")
    person.send("Wilhelmina")
    await hears(person, "Which country")
    person.send("Portugal")
    await hears(person, "What’s your email address?")
    person.send(ADDRESS)
    (mail,) = await organisation.inbox.until(lambda mails: len(mails) == 1)
    await hears(person, "Type the code here.")
    return mail.sender


async def test_a_code_that_comes_back_through_the_pipe(
    organisation: Organisation, database_url: str
) -> None:
    organisation.sets(database={"url": database_url})
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run"):
        sender = await comes_to_the_code(organisation, person)
        for _ in "twice":
            outcome = await organisation.types("bounce", piped=returned.postfix(sender, ADDRESS))
            assert outcome == Outcome(0, "", "")
        await hears(person, f"The code I emailed to {ADDRESS} came back.")
        await presses(person, "Change my address")
        await hears(person, "What’s your email address?")


async def test_a_code_that_comes_back_to_a_mailbox(
    organisation: Organisation, database_url: str
) -> None:
    lunch = b"To: actions@send.example\r\n\r\nLunch?"
    async with open_post_office() as office:
        organisation.sets(database={"url": database_url}, mail={"imap": office.url})
        person = organisation.telegram.add_person(771_177, "Wilhelmina")
        async with organisation.running("run"):
            sender = await comes_to_the_code(organisation, person)
        office.puts(lunch, returned.exim(sender, ADDRESS))
        async with organisation.running("run") as running:
            await hears(person, f"The code I emailed to {ADDRESS} came back.")
            await running.ends()
    assert office.mails == {1: lunch}
    assert not {"hunter2", ADDRESS} & set("".join(running.log).split())


async def test_what_comes_back_too_early_is_to_be_handed_over_again(
    organisation: Organisation, database_url: str
) -> None:
    organisation.sets(database={"url": database_url})
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run"):
        await walks_to_the_end(person, organisation, ADDRESS)
    (letter,) = [mail for mail in organisation.inbox.mails if mail.sender.startswith("a-")]
    report = returned.exchange(letter.sender, letter.recipients[0])
    state = update(outbox).where(outbox.c.kind == "letter")
    async with opened(database_url) as database:
        await database.transact(
            lambda c: c.execute(state.values(state="sending", transmitting=True))
        )
    postponed(
        await organisation.types("bounce", piped=report), "✗ Temporarily unavailable: StillSending."
    )
    async with opened(database_url) as database:
        await database.transact(
            lambda c: c.execute(state.values(state="accepted", transmitting=False))
        )
    outcome = await organisation.types("bounce", piped=report)
    assert (outcome.status, outcome.out) == (0, "")
    async with organisation.running("run"):
        await hears(person, "Your letter came back: the mail server doesn’t know that mailbox.")


# --- not at this moment -------------------------------------------------------------------------


def postponed(outcome: Outcome, *lines: str) -> None:
    """Assert that the mail is to be handed over again, and that nothing else is said."""
    assert (outcome.status, outcome.out) == (LATER, "")
    assert outcome.err.splitlines() == list(lines)


async def test_settings_that_cannot_be_read_are_temporary(organisation: Organisation) -> None:
    organisation.file.unlink()
    postponed(
        await organisation.types("bounce", piped=MAIL),
        "✗ actionbot.toml: There is no such file.",
        "  → Fix ACTIONBOT_CONFIG, or run: actionbot init",
    )


async def test_nothing_is_made(organisation: Organisation) -> None:
    postponed(
        await organisation.types("bounce", piped=MAIL),
        "✗ There is no database yet.",
        "  → The bot creates it when it starts.",
    )
    assert not (organisation.folder / "actionbot.db").exists()
    await organisation.types("migrate")
    key_file = organisation.folder / "actionbot.keys"
    postponed(
        await organisation.types("bounce", piped=MAIL),
        f"✗ There is no {key_file}.",
        "  → Fix the path.",
    )
    assert not key_file.exists()


async def test_a_database_that_is_not_there_is_temporary(organisation: Organisation) -> None:
    port = free_port()
    url = f"postgresql://ann:hunter2-hunter2@127.0.0.1:{port}/bot"
    organisation.sets(database={"url": url})
    postponed(
        await organisation.types("bounce", piped=MAIL),
        f"✗ database.url: Can't open the database. Nothing listens at 127.0.0.1:{port}.",
        "  → Start the server, or fix host and port.",
    )


async def test_a_database_that_somebody_holds_is_temporary(organisation: Organisation) -> None:
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run") as running:
        await walks_to_the_review(person, organisation, ADDRESS)
        assert await running.ends() == 0
    (mail,) = organisation.inbox.mails
    answer = mail.reply("This was not me.")
    database = organisation.folder / "actionbot.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        postponed(
            await organisation.types("bounce", piped=answer),
            "✗ Temporarily unavailable: OperationalError.",
        )
    assert await organisation.types("bounce", piped=answer) == Outcome(0, "", "")


async def test_what_nobody_foresaw_is_temporary(organisation: Organisation) -> None:
    await organisation.types("migrate")
    (organisation.folder / "actionbot.keys").mkdir(mode=0o700)
    outcome = await organisation.types("bounce", piped=MAIL)
    assert (outcome.status, outcome.out) == (LATER, "")
    assert "Traceback" not in outcome.err
