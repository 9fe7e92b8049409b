"""A supporter chooses among 10,000 targets: no turn does much work for each of them.

Time would depend on what else runs on the machine, so the test counts the lines that are executed.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

import pytest

from conversations.core.buttons import journey as buttons
from conversations.core.buttons.packing import TurnButtonData
from conversations.core.events import Event, StartPressed, TextSent, TurnButtonPressed
from conversations.model.campaigns.targets import MAX_TARGETS, Target
from conversations.model.journey import Step
from tests.conversations.play import RIVER, Chat

FEW = 100

MOST_LINES = 8
"""How many lines a turn may execute for each target: 10,000 take about half a millisecond."""


@dataclass
class Lines:
    """How many lines were executed."""

    count: int = 0


@contextmanager
def counting() -> Iterator[Lines]:
    """Count the lines of Python that are executed."""
    lines, before = Lines(), sys.gettrace()

    def trace(_frame: FrameType, event: str, _arg: object) -> Any:
        lines.count += event == "line"
        return trace

    gc.disable()  # collecting calls functions that others registered
    sys.settrace(trace)
    try:
        yield lines
    finally:
        sys.settrace(before)
        gc.enable()


def member(number: int) -> Target:
    return Target(
        id=f"m{number}",
        name={"en": f"Member {number} of the House"},
        address=f"m{number}@parliament.example",
        country="PT",
        languages=("en",),
    )


def talk(count: int, exempt: frozenset[str]) -> Chat:
    """Return a chat that has come to the list of targets."""
    changes = {
        "targets": tuple(map(member, range(count))),
        "write_to": 3,
        "allow_letters_in_other_peoples_names": True,
    }
    campaign = RIVER.model_copy(update=changes)
    assert len(campaign.index.targets) == count
    chat = Chat({"river": campaign})
    chat.facts = replace(chat.facts, exempt={"river": exempt})
    chat.happens(StartPressed("river"))
    presses(chat, buttons.WriteLetter())
    for text in ("Maria Silva", "Portugal", "maria@mail.example"):
        chat.happens(TextSent(text))
    assert chat.journey.step is Step.TARGETS
    return chat


def pressing(chat: Chat, button: TurnButtonData) -> Event:
    return TurnButtonPressed(button, chat.journey.id, chat.journey.asked)


def presses(chat: Chat, button: TurnButtonData) -> None:
    chat.happens(pressing(chat, button))


def turns(chat: Chat) -> dict[str, int]:
    """Search, turn pages, tick and go on; return how many lines each of these takes."""
    said: dict[str, TurnButtonData | str] = {
        "search all": "member",
        "turn the page": buttons.ListTargets(2),
        "end the search": buttons.EndTargetSearch(),
        "a page of all": buttons.ListTargets(2),
        "tick": buttons.TickTarget(99),
        "search few": "9 of",
        "search none": "Mayor",
        "type a name": "member 5 of the house",
        "go on": buttons.FinishTargets(),
    }
    counts: dict[str, int] = {}
    for name, what in said.items():
        event = TextSent(what) if isinstance(what, str) else pressing(chat, what)
        with counting() as lines:
            chat.happens(event)
        counts[name] = lines.count
    assert chat.journey.answers.chosen == ("m99", "m5")
    assert chat.journey.step is Step.REVIEW
    return counts


@pytest.mark.parametrize("exempt", [frozenset[str](), frozenset({"m7", "m8"})])
def test_no_turn_does_much_for_each_target(exempt: frozenset[str]) -> None:
    turns(talk(FEW, exempt))  # what is loaded only once
    few, many = (turns(talk(count, exempt)) for count in (FEW, MAX_TARGETS))
    each = {name: (many[name] - few[name]) / (MAX_TARGETS - FEW) for name in few}
    assert {name: lines for name, lines in each.items() if lines > MOST_LINES} == {}
    if not exempt:
        constant = ("end the search", "a page of all", "tick", "go on")
        assert [each[name] for name in constant] == [0, 0, 0, 0]
