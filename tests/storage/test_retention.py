"""What is kept, for how long, and what is erased then, on both engines."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, select, update

from conversations.core.effects import Effect
from conversations.core.effects.admin import BlockSender
from conversations.core.effects.journey import (
    ChooseLanguage,
    ErasePerson,
    ForgetDetails,
    KeepSubscriptions,
    SaveDetails,
    Subscribe,
    UnsubscribeAll,
)
from conversations.core.effects.letters import EraseLetter, Withdraw
from storage.chats import chats
from storage.crypto.person_keys import PersonKeys
from storage.mail.address_keys import AddressKeys
from storage.mail.proof import codes
from storage.retention import purge
from storage.retention.page import PAGE, page
from storage.retention.purge import Due
from storage.retention.rule import Moment, words
from storage.retention.rules import RULES
from storage.schema import tables as t
from storage.schema.tables import metadata
from tests.storage.people import AHMED, MARIA, after, code, sends
from tests.storage.post import Post


def test_every_table_has_an_entry() -> None:
    assert {rule.table.name for rule in RULES} == {table.name for table in metadata.sorted_tables}


def test_the_page_says_what_the_rules_say() -> None:
    hint = "write it again: .venv/bin/python -m storage.retention.page"
    assert PAGE.read_text(encoding="utf-8") == page(), hint


def test_every_entry_says_for_how_long_and_why() -> None:
    assert [rule.what for rule in RULES if not rule.term() or "{}" in rule.term()] == []
    assert [rule.what for rule in RULES if not rule.why.endswith(".")] == []
    names_nobody = "names nobody"
    without_end = [rule for rule in RULES if rule.due is None and names_nobody not in rule.why]
    assert {rule.table.name for rule in without_end} <= {
        "authority",
        "campaign_versions",
        "digests",
    }


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (timedelta(hours=24), "24 hours"),
        (timedelta(days=2), "48 hours"),
        (timedelta(days=28), "28 days"),
        (timedelta(days=365), "12 months"),
        (timedelta(days=730), "24 months"),
    ],
)
def test_periods_in_words(period: timedelta, said: str) -> None:
    assert words(period) == said


async def purged(post: Post, now: datetime) -> dict[str, int]:
    return await post.database.transact(lambda c: purge.purge(c, post.vault, now=now))


async def previewed(post: Post, now: datetime) -> list[Due]:
    due = await post.database.read(lambda c: purge.preview(c, post.vault, now=now))
    return [each for each in due if each.count]


async def count(post: Post, table: str) -> int:
    query = select(metadata.tables[table])
    return len(await post.database.read(lambda c: c.execute(query).all()))


async def test_a_chat_that_only_chose_a_language_is_deleted_after_30_days(post: Post) -> None:
    await post.act(MARIA, ChooseLanguage("en"))
    await purged(post, after(days=30))
    assert await count(post, "chats") == 1
    await purged(post, after(days=31))
    assert await count(post, "chats") == 0


async def saved(post: Post) -> bool:
    key = PersonKeys(post.vault, MARIA)
    chat = await post.database.read(lambda c: chats.find(c, post.vault, key))
    return chat is not None and chat.encrypted_details is not None


async def ask(post: Post, now: datetime) -> None:
    for table in (t.chats, t.subscriptions):
        await post.database.transact(lambda c: c.execute(update(table).values(asked=now)))  # noqa: B023 - runs at once


async def test_details_are_deleted_12_months_after_their_last_use(post: Post) -> None:
    await post.act(MARIA, sends(), SaveDetails("1" * 32, "en"))
    await purged(post, after(days=700))
    assert await saved(post), "nobody was asked"
    await ask(post, after(days=700))
    await purged(post, after(days=729))
    assert await saved(post)
    await post.act(MARIA, now=after(days=729))
    await purged(post, after(days=800))
    assert await saved(post), "they were used since"
    await ask(post, after(days=1070))
    await purged(post, after(days=1101))
    assert not await saved(post)


async def test_details_of_a_person_who_blocked_the_bot_are_deleted_unasked(post: Post) -> None:
    await post.act(MARIA, sends(), SaveDetails("1" * 32, "en"))
    await post.database.transact(lambda c: c.execute(update(t.chats).values(blocked=True)))
    await purged(post, after(days=365))
    assert await saved(post)
    await purged(post, after(days=366))
    assert not await saved(post)


async def test_subscriptions_are_deleted_12_months_after_they_were_confirmed(post: Post) -> None:
    await post.act(MARIA, Subscribe("river", True, "en"))
    await post.act(AHMED, Subscribe("river", True, "en"))
    await ask(post, after(days=336))
    await post.act(AHMED, Subscribe("river", True, "en"), now=after(days=340))
    await purged(post, after(days=365))
    assert await count(post, "subscriptions") == 2
    await purged(post, after(days=367))
    assert await count(post, "subscriptions") == 1


async def test_choices_are_evidence_while_what_they_allow_goes_on(post: Post) -> None:
    await post.act(MARIA, Subscribe("river", True, "en"))
    await post.act(AHMED, Subscribe("river", True, "en"))
    await post.act(AHMED, UnsubscribeAll("en"), now=after(days=100))
    await purged(post, after(days=366))
    assert await count(post, "consents") == 2, "Maria's yes, and Ahmed's no"
    await purged(post, after(days=466))
    assert await count(post, "consents") == 1


@pytest.mark.parametrize("effect", [Withdraw("1" * 32), EraseLetter("1" * 32)])
async def test_a_consent_is_checked_again_once_its_letter_is_gone(
    post: Post, effect: Effect
) -> None:
    """While the letter is stored, the purge does not read its consent again."""
    await post.act(MARIA, sends())
    await purged(post, after(days=40))
    unchecked = select(t.consents.c.unchecked)
    assert await post.database.read(lambda c: c.execute(unchecked).scalars().all()) == [False]
    await post.act(MARIA, effect, now=after(days=41))
    await purged(post, after(days=42))
    assert await count(post, "consents") == 1, "the refusal"


async def test_a_choice_is_checked_again_once_what_it_allows_has_ended(post: Post) -> None:
    await post.act(MARIA, Subscribe("river", True, "en"))
    keep = KeepSubscriptions()
    await post.act(MARIA, keep, now=after(days=360))
    await purged(post, after(days=400))
    assert await count(post, "consents") == 1
    await post.act(MARIA, UnsubscribeAll("en"), now=after(days=401))
    await purged(post, after(days=402))
    assert await count(post, "consents") == 1, "the refusal"


async def test_a_refusal_to_save_details_is_deleted_after_a_year(post: Post) -> None:
    await post.act(MARIA, ForgetDetails("en"))
    await purged(post, after(days=365))
    assert await count(post, "consents") == 1
    await purged(post, after(days=366))
    assert await count(post, "consents") == 0


async def test_a_notice_is_deleted_with_the_last_consent_to_it(post: Post) -> None:
    await post.act(MARIA, sends())
    await purged(post, after(days=60))
    assert await count(post, "notices") == 1
    await post.act(MARIA, ErasePerson(), now=after(days=60))
    await purged(post, after(days=60))
    assert await count(post, "notices") == 0


async def test_a_disowned_address_is_free_again_after_a_year(post: Post) -> None:
    await post.database.transact(
        lambda c: codes.disown_address(
            c, post.vault, AddressKeys.of(post.vault, "a@mail.example"), after()
        )
    )
    await purged(post, after(days=365))
    assert await count(post, "disowned_addresses") == 1
    await purged(post, after(days=366))
    assert await count(post, "disowned_addresses") == 0


async def test_a_block_ends_after_two_years(post: Post) -> None:
    person = PersonKeys(post.vault, AHMED).limits.hex()
    await post.act(MARIA, BlockSender(person, "5" * 32, "river"))
    await purged(post, after(days=730))
    assert await count(post, "blocked_senders") == 1
    await purged(post, after(days=731))
    assert await count(post, "blocked_senders") == 0


async def test_a_preview_names_what_is_due_and_changes_nothing(post: Post) -> None:
    await post.act(MARIA, code())
    await post.act(AHMED, code(), now=after(hours=1))
    due = await previewed(post, after(days=3))
    assert [(each.table, each.count, each.oldest) for each in due] == [
        ("chats", 2, "2019-06-21"),
        ("outbox", 2, "2019-06-21"),
        ("chats", 2, "2019-06-21"),
        ("codes", 2, "2019-06-21"),
    ]
    assert await count(post, "codes") == 2
    assert {each.table for each in due} == set(await purged(post, after(days=3)))
    assert await previewed(post, after(days=3)) == []


async def test_many_rows_are_erased_in_slices(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "SLICE_SIZE", 2)
    for number in range(5):
        await post.act(2000 + number, code(address=f"p{number}@mail.example"))
        await post.act(2000 + number, Subscribe("river", True, "en"), Subscribe("*", True, "en"))
    await ask(post, after(days=336))
    assert (await purged(post, after(days=400)))["codes"] == 5
    assert (await count(post, "subscriptions"), await count(post, "chats")) == (0, 0)


async def test_the_oldest_rows_are_erased_first(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL would read the whole table for a few rows in any order."""
    monkeypatch.setattr(purge, "SLICE_SIZE", 1)
    days = {f"p{day}@mail.example": after(days=day) for day in (2, 0, 1)}
    for address, at in days.items():
        disown = partial(codes.disown_address, address=AddressKeys.of(post.vault, address), now=at)
        await post.database.transact(partial(disown, vault=post.vault))
    (rule,) = (rule for rule in RULES if rule.table is t.disowned_addresses)

    def erase(connection: Connection) -> datetime:
        at = Moment(connection, post.vault, after(days=400))
        keys = purge.due_keys(at, rule)
        mine = t.disowned_addresses.c.address_key == keys[0][0]
        query = select(t.disowned_addresses.c.at).where(mine)
        found: datetime = connection.execute(query).scalar_one()
        purge.purge_slice(at, rule, keys)
        return found

    erased = [await post.database.transact(erase) for _ in days]
    assert erased == sorted(erased) and len(set(erased)) == 3
