"""How much mail waits, and for how long, as admins see it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select

from conversations.core.alerts import AlertKind
from conversations.model.letters.delivery import DeliveryEvent
from storage import queue
from storage.admin import alerts
from storage.mail.delivery import sending
from storage.schema.tables import actions, outbox
from tests.storage.people import MARIA, NOW, after, sends
from tests.storage.post import Post
from tests.storage.sqlite_steps import steps


async def test_a_deferred_mail_keeps_its_age(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=30))
    (claimed,) = await post.claim(after(seconds=31))
    await post.finish(claimed, DeliveryEvent.PUT_OFF, after(seconds=32), after(hours=2))
    lane = await post.database.read(lambda c: queue.lane(c, "river", after(hours=1)))
    assert (lane.waiting, lane.due) == (1, after(seconds=30))
    # It is not tried before.
    assert (await post.database.read(sending.schedule)).next_due == after(hours=2)


# --- many letters ---------------------------------------------------------------------------------


def copy_letter(
    connection: Connection, numbers: range, state: str = "queued", **changed: object
) -> None:
    """Add letters like the one that is there; each leaves a second after the one before."""
    mail = connection.execute(select(outbox).order_by(outbox.c.mail.desc()).limit(1)).one()
    action = connection.execute(select(actions).where(actions.c.action == mail.action)).one()
    of_nobody = {"person_target_key": None, "address_target_key": None}
    ids = {number: f"{number:032}" for number in numbers}
    connection.execute(
        actions.insert(), [{**action._mapping, **of_nobody, "action": id_} for id_ in ids.values()]
    )
    rows = [
        {
            **mail._mapping,
            "mail": id_,
            "action": id_,
            "due": NOW + timedelta(seconds=number),
            "not_before": NOW + timedelta(seconds=number),
            "state": state,
            "lease": None,
            "lease_until": None,
            **changed,
        }
        for number, id_ in ids.items()
    ]
    connection.execute(outbox.insert(), rows)


async def test_up_to_a_thousand_letters_are_counted(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    add = post.database.transact
    await add(partial(copy_letter, numbers=range(1, 1_000)))
    lane = await post.database.read(lambda c: queue.lane(c, "river", NOW))
    assert (lane.waiting, lane.due, lane.until) == (1_000, NOW, after(seconds=999))
    await add(partial(copy_letter, numbers=range(1_000, 3_000)))
    await add(partial(copy_letter, numbers=range(3_000, 4_500), state="accepted"))
    lane = await post.database.read(lambda c: queue.lane(c, "river", NOW))
    assert (lane.waiting, lane.due, lane.until) == (1_001, NOW, after(seconds=2_999))
    assert lane.sent_lately == 1_001
    target = await post.database.read(lambda c: queue.target_letters(c, "river", "ministry"))
    assert (target.waiting, target.accepted, target.bounced) == (1_001, 1_001, 0)
    status = await post.database.read(lambda c: queue.system_status(c, NOW, "", None, 0))
    assert (status.letters.waiting, status.letters.until) == (1_001, after(seconds=2_999))


async def test_the_letters_of_other_campaigns_are_not_those_of_one(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    add = post.database.transact
    await add(partial(copy_letter, numbers=range(1, 4), lane="river/mayor"))
    await add(partial(copy_letter, numbers=range(4, 9), lane="riverside", campaign="riverside"))
    await add(partial(copy_letter, numbers=range(9, 15), lane="river/mayor", state="accepted"))
    lane = await post.database.read(lambda c: queue.lane(c, "river", NOW))
    assert (lane.waiting, lane.sent_lately) == (4, 6)
    status = await post.database.read(lambda c: queue.system_status(c, NOW, "", None, 0))
    assert (status.letters.waiting, status.letters.sent_lately) == (9, 6)


def claim(connection: Connection, post: Post) -> None:
    lanes, until = sending.schedule(connection).lanes, after(minutes=1)
    sending.claim(connection, post.vault, lanes=lanes, now=NOW, lease="bench", until=until, limit=1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_four_times_as_many_letters_cost_no_more(post: Post) -> None:
    works: dict[str, Callable[[Connection], Any]] = {
        "a campaign": partial(queue.lane, campaign="river", now=NOW),
        "/status": partial(queue.system_status, now=NOW, version="", rate=None, telegram_wait=0),
        "a target": partial(queue.target_letters, campaign="river", target="ministry"),
        "an alert": partial(alerts.find_open, kind=AlertKind.SERVER, about=""),
        "a claim": partial(claim, post=post),
    }
    raise_ = partial(alerts.raise_, kind=AlertKind.SERVER, about="", now=NOW)
    await post.database.transact(raise_)
    await post.act(MARIA, sends(undo_seconds=0))
    await post.database.transact(partial(copy_letter, numbers=range(1, 1_100)))
    left = partial(copy_letter, numbers=range(1_100, 2_200), state="accepted")
    await post.database.transact(left)
    few = {
        name: await post.database.transact(partial(steps, work=work))
        for name, work in works.items()
    }
    await post.database.transact(partial(copy_letter, numbers=range(2_200, 5_500)))
    left = partial(copy_letter, numbers=range(5_500, 8_800), state="accepted")
    await post.database.transact(left)
    for name, work in works.items():
        many = await post.database.transact(partial(steps, work=work))
        assert many <= 1.1 * few[name] + 1, name
