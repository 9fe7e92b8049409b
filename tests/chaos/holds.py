"""What must hold when everything is over, however often the bot was killed."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from conversations.model.delivery import LetterState
from conversations.model.funnel import FunnelStage
from storage.schema.tables import (
    actions,
    chats,
    tallies,
    updates,
)
from storage.schema.tables import outbox as mails
from storage.stats import recount
from tests.chaos.supporter import DEEDS
from tests.chaos.world import World
from tests.databases import opened


async def broken(world: World) -> list[str]:
    """Return everything that does not hold, in plain words."""
    async with opened(world.url) as database:
        found = await database.read(
            lambda c: [
                *_kept(c, len(world.supporters)),
                *mailed(c, world, len(world.supporters)),
            ]
        )
    return [*found, *_shown(world), *_logged(world)]


def _kept(connection: Connection, people: int) -> Iterator[str]:
    """What the database holds: each deed once."""
    rows = connection.execute(select(actions)).all()
    if len(rows) != people or len({row.person_key for row in rows}) != people:
        yield f"{len(rows)} actions of {people} supporters"
    handled = connection.execute(select(updates.c.failed)).scalars().all()
    if len(handled) != DEEDS * people or any(handled):
        yield f"{len(handled)} updates handled of {DEEDS * people}, {sum(handled)} given up"
    turns = connection.execute(select(chats.c.turn, chats.c.replied_turn)).all()
    if wrong := Counter((turn, told) for turn, told in turns if (turn, told) != (DEEDS, DEEDS)):
        yield f"chats that did not come to turn {DEEDS} and told it: {dict(wrong)}"
    steps = select(tallies.c.value, tallies.c.count)
    counted = connection.execute(steps.where(tallies.c.figure == "step", tallies.c.day == ""))
    tally = {step: count for step, count in counted}
    if tally != {stage.value: people for stage in FunnelStage}:
        yield f"the funnel of {people} supporters is {tally}"
    if differences := recount.recount(connection)[1]:
        yield f"figures are not what the records tell: {differences}"


def mailed(connection: Connection, world: World, letters: int) -> Iterator[str]:
    """What came to the mail server: each mail, and twice only where it was known that it might."""
    numbers = connection.execute(select(actions.c.number)).scalars()
    if sorted(number or 0 for number in numbers) != list(range(1, letters + 1)):
        yield "the numbers of the letters are not 1, 2, 3 …"
    rows: dict[str, Any] = {row.message_id: row for row in connection.execute(select(mails)).all()}
    came = {world.letter_token(each): copies for each, copies in world.sink.accepted.items()}
    for token, row in rows.items():
        copies = came.get(token, 0)
        if copies not in (1, 2) or (copies == 2 and not row.possible_duplicate):
            yield f"a letter came {copies} times (possible duplicate: {row.possible_duplicate})"
        if row.state != LetterState.ACCEPTED.value:
            yield f"a letter that came {copies} times is {row.state}"
    if len(rows) != letters:
        yield f"{len(rows)} mails left in the outbox of {letters} letters"
    if (most := max(world.sink.accepted.values(), default=0)) > 2:
        yield f"a mail came {most} times"
    if untold := sum(not flag for flag in world.flagged.values()):
        yield f"{untold} mails came a second time without being marked so"
    twice = {message for message, copies in world.sink.accepted.items() if copies > 1}
    if twice != set(world.flagged):
        yield "a mail came twice unseen"


def _shown(world: World) -> Iterator[str]:
    for supporter in world.supporters:
        if not supporter.shows("✓ Your letter was sent at"):
            yield f"the chat of {supporter.name} does not say that the letter left"
        if not supporter.shows("Would you like to hear what happens next"):
            yield f"the chat of {supporter.name} does not ask the last question"


def _logged(world: World) -> Iterator[str]:
    words = world.process.words
    if world.telegram.token.partition(":")[2] in words:
        yield "the token stands in the log"
    leaked = [secret for each in world.supporters for secret in each.secrets if secret in words]
    if "Wilhelmina" in words or leaked:
        yield f"personal values stand in the log: {leaked[:3]}"
