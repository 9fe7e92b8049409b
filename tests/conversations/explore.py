"""Conversations at random, which the witness sees, and the search for what nobody did by chance.

A plain generator with a seed for each conversation, and no hypothesis: the sequences follow the
engine's own answers (which buttons stand, which code was mailed), coverage is counted over all of
them, and there are too many for its bookkeeping. A failure tells its seed and its events, line by
line, as they can be put into a test of their own.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from random import Random

from conversations import router
from conversations.core.effects.letters import Withdraw
from conversations.core.events import (
    Event,
    TurnButtonPressed,
)
from conversations.core.facts import ActionTaken, CopyState
from conversations.model.campaigns.campaign import Edits
from conversations.model.journey import UNDER_WAY, Aside, Journey, Step
from conversations.model.letters.delivery import REACHED_NOBODY, WITHDRAWABLE_STATES
from tests.conversations.people import Person
from tests.conversations.play import Chat
from tests.conversations.witness import Witness
from tests.conversations.world import some

OVER: dict[Aside, frozenset[Step]] = {
    Aside.SWITCH: UNDER_WAY,
    Aside.RESUME: UNDER_WAY,
    Aside.LANGUAGE: frozenset({Step.WELCOME}),
    Aside.DISCREET: frozenset({Step.WELCOME, Step.ADDRESS}),
    Aside.FORGET: frozenset(Step),
}

Taken = tuple[Step, Step]

_SEARCHES = 10_000
_KEPT = 50
"""Conversations on the shelf for each step and kind."""

Kind = tuple[bool, ...]
"""What decides which question can be missing, or be asked again."""


@cache
def diagram() -> set[Taken]:
    """Read the transitions from the diagram that stands on top of the engine."""
    taken: set[Taken] = set()
    everyone = set(Step)
    for line in (router.__doc__ or "").splitlines():
        if found := re.fullmatch(r"    (any step|\w+) +─+▶ (.+)", line):
            origins = everyone if found[1] == "any step" else {Step(found[1])}
            taken |= {(each, Step(to)) for each in origins for to in found[2].split()}
    return {(origin, to) for origin, to in taken if origin is not to}


@dataclass
class Tally:
    """What was seen in all conversations; `shelf` keeps some as they stood at a step."""

    steps: Counter[Step] = field(default_factory=Counter)
    taken: Counter[Taken] = field(default_factory=Counter)
    asides: Counter[tuple[Aside, Step]] = field(default_factory=Counter)
    shelf: dict[Step, dict[Kind, list[Witness]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def lacks(self) -> list[Taken]:
        """Return the transitions of the diagram that nobody has taken yet."""
        return sorted(diagram() - set(self.taken))

    def seldom(self, often: int) -> list[str]:
        """Return what was not seen so often as it must be."""
        asides = Counter(aside for aside, _ in self.asides.elements())
        return [
            *(f"{step} is reached too seldom" for step in Step if self.steps[step] < often),
            *(f"{aside} is asked too seldom" for aside in Aside if asides[aside] < often),
        ]

    def broken(self, often: int) -> list[str]:
        """Return what was not seen so often as it must be, or must never be seen."""
        over = {(aside, step) for aside, step in self.asides if step not in OVER[aside]}
        return [
            *self.seldom(often),
            *(f"{origin} ─▶ {to} is never taken" for origin, to in self.lacks()),
            *(f"{each} is not in the diagram" for each in set(self.taken) - diagram()),
            *(f"{aside} lies over {step}" for aside, step in over),
        ]


def explore(first: int, conversations: int, often: int, tell: Callable[[int], None]) -> list[str]:
    """Play so many conversations, then look for what was seldom, and for what nobody did by chance.

    Return what was not seen `often`, or must never be. Raises AssertionError for what must hold in
    each of them.
    """
    tally, after = Tally(), first + conversations
    for seed in range(first, after):
        _converse(seed, tally)
        tell(seed + 1 - first)
    for seed in range(after, after + _SEARCHES):
        if tally.lacks():
            _seek(seed, tally)
        elif tally.seldom(often):
            _converse(seed, tally)
        else:
            break
    return tally.broken(often)


def _converse(seed: int, tally: Tally) -> None:
    """Play one conversation at random."""
    random = Random(seed)  # noqa: S311 - chance that can be repeated
    person = Person(random, Chat(some(random)))
    _play(seed, Witness(person), tally, random.randrange(6, 25))


def _seek(seed: int, tally: Tally) -> None:
    """Go on at the step where a missing transition begins, or at a step that leads to this one.

    Whether it is taken may depend on an earlier answer, so not everybody at the step can take it,
    and on a campaign that changes, so it often does. Some questions are only reached by Back.
    """
    random = Random(seed)  # noqa: S311 - as above
    wanted, _ = random.choice(tally.lacks())
    before = sorted(origin for origin, to in diagram() if to is wanted)
    origins = [each for each in (*[wanted] * len(before), *before) if tally.shelf[each]]
    kinds = tally.shelf[random.choice(origins or [Step.WELCOME])]
    witness = random.choice(kinds[random.choice(sorted(kinds))]).copied(random)
    witness.person.goes_back = random.choice((0.0, 0.0, 0.7))
    match random.randrange(4):
        case 0:
            witness.person.changes_the_world()
        case 1 | 2:
            witness.person.doubts_the_answers()
    _play(seed, witness, tally, 5)


def _play(seed: int, witness: Witness, tally: Tally, events: int) -> None:
    person, chat = witness.person, witness.person.chat
    try:
        for _ in range(events):
            event, before, acted = person.next(), chat.journey, chat.facts.actions
            turn = chat.happens(event)
            witness.check(before, event, turn)
            person.sees(turn)
            for effect in turn.effects:
                if isinstance(effect, Withdraw):
                    letters = [letter for each in acted for letter in each.letters]
                    (withdrawn,) = [each for each in letters if each.action == effect.action]
                    assert _may_be_withdrawn(withdrawn, event)
            _count(tally, before, turn.journey, witness)
    except Exception as error:
        lines = "\n".join(person.log)
        raise AssertionError(f"in conversation {seed}: {error!r}\n{lines}") from error


def _may_be_withdrawn(acted: ActionTaken, event: Event) -> bool:
    """Whether a letter waits; or may be replaced by one that is sent, as each test may."""
    if isinstance(event, TurnButtonPressed):
        return acted.test or acted.state in REACHED_NOBODY
    return acted.state in WITHDRAWABLE_STATES


def _kind(chat: Chat) -> Kind:
    answers, campaign = chat.journey.answers, chat.campaigns.get(chat.journey.campaign)
    return (
        campaign is not None and campaign.edits is not Edits.NONE,
        bool(answers.name),
        answers.proved,
        answers.country in answers.warned and not answers.risk_accepted,
        any(each.copy in (CopyState.ASKED, CopyState.TOLD) for each in chat.facts.actions),
    )


def _count(tally: Tally, before: Journey, after: Journey, witness: Witness) -> None:
    if before.step is not after.step:
        tally.steps[after.step] += 1
        tally.taken[before.step, after.step] += 1
        random, shelf = witness.person.random, tally.shelf[after.step][_kind(witness.person.chat)]
        if len(shelf) == _KEPT:
            shelf.pop(random.randrange(_KEPT))  # any, so that what came there by itself lasts
        shelf.append(witness.copied(random))
    if after.aside and after.aside is not before.aside:
        tally.asides[after.aside, after.step] += 1
