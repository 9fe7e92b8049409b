"""Mail that came back, on both engines."""

from functools import partial

import pytest
from sqlalchemy import Connection, select, update

from conversations.core.effects.journey import MarkBlocked
from conversations.model.delivery import DeliveryEvent, LetterState
from conversations.model.delivery import after as changed
from storage.mail import outcomes, pauses, returned_mail
from storage.mail.content import MailKind
from storage.mail.outcomes import MailOutcome
from storage.mail.returned_mail import StillSending
from storage.mail.sending import ClaimedMail
from storage.schema.tables import codes, counters, outbox
from storage.schema.tables import pauses as pauses_table
from tests.storage.people import AHMED, MARIA, NOW, after, code, queues, sends
from tests.storage.post import Post


async def bounces(post: Post, mail: str, hours: int = 1) -> None:
    now = after(hours=hours)
    await post.database.transact(
        partial(returned_mail.record_bounce, mail=mail, code=550, text="550 5.1.1 unknown", now=now)
    )


async def on_its_way(post: Post, chat: int = MARIA, number: int = 1) -> ClaimedMail:
    letter = sends(f"{number}" * 32, address=f"p{number}@mail.example", undo_seconds=0)
    await post.act(chat, letter)
    (claimed,) = await post.claim(after(seconds=number))
    return claimed


async def test_what_comes_back_before_it_was_recorded_is_taken_later(post: Post) -> None:
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
async def test_only_what_left_can_come_back(post: Post, happened: DeliveryEvent) -> None:
    claimed = await on_its_way(post)
    await post.finish(claimed, happened, after(seconds=2))
    await bounces(post, claimed.mail)
    assert await post.state() is changed(LetterState.SENDING, happened)
    await bounces(post, "f" * 32)


async def test_two_of_three_come_back(post: Post) -> None:
    """The count is of those that stay; no number is given twice."""
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
    """Let many supporters' letters be accepted, in one go each."""

    def work(connection: Connection) -> None:
        for number in numbers:
            queues(connection, post.vault, number, NOW)

    await post.database.transact(work)
    letters = await post.claim(after(seconds=1), limit=len(numbers))
    taken = [
        MailOutcome(each.mail, each.kind, each.lease, DeliveryEvent.TAKEN, None, 250)
        for each in letters
    ]
    await post.database.transact(partial(outcomes.record, outcomes=taken, now=NOW))
    return [*letters]


async def test_what_comes_back_later_counts_in_a_row(post: Post) -> None:
    """Our server's 250 for the letters behind it says nothing of where they go."""

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
    # As many that stand make up for them.
    await leave(post, range(40, 60))
    (one_more,) = await leave(post, range(60, 61))
    await bounces(post, one_more.mail)
    counter = await post.database.read(lambda c: c.execute(select(counters)).one())
    assert (counter.refusals_in_row, await rests()) == (1, False)


async def test_a_refusal_whose_lease_has_passed_on_is_void(post: Post) -> None:
    await post.act(MARIA, code())
    (claimed,) = await post.claim(NOW)
    for lease, waits in (("another", False), (claimed.lease, True)):
        outcome = MailOutcome(
            claimed.mail, MailKind.CODE, lease, DeliveryEvent.REFUSED, None, 550, "550 5.1.1"
        )
        await post.database.transact(partial(outcomes.record, outcomes=[outcome], now=NOW))
        (row,) = await post.database.read(lambda c: c.execute(select(codes)).all())
        assert (row.bounced, row.code_hash is None) == (waits, waits)
        mails = await post.database.read(lambda c: c.execute(select(outbox)).all())
        assert bool(mails) is not waits


async def test_a_chat_waits_to_be_told_unless_it_has_blocked_the_bot(post: Post) -> None:
    await post.act(MARIA, code())
    code_id = await post.database.read(lambda c: c.execute(select(codes.c.code_id)).scalar_one())
    look = partial(returned_mail.chats_to_notify, vault=post.vault)
    await post.database.transact(partial(returned_mail.record_code_bounce, code_id="f" * 32))
    assert await post.database.read(look) == ()
    await post.database.transact(partial(returned_mail.record_code_bounce, code_id=code_id))
    assert await post.database.read(look) == (MARIA,)
    await post.act(MARIA, MarkBlocked(blocked=True))
    assert await post.database.read(look) == ()


async def test_nothing_that_a_server_says_of_a_copy_is_kept(post: Post) -> None:
    claimed = await on_its_way(post)
    await post.begin(claimed, after(seconds=1))
    await post.finish(claimed, DeliveryEvent.TAKEN, after(seconds=1))
    # A copy belongs to its letter's action, and is none itself.
    copy = update(outbox).values(kind="copy", about="1" * 32, action=None)
    await post.database.transact(lambda c: c.execute(copy))
    await bounces(post, claimed.mail)
    kept = select(outbox.c.state, outbox.c.smtp_text)
    assert await post.database.read(lambda c: c.execute(kept).one()) == ("bounced", "")
