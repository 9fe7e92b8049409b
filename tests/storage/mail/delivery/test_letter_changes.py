"""Changes to more letters than one transaction changes, on both engines."""

from functools import partial

import pytest
from sqlalchemy import select

from conversations.core.effects.admin import (
    CloseCampaign,
    PauseCampaign,
    PauseTarget,
    ResumeCampaign,
    ResumeTarget,
)
from storage.mail.delivery import letter_changes
from storage.schema.tables import outbox as mails
from tests.storage.people import AHMED, MARIA, NOW, after, queues, sends
from tests.storage.post import Post

OLGA = 9001


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each slice of a change one letter, so that few letters need several."""
    monkeypatch.setattr(letter_changes, "SLICE_SIZE", 1)


@pytest.fixture
async def three(post: Post) -> Post:
    """Three letters that are due."""
    for number in range(3):
        await post.database.transact(
            partial(queues, vault=post.vault, number=number, now=NOW),
        )
    return post


async def values(post: Post, name: str) -> list[object]:
    """Return this column of all mail, in the order of the mails' ids."""
    query = select(mails.c[name]).order_by(mails.c.mail)
    return list(await post.database.read(lambda c: c.execute(query).scalars().all()))


async def left(post: Post) -> list[tuple[str, int]]:
    """Return the kind of each change that goes on, and how many letters it has reached."""
    changes = await post.database.read(letter_changes.pending)
    return [(each.kind.value, each.done) for each in changes]


async def test_letters_are_withdrawn_in_slices(three: Post) -> None:
    await three.act(OLGA, CloseCampaign("river", withdraw=True), now=after(seconds=1))
    assert await values(three, "state") == ["cancelled", "queued", "queued"]
    assert await left(three) == [("withdraw", 1)]
    assert await three.database.transact(letter_changes.go_on)
    assert await values(three, "state") == ["cancelled", "cancelled", "queued"]
    assert await left(three) == [("withdraw", 2)]
    while await three.database.transact(letter_changes.go_on):
        pass
    assert await values(three, "state") == ["cancelled"] * 3
    assert await left(three) == []


async def test_a_withdrawn_letter_never_leaves(three: Post) -> None:
    """A worker claims it before its slice is reached: it is cancelled instead."""
    await three.act(OLGA, CloseCampaign("river", withdraw=True), now=after(seconds=1))
    assert await three.claim(after(seconds=2)) == ()
    assert await values(three, "state") == ["cancelled"] * 3


async def test_codes_and_other_campaigns_stay(three: Post) -> None:
    await three.act(OLGA, CloseCampaign("sea", withdraw=True), now=after(seconds=1))
    assert await left(three) == []
    assert await values(three, "state") == ["queued"] * 3


async def test_a_resumed_letter_has_its_time_before_its_slice_is_reached(three: Post) -> None:
    await three.act(OLGA, PauseCampaign("river"), now=after(seconds=1))
    assert await three.claim(after(days=1)) == ()
    await three.act(OLGA, ResumeCampaign("river"), now=after(days=30))
    assert await left(three) == [("pause", 1), ("resume", 1)]
    claimed = await three.claim(after(days=30))
    assert [each.expires for each in claimed] == [after(days=35)] * 3


async def test_letters_to_a_paused_target_wait_before_their_slice_is_reached(three: Post) -> None:
    await three.act(OLGA, PauseTarget("river", "ministry"), now=after(seconds=1))
    assert await values(three, "lane") == ["river/ministry", "river", "river"]
    assert await three.claim(after(seconds=2)) == ()
    assert await values(three, "lane") == ["river/ministry"] * 3
    await three.act(OLGA, ResumeTarget("river", "ministry"), now=after(seconds=3))
    while await three.database.transact(letter_changes.go_on):
        pass
    assert await values(three, "lane") == ["river"] * 3
    assert len(await three.claim(after(seconds=4))) == 3


async def test_a_letter_that_is_written_meanwhile_is_not_changed(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    await post.act(OLGA, PauseCampaign("river"), now=after(seconds=1))
    await post.act(OLGA, ResumeCampaign("river"), now=after(seconds=2))
    later = sends("2" * 32, address="ahmed@mail.example", undo_seconds=0)
    await post.act(AHMED, later, now=after(minutes=2))
    while await post.database.transact(letter_changes.go_on):
        pass
    claimed = await post.claim(after(minutes=3))
    times = [after(days=5, seconds=2), after(days=5, minutes=2)]
    assert sorted(each.expires for each in claimed) == times
