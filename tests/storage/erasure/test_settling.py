"""Settling, on both engines: what is left of a letter some days after it was sent."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, select

from conversations.core.effects.journey import ErasePerson
from conversations.core.effects.letters import EraseLetter, RecordAction, Withdraw
from conversations.model.letters.delivery import DeliveryEvent, LetterState
from conversations.model.letters.server_reply import ReplyMeaning, ServerReply
from storage.crypto import archive
from storage.crypto.archive import ArchiveRecord
from storage.erasure import settling
from storage.mail import forwards, returned_mail
from storage.mail.delivery.content import Forward
from storage.mail.forwards import IncomingReply
from storage.mail.letters.actions import DuplicateAction
from storage.retention import purge
from storage.schema.encryption import CONSENT_EVIDENCE
from storage.schema.tables import actions, consents, counters, outbox, tallies
from storage.stats import recount
from storage.stats import tallies as figures
from tests.storage.people import AHMED, MARIA, NOW, after, known, sends
from tests.storage.post import Post
from tests.storage.sqlite_steps import steps

MIDNIGHT = datetime(2019, 6, 22, tzinfo=NOW.tzinfo)


async def settle(post: Post, now: datetime) -> int:
    due = await post.database.read(partial(settling.find_due, now=now))
    work = partial(settling.settle, vault=post.vault, wanted=due, now=now)
    return await post.database.transact(work)


async def accepted(post: Post, chat: int = MARIA, **changes: Any) -> RecordAction:
    """Let a supporter's letter be accepted at once."""
    address = f"p{chat}@mail.example"
    effect = replace(sends(f"{chat:032}", address=address, undo_seconds=0), **changes)
    await post.act(chat, effect)
    (claimed,) = await post.claim(NOW)
    await post.begin(claimed, NOW)
    await post.finish(claimed, DeliveryEvent.TAKEN, after(seconds=1))
    return effect


async def rows(post: Post, table: Any) -> list[dict[str, Any]]:
    found = await post.database.read(lambda c: c.execute(table.select()).all())
    return [dict(row._mapping) for row in found]


async def differences(post: Post) -> Any:
    return (await post.database.read(partial(recount.recount, vault=post.vault)))[1]


async def test_only_the_fact_stays_of_a_settled_letter(post: Post) -> None:
    await accepted(post)
    (before,), (mail_before,) = await rows(post, actions), await rows(post, outbox)
    assert await settle(post, MIDNIGHT + timedelta(days=5, hours=23)) == 0
    assert await settle(post, MIDNIGHT + timedelta(days=6)) == 1
    assert await settle(post, MIDNIGHT + timedelta(days=6)) == 0
    (row,), (mail,) = await rows(post, actions), await rows(post, outbox)
    day = NOW.replace(hour=0, minute=0)
    kept = {name: value for name, value in row.items() if value not in (None, "", False, 0)}
    assert row["action"] != before["action"]
    assert kept == {
        "action": row["action"],
        "campaign": "river",
        "person_key": before["person_key"],
        "address_key": before["address_key"],
        "person_target_key": before["person_target_key"],
        "address_target_key": before["address_target_key"],
        "round": 1,
        "leads": True,
        "copy_state": "none",
        "keep_until": before["keep_until"],
        "final_state": "accepted",
        "at": day,
    }
    kept = {name: value for name, value in mail.items() if value not in (None, "", False, 0, b"")}
    assert kept == {
        "mail": mail_before["mail"],
        "kind": "letter",
        "campaign": "river",
        "lane": "river",
        "recipient_key": mail_before["recipient_key"],
        "state": "accepted",
        "settled": True,
        **dict.fromkeys(("due", "not_before", "expires", "queued", "changed"), day),
    }
    (consent,) = await rows(post, consents)
    place = consent["consent_id"].encode()
    saved = post.vault.decrypt(consent["encrypted_evidence"], CONSENT_EVIDENCE, row=place)
    evidence = orjson.loads(saved)
    assert (evidence["letter_digest"], evidence["language"], evidence["at"]) == (
        None,
        "",
        day.isoformat(),
    )


async def test_many_letters_are_found_in_parts(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "MAX_FOUND", 3)
    for chat in range(100, 110):
        await accepted(post, chat)
    found = []
    while settled := await settle(post, after(days=8)):
        found.append(settled)
    assert (sum(found), max(found)) == (10, 3)
    assert await differences(post) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_search_costs_no_more_the_more_letters_are_due(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "MAX_FOUND", 10)
    search, cost = partial(settling.find_due, now=after(days=8)), list[int]()
    for chats in (range(100, 120), range(120, 180)):
        for chat in chats:
            await accepted(post, chat)
        many = [await post.database.read(partial(steps, work=search)) for _ in range(9)]
        cost.append(max(many))
    assert cost[1] <= 1.1 * cost[0] + 1


async def test_figures_stay_when_letters_are_settled_erased_and_bounce(post: Post) -> None:
    await accepted(post, MARIA)
    await accepted(post, AHMED)
    figures = select(tallies.c.figure, tallies.c.day, tallies.c.value, tallies.c.count)
    count = partial(lambda c: set(c.execute(figures).all()))
    before = await post.database.read(count)
    assert await settle(post, after(days=8)) == 2
    assert await post.database.read(count) == before
    assert await differences(post) == []
    await post.act(MARIA, ErasePerson())
    assert await post.database.read(count) == before
    assert await differences(post) == []
    for mail in await rows(post, outbox):
        reply = ServerReply(550, "5.1.1", ReplyMeaning.MAILBOX)
        bounce = partial(
            returned_mail.record_bounce, vault=post.vault, mail=mail["mail"], reply=reply
        )
        for _ in "twice":  # disputed: it comes too late to count
            assert not await post.database.transact(partial(bounce, now=after(days=9)))
    assert await post.database.read(count) == before
    disputed = select(counters.c.disputed)
    assert await post.database.read(lambda c: c.execute(disputed).scalar_one()) == 2
    assert await differences(post) == []
    await post.database.transact(partial(purge.purge, vault=post.vault, now=after(days=2000)))
    assert await rows(post, actions) == await rows(post, outbox) == []
    assert await differences(post) == []


async def test_a_crash_while_settling_changes_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accepted(post)
    before = [await rows(post, table) for table in (actions, outbox, tallies, consents)]

    def fails(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(figures, "add", fails)
        with pytest.raises(RuntimeError):
            await settle(post, after(days=8))
    assert [await rows(post, table) for table in (actions, outbox, tallies, consents)] == before
    assert await settle(post, after(days=8)) == 1
    assert await differences(post) == []


async def test_nobody_writes_twice_after_settling(post: Post) -> None:
    effect = await accepted(post)
    await settle(post, after(days=8))
    told = await post.database.transact(lambda c: known(c, post.vault, MARIA))
    acted = told.acted["river"]
    assert (acted.state, acted.details, acted.at) == (
        LetterState.ACCEPTED,
        None,
        NOW.replace(hour=0, minute=0),
    )
    again = replace(effect, action="a" * 32, message_token="b" * 32)
    with pytest.raises(DuplicateAction):
        await post.act(MARIA, again)
    with pytest.raises(DuplicateAction):  # somebody else, with the same address
        await post.act(AHMED, again)


async def test_a_settled_letter_that_reached_nobody_can_be_written_again(post: Post) -> None:
    effect = sends("1" * 32, undo_seconds=0)
    await post.act(MARIA, effect)
    (claimed,) = await post.claim(NOW)
    await post.finish(claimed, DeliveryEvent.REFUSED, after(seconds=1))
    await settle(post, after(days=8))
    told = await post.database.transact(lambda c: known(c, post.vault, MARIA))
    settled = told.acted["river"]
    assert settled.state is LetterState.FAILED
    again = replace(effect, action="2" * 32, message_token="c" * 32)
    await post.act(MARIA, Withdraw(settled.action), again, now=after(days=9))
    ever = select(tallies.c.count).where(tallies.c.day == "", tallies.c.value == "sent")
    assert await post.database.read(lambda c: c.execute(ever).scalar_one()) == 2
    assert await differences(post) == []


async def test_waiting_and_uncertain_letters_are_not_settled(post: Post) -> None:
    await post.act(MARIA, sends("1" * 32, undo_seconds=0))
    assert await settle(post, after(days=99)) == 0
    (claimed,) = await post.claim(NOW)
    await post.begin(claimed, NOW)
    assert await settle(post, after(days=99)) == 0
    await post.finish(claimed, DeliveryEvent.BROKEN_OFF, NOW, NOW)
    assert await settle(post, after(days=99)) == 0  # it is sent once more


@pytest.mark.parametrize(("days", "hours", "count"), [(0, 0, 0), (0, 1, 1), (1, 9, 0), (1, 10, 1)])
async def test_each_letter_settles_as_its_writer_was_told(
    post: Post, days: int, hours: int, count: int
) -> None:
    await accepted(post, settle_days=days)
    assert await settle(post, after(hours=hours, seconds=1)) == count


async def test_tests_leave_nothing_in_the_outbox(post: Post) -> None:
    letter = replace(sends().letter, test_address="tests@send.example")
    await accepted(post, letter=letter)
    assert await settle(post, after(days=8)) == 1
    assert await rows(post, outbox) == []
    assert await rows(post, tallies) == []


def an_answer(connection: Connection, post: Post, mail: str) -> None:
    letter = returned_mail.find_answered(connection, post.vault, mail)
    assert letter is not None
    answer = Forward("us@mail.example", "Us", "m@gov.example", "Re", "From", "Thanks", "en")
    reply = IncomingReply(letter, answer, to_supporter=True, is_answer=True, same="1")
    assert forwards.queue(connection, post.vault, reply, now=after(days=7))


async def test_an_answer_on_its_way_to_the_supporter_is_not_lost(post: Post) -> None:
    await accepted(post)
    (mail,) = await rows(post, outbox)
    await post.database.transact(lambda c: an_answer(c, post, mail["mail"]))
    assert await settle(post, after(days=8)) == 0
    (forward,) = await post.claim(after(days=8))
    await post.finish(forward, DeliveryEvent.TAKEN, after(days=8))
    assert await settle(post, after(days=8)) == 1
    assert [row["kind"] for row in await rows(post, outbox)] == ["letter"]


async def test_an_answer_that_never_arrives_does_not_keep_a_letter(post: Post) -> None:
    await accepted(post)
    (mail,) = await rows(post, outbox)
    await post.database.transact(lambda c: an_answer(c, post, mail["mail"]))
    assert await settle(post, after(days=11)) == 0
    assert await settle(post, after(days=12)) == 1


async def test_a_later_answer_finds_the_campaign_only(post: Post) -> None:
    await accepted(post)
    (mail,) = await rows(post, outbox)
    await settle(post, after(days=8))
    find = partial(returned_mail.find_answered, vault=post.vault, mail=mail["mail"])
    found = await post.database.read(find)
    assert found is not None
    assert (found.action, found.campaign, found.reply_to) == (None, "river", "")


async def test_the_archive_gets_what_is_wiped(post: Post) -> None:
    private, public = archive.new_keys()
    await accepted(post, MARIA, archive_key=public)
    await accepted(post, AHMED)
    assert await post.database.read(settling.archived) == []
    await settle(post, after(days=8))
    (sealed,) = await post.database.read(settling.archived)
    assert archive.decrypt_record(private, sealed) == ArchiveRecord(
        campaign="river",
        day="2019-06-21",
        name="Maria Silva",
        country="PT",
        address="p1001@mail.example",
        state="accepted",
    )
    await post.act(MARIA, ErasePerson())
    assert await post.database.read(settling.archived) == []


async def test_a_damaged_letter_does_not_stop_the_others(post: Post) -> None:
    _, public = archive.new_keys()
    await accepted(post, MARIA, archive_key=public)
    await accepted(post, AHMED, archive_key=public)
    damaged = actions.update().where(actions.c.action == f"{MARIA:032}")
    await post.database.transact(
        lambda c: c.execute(damaged.values(encrypted_details=b"x", encrypted_archive_key=b"y"))
    )
    assert await settle(post, after(days=8)) == 2
    assert len(await post.database.read(settling.archived)) == 1


async def test_the_consent_to_a_settled_letter_can_be_taken_back(post: Post) -> None:
    await accepted(post)
    await settle(post, after(days=8))
    (row,) = await rows(post, actions)
    await post.act(MARIA, EraseLetter(row["action"]), now=after(days=9))
    assert await rows(post, actions) == []
    assert await differences(post) == []
    assert sorted(each["given"] for each in await rows(post, consents)) == [False, True]
