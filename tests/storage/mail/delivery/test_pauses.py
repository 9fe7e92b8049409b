"""Pauses, on both engines."""

from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import select

from conversations.core.effects.admin import (
    CloseCampaign,
    ExemptTarget,
    PauseCampaign,
    PauseTarget,
    ResumeCampaign,
    ResumeTarget,
)
from conversations.core.effects.letters import RecordAction
from conversations.model.letters.delivery import DeliveryEvent, LetterState
from conversations.model.letters.server_reply import ServerReply
from storage import queue
from storage.admin import campaign_modes
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery import mail_outages, pauses
from storage.mail.delivery.outcomes import MailOutcome, record
from storage.mail.delivery.pauses import MAX_REFUSALS, Refusal
from storage.mail.letters import cancellation, letter_statuses
from storage.retention import purge
from storage.schema.tables import alerts, counters, paces
from storage.schema.tables import outbox as mails
from storage.transaction import StaleAnswer
from tests.storage.people import AHMED, MARIA, NOW, after, letter, sends
from tests.storage.post import Post

REFUSED = [Refusal("river", ServerReply(550))] * MAX_REFUSALS


async def test_mail_does_not_expire_because_of_a_pause(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    await post.act(AHMED, sends("2" * 32, address="ahmed@mail.example", undo_seconds=0))
    await post.database.transact(partial(pauses.count_refusals, refusals=REFUSED, now=NOW))
    found = await post.database.read(lambda c: campaign_keys.find_all(c, post.vault).values())
    address = AddressKeys.of(post.vault, "ahmed@mail.example")
    keys = [address.action(each) for each in found]
    await post.database.transact(
        partial(cancellation.cancel_for_address, keys=keys, now=after(days=1))
    )
    await post.database.transact(partial(pauses.resume, campaign="river", now=after(days=30)))
    (claimed,) = await post.claim(after(days=30))
    assert claimed.expires == after(days=35)


async def test_chats_are_updated_when_letters_are_paused_and_resumed(post: Post) -> None:
    """The time at which a letter leaves, as the chat shows it, has changed."""
    await post.act(MARIA, sends(undo_seconds=0))
    late = sends("2" * 32, address="ahmed@mail.example", undo_seconds=7200)
    await post.act(AHMED, late)
    status = select(mails.c.status).order_by(mails.c.not_before)

    async def statuses() -> list[int]:
        return list(await post.database.read(lambda c: c.execute(status).scalars().all()))

    await post.database.transact(
        partial(pauses.count_refusals, refusals=REFUSED, now=after(seconds=1))
    )
    assert await statuses() == [2, 2]
    await post.database.transact(partial(pauses.resume, campaign="river", now=after(hours=1)))
    assert await statuses() == [3, 3]


async def test_chats_of_overdue_letters_are_updated_once_in_an_outage(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=30))
    await post.act(AHMED, sends("2" * 32, address="ahmed@mail.example", undo_seconds=7200))

    async def shown() -> list[tuple[int, bool]]:
        people = [PersonKeys(post.vault, chat) for chat in (MARIA, AHMED)]
        found = [
            await post.database.read(
                partial(letter_statuses.unshown_in_chat, vault=post.vault, person=person)
            )
            for person in people
        ]
        return [(each.status, each.facts.stuck) for (each,) in found]

    goes_on = partial(
        mail_outages.report, reply=ServerReply(535), host="one", until=after(minutes=9)
    )
    await post.database.transact(partial(goes_on, now=after(seconds=1)))
    assert await shown() == [(1, True), (1, True)]
    for minutes in (1, 6):
        await post.database.transact(partial(goes_on, now=after(minutes=minutes)))
        assert await shown() == [(2, True), (1, True)]
    is_over = partial(mail_outages.end, now=after(minutes=7))
    assert not await post.database.transact(partial(is_over, host="two"))
    assert await shown() == [(2, True), (1, True)]
    assert await post.database.transact(partial(is_over, host="one"))
    assert await shown() == [(3, False), (1, False)]


async def test_refused_tests_pause_no_campaign(post: Post) -> None:
    effect = sends(undo_seconds=0)
    test = replace(letter(), test_address="tests@send.example")
    await post.act(MARIA, replace(effect, letter=test))
    (claimed,) = await post.claim(NOW)
    outcome = MailOutcome(
        claimed.mail, claimed.kind, claimed.lease, DeliveryEvent.REFUSED, None, ServerReply(550)
    )
    await post.database.transact(partial(record, vault=post.vault, outcomes=[outcome], now=NOW))
    assert await post.database.read(lambda c: c.execute(counters.select()).all()) == []


async def test_ended_alerts_are_deleted_after_their_retention(post: Post) -> None:
    await post.database.transact(partial(pauses.count_refusals, refusals=REFUSED, now=NOW))
    await post.database.transact(
        lambda c: c.execute(paces.insert(), {"campaign": "sea", "target": "x", "last": NOW})
    )
    await post.database.transact(partial(pauses.resume, campaign="river", now=after(hours=1)))

    async def left(days: int) -> tuple[int, int]:
        await post.database.transact(
            partial(purge.purge, vault=post.vault, now=after(days=days, hours=2))
        )
        counts = await post.database.read(
            lambda c: [len(c.execute(each.select()).all()) for each in (alerts, paces)]
        )
        return counts[0], counts[1]

    assert await left(27) == (1, 1)
    assert await left(28) == (0, 0)


def to_another(action: str, chat_address: str) -> RecordAction:
    effect = sends(action, address=chat_address, undo_seconds=0)
    return replace(effect, letter=replace(effect.letter, target_id="mayor"))


async def lanes(post: Post) -> dict[str, str]:
    rows = await post.database.read(lambda c: c.execute(mails.select()).all())
    return {row.target: row.lane for row in rows}


async def claims(post: Post, now: datetime) -> int:
    return len(await post.claim(now))


async def test_one_target_is_paused_also_for_letters_that_are_being_sent(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    (claimed,) = await post.claim(NOW)
    await post.act(AHMED, PauseTarget("river", "ministry"))
    await post.finish(claimed, DeliveryEvent.PUT_OFF, NOW, after(minutes=1))
    await post.act(AHMED, to_another("2" * 32, "ahmed@mail.example"))
    assert await lanes(post) == {"ministry": "river/ministry", "mayor": "river"}
    assert await claims(post, after(hours=1)) == 1
    await post.act(AHMED, ResumeTarget("river", "ministry"), now=after(days=30))
    assert await lanes(post) == {"ministry": "river", "mayor": "river"}
    (claimed,) = await post.claim(after(days=30))
    assert claimed.expires == after(days=35)


async def test_a_resumed_target_waits_while_its_campaign_is_paused(post: Post) -> None:
    await post.act(AHMED, PauseTarget("river", "ministry"))
    await post.act(MARIA, sends(undo_seconds=0))
    assert await lanes(post) == {"ministry": "river/ministry"}
    await post.act(AHMED, PauseCampaign("river"), ResumeTarget("river", "ministry"))
    assert await claims(post, after(hours=1)) == 0
    await post.act(AHMED, PauseTarget("river", "ministry"), ResumeCampaign("river"))
    assert await claims(post, after(hours=1)) == 0
    shown = await post.database.read(lambda c: queue.lane(c, "river", NOW))
    assert (shown.waiting, shown.paused_since) == (1, None), "only the target is paused"
    await post.act(AHMED, ResumeTarget("river", "ministry"))
    assert await claims(post, after(hours=1)) == 1


async def test_closing_withdraws_letters_to_a_paused_target(post: Post) -> None:
    await post.database.transact(lambda c: campaign_modes.register(c, post.vault, {"river": False}))
    await post.act(AHMED, PauseTarget("river", "ministry"))
    await post.act(MARIA, sends(undo_seconds=0))
    await post.act(AHMED, CloseCampaign("river", withdraw=True))
    assert await post.state() is LetterState.CANCELLED


async def test_letters_to_an_exempt_target_are_withdrawn(post: Post) -> None:
    await post.database.transact(lambda c: campaign_modes.register(c, post.vault, {"river": False}))
    await post.act(MARIA, sends(undo_seconds=0))
    await post.act(AHMED, to_another("2" * 32, "ahmed@mail.example"))
    await post.act(AHMED, ExemptTarget("river", "ministry", withdraw=True))
    assert await post.state() is LetterState.CANCELLED
    assert await claims(post, after(hours=1)) == 1, "the one to the mayor"
    modes = await post.database.read(lambda c: campaign_modes.load(c, post.vault))
    assert modes.exempt() == {"river": frozenset({"ministry"})}
    with pytest.raises(StaleAnswer):
        await post.act(3003, sends("3" * 32, address="rui@mail.example"))
