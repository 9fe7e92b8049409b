"""Alerts to admins, on both engines."""

from functools import partial

import pytest

from conversations.core.alerts import AlertFacts, AlertKind
from conversations.core.effects.journey import ErasePerson
from conversations.core.effects.letters import AcknowledgeLetters
from conversations.model.letters.delivery import DeliveryEvent
from conversations.model.letters.server_reply import ReplyMeaning, ServerReply
from storage.admin import alert_delivery, alerts, sightings
from storage.admin.sightings import Problem
from storage.crypto.person_keys import PersonKeys
from storage.mail import returned_mail
from storage.retention import purge
from storage.schema.tables import alerts as table
from storage.schema.tables import pauses
from tests.storage.people import AHMED, MARIA, NOW, after, sends
from tests.storage.post import Post


async def told(post: Post, hours: int = 1) -> list[AlertFacts]:
    """Send Ahmed, who is an admin, the alerts that he did not get yet."""
    person, now = PersonKeys(post.vault, AHMED).staff, after(hours=hours)
    claimed = await post.database.transact(
        partial(
            alert_delivery.claim,
            vault=post.vault,
            person=person,
            now=now,
            until=after(hours=hours, seconds=30),
        )
    )
    for each in claimed:
        await post.database.transact(partial(alert_delivery.record_sent, unsent=each, message=7))
    return [each.facts for each in claimed]


async def a_held_letter(post: Post) -> str:
    await post.act(MARIA, sends(undo_seconds=0))
    (claimed,) = await post.claim(NOW)
    await post.begin(claimed, NOW)
    await post.finish(claimed, DeliveryEvent.BROKEN_OFF, NOW, NOW, held=True)
    return claimed.mail


@pytest.mark.parametrize("how", ["forgotten", "came back"])
async def test_no_alert_stays_about_letters_that_are_no_longer_held(post: Post, how: str) -> None:
    mail = await a_held_letter(post)
    (facts,) = await told(post)
    assert facts.held == 1
    if how == "forgotten":
        await post.act(MARIA, ErasePerson())
    else:
        bounce = partial(
            returned_mail.record_bounce,
            vault=post.vault,
            mail=mail,
            reply=ServerReply(550),
            now=after(hours=1),
        )
        await post.database.transact(bounce)
    await post.database.transact(partial(purge.purge, vault=post.vault, now=after(hours=2)))
    assert [(each.kind, each.ended) for each in await told(post, 2) if each.ended] == [
        ("doubtful", after(hours=2))
    ]


async def test_held_letters_get_an_alert_again_if_theirs_is_gone(post: Post) -> None:
    await a_held_letter(post)
    await post.database.transact(lambda c: c.execute(table.delete()))
    await post.database.transact(partial(purge.purge, vault=post.vault, now=after(hours=1)))
    (facts,) = await told(post)
    assert (facts.kind, facts.about, facts.held) == ("doubtful", "river", 1)


UNKNOWN_USER = ServerReply(550, "5.1.1", ReplyMeaning.MAILBOX)


async def came_back(post: Post, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        effect = sends(f"{number:032}", address=f"p{number}@mail.example", undo_seconds=0)
        await post.act(2000 + number, effect)
    claimed = await post.claim(NOW, limit=count)
    for each in claimed:
        await post.finish(each, DeliveryEvent.TAKEN, NOW)
    for number, each in enumerate(claimed, 1):
        # Only the last one is about a full mailbox.
        reply = ServerReply(552, "5.2.2", ReplyMeaning.FULL) if number == count else UNKNOWN_USER
        bounce = partial(
            returned_mail.record_bounce,
            vault=post.vault,
            mail=each.mail,
            reply=reply,
            now=after(hours=1),
        )
        for _ in range(2):
            await post.database.transact(bounce)


async def test_admins_are_alerted_about_bounced_letters(post: Post) -> None:
    await came_back(post, 2)
    (facts,) = await told(post)
    assert (facts.kind, facts.about, facts.letters) == ("bounced", "river", 2)
    assert facts.reply == ServerReply(552, "5.2.2", ReplyMeaning.FULL)
    assert await told(post) == []
    await post.act(AHMED, AcknowledgeLetters("river", AlertKind.BOUNCED))
    (over,) = await told(post)
    assert over.ended


async def test_repeated_bounces_alert_but_never_pause_the_campaign(post: Post) -> None:
    """A letter's recipient can forge any number of bounces."""
    await came_back(post, 10)
    await came_back(post, 19, first=10)
    await came_back(post, 20, first=29)
    (facts,) = await told(post)
    assert (facts.kind, facts.about, facts.letters) == ("bounced", "river", 49)
    assert facts.reply == ServerReply(552, "5.2.2", ReplyMeaning.FULL)
    assert await post.database.read(lambda c: c.execute(pauses.select()).all()) == []


async def test_a_bounce_of_the_first_attempt_is_not_lost_in_the_second(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    (first,) = await post.claim(NOW)
    await post.begin(first, NOW)
    await post.finish(first, DeliveryEvent.BROKEN_OFF, NOW, NOW)
    await post.claim(after(seconds=1), "second")
    with pytest.raises(returned_mail.StillSending):
        bounce = partial(
            returned_mail.record_bounce,
            vault=post.vault,
            mail=first.mail,
            reply=ServerReply(550),
            now=after(),
        )
        await post.database.transact(bounce)


async def ends(post: Post, kind: AlertKind, minutes: int) -> None:
    await post.database.transact(lambda c: alerts.end(c, kind, "river", now=after(minutes=minutes)))


async def raised(post: Post, kind: AlertKind, minutes: int) -> None:
    await post.database.transact(
        lambda c: alerts.raise_(c, kind, "river", now=after(minutes=minutes), letters=minutes)
    )


async def test_a_flapping_problem_is_one_alert(post: Post) -> None:
    await raised(post, AlertKind.SLOW, 0)
    (first,) = await told(post)
    await ends(post, AlertKind.SLOW, 1)
    assert [each.ended for each in await told(post)] == [after(minutes=1)]
    await raised(post, AlertKind.SLOW, 10)
    await raised(post, AlertKind.SLOW, 10)
    (again,) = await told(post)
    assert (again.id, again.ended, again.letters) == (first.id, None, 10)
    await ends(post, AlertKind.SLOW, 11)
    await raised(post, AlertKind.SLOW, 21)
    ended, new = sorted(await told(post), key=lambda each: each.since)
    assert (ended.id, new.id == first.id, new.ended) == (first.id, False, None)


async def test_a_problem_is_reported_again_after_an_admin_ended_its_alert(post: Post) -> None:
    await raised(post, AlertKind.REFUSED, 0)
    await told(post)
    await ends(post, AlertKind.REFUSED, 1)
    await raised(post, AlertKind.REFUSED, 2)
    assert [each.ended for each in await told(post)] == [after(minutes=1), None]


async def test_an_alert_ends_when_no_machine_sees_the_problem(post: Post) -> None:
    async def looks(host: str, minute: int, *seen: str) -> bool:
        found = {(AlertKind.SLOW, about): Problem() for about in seen}
        now = after(minutes=minute)
        look = partial(
            sightings.update_all, kinds=(AlertKind.SLOW,), seen=found, host=host, now=now
        )
        await post.database.transact(partial(look, until=after(minutes=minute + 3)))
        opened = await post.database.read(lambda c: alerts.open_alerts(c, (AlertKind.SLOW,)))
        return bool(opened)

    assert await looks("one", 0, "")
    assert await looks("two", 1, "")
    assert await looks("one", 1)
    assert not await looks("two", 2)
    assert await looks("one", 3, "")
    assert await looks("two", 5)
    assert not await looks("two", 6), "one is gone"
