"""Bounces, on both engines."""

from functools import partial

import pytest
from sqlalchemy import Connection, select

from conversations.core.effects.journey import MarkBlocked
from conversations.model.delivery import DeliveryEvent, LetterState
from conversations.model.delivery import after as changed
from conversations.model.server_reply import ReplyMeaning, ServerReply
from storage.mail import returned_mail
from storage.mail.delivery import outcomes, pauses
from storage.mail.delivery.content import MailKind
from storage.mail.delivery.outcomes import MailOutcome
from storage.mail.delivery.sending import ClaimedMail
from storage.mail.returned_mail import StillSending
from storage.schema.tables import codes, counters, outbox
from storage.schema.tables import pauses as pauses_table
from tests.storage.people import AHMED, MARIA, NOW, after, code, queues, sends
from tests.storage.post import Post

UNKNOWN_USER = ServerReply(550, "5.1.1", ReplyMeaning.MAILBOX)


async def bounces(post: Post, mail: str, hours: int = 1) -> None:
    now = after(hours=hours)
    await post.database.transact(
        partial(returned_mail.record_bounce, mail=mail, reply=UNKNOWN_USER, now=now)
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


async def test_later_bounces_count_as_refusals_in_a_row(post: Post) -> None:
    """Letters accepted meanwhile by our own server do not end the row."""

    async def rests() -> bool:
        return bool(await post.database.read(lambda c: c.execute(pauses_table.select()).all()))

    waiting = await leave(post, range(3))
    for number in range(3, 21):
        await bounces(post, waiting.pop(0).mail)
        waiting += await leave(post, range(number, number + 1))
    for claimed in waiting[:-1]:
        await bounces(post, claimed.mail)
    assert await rests() is True
    await post.database.transact(partial(pauses.resume, campaign="river", now=NOW))
    waiting = await leave(post, range(21, 40))
    for claimed in waiting:
        await bounces(post, claimed.mail)
    # As many accepted letters make up for them.
    await leave(post, range(40, 60))
    (one_more,) = await leave(post, range(60, 61))
    await bounces(post, one_more.mail)
    counter = await post.database.read(lambda c: c.execute(select(counters)).one())
    assert (counter.refusals_in_row, await rests()) == (1, False)


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
