"""What admins are told, on both engines."""

from functools import partial

import pytest

from conversations.delivery import Happening
from conversations.effects import Erase
from conversations.known import AlertFacts
from storage import alerts, chats, erasing, returned
from storage.tables import alerts as table
from tests.storage.people import AHMED, MARIA, NOW, after, sends
from tests.storage.post import Post


async def told(post: Post, hours: int = 1) -> list[AlertFacts]:
    """Tell Ahmed, who is an admin, what he was not told."""
    person, now = chats.key(post.vault, AHMED), after(hours=hours)
    claimed = await post.database.transact(
        partial(alerts.claim, person=person, now=now, until=after(hours=hours, seconds=30))
    )
    for each in claimed:
        await post.database.transact(partial(alerts.told, untold=each, message=7))
    return [each.facts for each in claimed]


async def a_held_letter(post: Post) -> str:
    await post.act(MARIA, sends(undo_seconds=0))
    (claimed,) = await post.claim(NOW)
    await post.begin(claimed, NOW)
    await post.finish(claimed, Happening.BROKEN_OFF, NOW, NOW, held=True)
    return claimed.mail


@pytest.mark.parametrize("how", ["forgotten", "came back"])
async def test_nothing_is_asked_about_letters_that_are_held_no_more(post: Post, how: str) -> None:
    mail = await a_held_letter(post)
    (facts,) = await told(post)
    assert facts.held == 1
    if how == "forgotten":
        await post.act(MARIA, Erase())
    else:
        bounce = partial(returned.bounced, mail=mail, code=550, text="no", now=after(hours=1))
        await post.database.transact(bounce)
    await post.database.transact(partial(erasing.purge, now=after(hours=2)))
    assert [(each.kind, each.ended) for each in await told(post, 2) if each.ended] == [
        ("doubtful", after(hours=2))
    ]


async def test_what_is_held_is_shown_even_if_its_alert_is_gone(post: Post) -> None:
    await a_held_letter(post)
    await post.database.transact(lambda c: c.execute(table.delete()))
    await post.database.transact(partial(erasing.purge, now=after(hours=1)))
    (facts,) = await told(post)
    assert (facts.kind, facts.about, facts.held) == ("doubtful", "river", 1)
