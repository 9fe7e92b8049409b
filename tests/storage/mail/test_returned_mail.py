"""Bounces, on both engines."""

from functools import partial
from unittest.mock import ANY

import pytest
from sqlalchemy import Connection, select, update

from conversations.core.effects.journey import MarkBlocked
from conversations.model.letters.delivery import DeliveryEvent, LetterState
from conversations.model.letters.delivery import after as changed
from conversations.model.letters.server_reply import ReplyMeaning, ServerReply
from storage import queue
from storage.mail import returned_mail
from storage.mail.delivery import outcomes
from storage.mail.delivery.content import MailKind
from storage.mail.delivery.outcomes import MailOutcome
from storage.mail.delivery.sending import ClaimedMail
from storage.mail.returned_mail import StillSending
from storage.schema.tables import actions, alerts, codes, counters, outbox
from storage.schema.tables import pauses as pauses_table
from storage.stats.recount import recount
from tests.storage.people import AHMED, MARIA, NOW, after, code, queues, sends
from tests.storage.post import Post

UNKNOWN_USER = ServerReply(550, "5.1.1", ReplyMeaning.MAILBOX)


async def bounces(post: Post, mail: str, hours: int = 1) -> None:
    now = after(hours=hours)
    await post.database.transact(
        partial(
            returned_mail.record_bounce, vault=post.vault, mail=mail, reply=UNKNOWN_USER, now=now
        )
    )


async def on_its_way(post: Post, chat: int = MARIA, number: int = 1) -> ClaimedMail:
    letter = sends(f"{number}" * 32, address=f"p{number}@mail.example", undo_seconds=0)
    await post.act(chat, letter)
    (claimed,) = await post.claim(after(seconds=number))
    return claimed


async def test_a_bounce_before_the_outcome_is_recorded_must_wait(post: Post) -> None:
    claimed = await on_its_way(post)
    await bounces(post, claimed.mail)
    assert await post.state() is LetterState.SENDING
    await post.begin(claimed, after(seconds=1))
    with pytest.raises(StillSending):
        await bounces(post, claimed.mail)
    await post.finish(claimed, DeliveryEvent.TAKEN, after(seconds=2))
    await bounces(post, claimed.mail)
    assert await post.state() is LetterState.BOUNCED
    assert await post.tally() == {"sent": 1, "accepted": 0}


@pytest.mark.parametrize(
    "happened", [DeliveryEvent.NOT_SENT, DeliveryEvent.PUT_OFF, DeliveryEvent.REFUSED]
)
async def test_only_mail_that_left_can_bounce(post: Post, happened: DeliveryEvent) -> None:
    claimed = await on_its_way(post)
    await post.finish(claimed, happened, after(seconds=2))
    await bounces(post, claimed.mail)
    assert await post.state() is changed(LetterState.SENDING, happened)
    await bounces(post, "f" * 32)


async def test_two_of_three_letters_bounce(post: Post) -> None:
    """Bounced letters are not counted, and no number is used twice."""
    people = (MARIA, AHMED, 1003)
    letters = [await on_its_way(post, chat, number) for number, chat in enumerate(people, 1)]
    for claimed in letters:
        await post.begin(claimed, after(seconds=9))
        await post.finish(claimed, DeliveryEvent.TAKEN, after(seconds=9))
    for claimed in letters[:2]:
        await bounces(post, claimed.mail, hours=30)
        await bounces(post, claimed.mail, hours=31)
    assert await post.tally() == {"sent": 3, "accepted": 1}
    counter = await post.database.read(lambda c: c.execute(select(counters)).one())
    assert (counter.accepted, counter.last_number) == (1, 3)


async def leave(post: Post, numbers: range) -> list[ClaimedMail]:
    """Let the letters of many supporters be accepted at the first attempt."""

    def work(connection: Connection) -> None:
        for number in numbers:
            queues(connection, post.vault, number, NOW)

    await post.database.transact(work)
    letters = await post.claim(after(seconds=1), limit=len(numbers))
    taken = [
        MailOutcome(each.mail, each.kind, each.lease, DeliveryEvent.TAKEN, None, ServerReply(250))
        for each in letters
    ]
    await post.database.transact(
        partial(outcomes.record, vault=post.vault, outcomes=taken, now=NOW)
    )
    return [*letters]


async def figures(post: Post) -> tuple[int, int, int, bool]:
    """Return the accepted and disputed letters, the refusals in a row, and whether all rests."""
    counter = await post.database.read(lambda c: c.execute(select(counters)).one())
    rests = await post.database.read(lambda c: c.execute(pauses_table.select()).all())
    return counter.accepted, counter.disputed, counter.refusals_in_row, bool(rests)


async def alerts_of(post: Post) -> list[tuple[str, int]]:
    rows = await post.database.read(lambda c: c.execute(select(alerts)).all())
    return sorted((row.kind, row.letters) for row in rows)


async def test_a_flood_of_bounces_alerts_and_pauses_nothing(post: Post) -> None:
    """Whoever gets letters knows their sender addresses, and can forge any number of bounces."""
    for claimed in await leave(post, range(40)):
        await bounces(post, claimed.mail)
    assert await figures(post) == (0, 0, 0, False)
    assert await alerts_of(post) == [("bounced", 40)]


async def test_bounces_neither_end_nor_extend_a_row_of_refusals(post: Post) -> None:
    left = await leave(post, range(5))
    await refuse(post, 3)
    for claimed in left:
        await bounces(post, claimed.mail)
    assert await figures(post) == (0, 0, 3, False)
    await leave(post, range(50, 51))
    await refuse(post, 1, first=200)
    assert await figures(post) == (1, 0, 1, False)


async def refuse(post: Post, count: int, first: int = 100) -> None:
    """Let the letters of more supporters be refused for good."""

    def work(connection: Connection) -> None:
        for number in range(first, first + count):
            queues(connection, post.vault, number, NOW)

    await post.database.transact(work)
    refused = [
        MailOutcome(each.mail, each.kind, each.lease, DeliveryEvent.REFUSED, None, UNKNOWN_USER)
        for each in await post.claim(after(seconds=1), limit=count)
    ]
    await post.database.transact(
        partial(outcomes.record, vault=post.vault, outcomes=refused, now=NOW)
    )


async def test_a_bounce_counts_for_seven_days(post: Post) -> None:
    """Later, it is disputed: admins see it, and it is counted once for a letter."""
    first, second, third = await leave(post, range(3))
    await bounces(post, first.mail, hours=7 * 24)
    await bounces(post, second.mail, hours=7 * 24 + 1)
    await bounces(post, second.mail, hours=7 * 24 + 2)
    await bounces(post, third.mail, hours=100 * 24)
    assert await figures(post) == (2, 2, 0, False)
    assert await alerts_of(post) == [("bounced", 1), ("disputed", 2)]
    lane = await post.database.read(lambda c: queue.lane(c, "river", NOW))
    assert lane.disputed == 2
    rows = await post.database.read(lambda c: c.execute(select(outbox.c.state)).scalars().all())
    assert sorted(rows) == ["accepted", "accepted", "bounced"]
    assert await post.database.read(partial(recount, vault=post.vault)) == (ANY, [])


async def test_a_late_bounce_of_a_test_letter_is_ignored(post: Post) -> None:
    (claimed,) = await leave(post, range(1))
    await post.database.transact(lambda c: c.execute(update(actions).values(test=True)))
    await bounces(post, claimed.mail, hours=100 * 24)
    assert await alerts_of(post) == []


async def test_a_late_bounce_of_a_settled_letter_is_disputed(post: Post) -> None:
    """Nothing leads from a settled letter to its action any more."""
    (claimed,) = await leave(post, range(1))
    await post.database.transact(
        lambda c: c.execute(update(outbox).values(action=None, settled=True))
    )
    await bounces(post, claimed.mail, hours=1)
    assert await figures(post) == (1, 1, 0, False)


async def test_a_refusal_with_a_lost_lease_is_ignored(post: Post) -> None:
    await post.act(MARIA, code())
    (claimed,) = await post.claim(NOW)
    for lease, waits in (("another", False), (claimed.lease, True)):
        outcome = MailOutcome(
            claimed.mail, MailKind.CODE, lease, DeliveryEvent.REFUSED, None, UNKNOWN_USER
        )
        await post.database.transact(
            partial(outcomes.record, vault=post.vault, outcomes=[outcome], now=NOW)
        )
        (row,) = await post.database.read(lambda c: c.execute(select(codes)).all())
        assert (row.bounced, row.code_hash is None) == (waits, waits)
        mails = await post.database.read(lambda c: c.execute(select(outbox)).all())
        assert bool(mails) is not waits


async def test_a_chat_is_notified_of_a_bounce_unless_it_blocked_the_bot(post: Post) -> None:
    await post.act(MARIA, code())
    code_id = await post.database.read(lambda c: c.execute(select(codes.c.code_id)).scalar_one())
    look = partial(returned_mail.chats_to_notify, vault=post.vault)
    await post.database.transact(partial(returned_mail.record_code_bounce, code_id="f" * 32))
    assert await post.database.read(look) == ()
    await post.database.transact(partial(returned_mail.record_code_bounce, code_id=code_id))
    assert await post.database.read(look) == (MARIA,)
    await post.act(MARIA, MarkBlocked(blocked=True))
    assert await post.database.read(look) == ()
