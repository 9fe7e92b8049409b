"""What must hold in every conversation, and conversations at random of which it is asked.

A plain generator with a seed for each conversation, and no hypothesis: the sequences follow the
engine's own answers (which buttons stand, which code was mailed), coverage is counted over all of
them, and there are too many for its bookkeeping. A failure tells its seed and its events, line by
line, as they can be put into a test of their own.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from random import Random
from typing import Any

from bot.playground.telegram import keyboards
from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.entities import parse, utf16_length
from bot.playground.telegram.rules import MAX_TEXT_LENGTH, MAX_TOAST_LENGTH
from conversations import router
from conversations.core.buttons import journey as buttons
from conversations.core.buttons.packing import pack_persistent, pack_turn
from conversations.core.context import Turn
from conversations.core.effects.letters import RecordAction, Withdraw
from conversations.core.events import (
    BotBlocked,
    BotUnblocked,
    CodeBounced,
    CopyBounced,
    Event,
    PersistentButtonPressed,
    TurnButtonPressed,
)
from conversations.core.replies import (
    Ask,
    Button,
    ClearChat,
    ClosePrompt,
    CopyButton,
    EditMessage,
    EditPrompt,
    Keyboard,
    LinkButton,
    PersistentButton,
    Say,
    Toast,
    TurnButton,
)
from conversations.model.delivery import WITHDRAWABLE_STATES
from conversations.model.journey import UNDER_WAY, Aside, Journey, Step
from conversations.text.html import escape
from tests.conversations.people import Person
from tests.conversations.play import Chat
from tests.conversations.world import some

WAYS_BACK = {buttons.Back(), buttons.Cancel(), buttons.Stay()}
FIRST = (Step.CHOOSE, Step.WELCOME)
OVER: dict[Aside, frozenset[Step]] = {
    Aside.SWITCH: UNDER_WAY,
    Aside.RESUME: UNDER_WAY,
    Aside.LANGUAGE: frozenset({Step.WELCOME}),
    Aside.DISCREET: frozenset({Step.WELCOME, Step.ADDRESS}),
    Aside.FORGET: frozenset(Step),
}

Taken = tuple[Step, Step]

MAX_BUTTONS = 7
"""How many buttons a phone shows at once."""

_SEARCHES = 10_000
_KEPT = 300
"""Conversations on the shelf for each step."""


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
class Witness:
    """Sees every turn of one conversation, and says what must never be."""

    person: Person
    told: set[str] = field(default_factory=set)
    above: str = ""
    """What stands above the prompt of the review, and stays there while the prompt is edited."""
    shown: str = ""

    def copied(self, random: Random) -> "Witness":
        """Return the conversation as it stands, which can go on by another chance."""
        return replace(self, person=self.person.copied(random), told=set(self.told))

    def check(self, before: Journey, event: Event, turn: Turn) -> None:
        journey = turn.journey
        assert journey.turn - before.turn in (0, 1)
        assert journey.asked in (0, before.asked, journey.turn)
        unasked = isinstance(event, BotBlocked | BotUnblocked | CodeBounced | CopyBounced)
        assert turn.replies or unasked, "everything is answered"
        for reply in turn.replies:
            self._well_formed(journey, reply)
            match reply:
                case Toast():
                    assert isinstance(event, TurnButtonPressed | PersistentButtonPressed)
                case EditMessage(message=None):
                    assert isinstance(event, PersistentButtonPressed)
                case _:
                    pass
        self._sent(before, event, turn)
        self._asked(before, turn)

    def _asked(self, before: Journey, turn: Turn) -> None:
        journey, open_prompt = turn.journey, before.asked != 0
        for reply in turn.replies:
            match reply:
                case ClosePrompt() | ClearChat():
                    open_prompt = False
                case Ask(text, keyboard):
                    assert not open_prompt, "one prompt at a time"
                    open_prompt = True
                    self._question(journey, text, keyboard)
                case EditPrompt(text, keyboard):
                    assert open_prompt
                    self._question(journey, text, keyboard)
                case _:
                    pass
        assert open_prompt == (journey.asked != 0)
        if journey.step not in (Step.REVIEW, Step.CHANGE):
            self.above = self.shown = ""
        elif journey.aside is None:
            self._remember_review(turn)

    def _question(self, journey: Journey, text: str, keyboard: Keyboard) -> None:
        values = {each.data for row in keyboard for each in row if isinstance(each, TurnButton)}
        if journey.aside or journey.step not in FIRST:
            assert values & WAYS_BACK, "every question has a way back"
        if (
            journey.step is Step.WELCOME
            and not journey.aside
            and f'"{self._policy(journey)}"' in text
        ):
            self.told.add(journey.id)
        if journey.step not in (*FIRST, Step.IDLE, Step.SENT):
            assert journey.id in self.told or journey.corrects, (
                "the notice comes before any question"
            )

    def _policy(self, journey: Journey) -> str:
        return self.person.chat.campaigns[journey.campaign].privacy_policy

    def _remember_review(self, turn: Turn) -> None:
        said = [each for each in turn.replies if isinstance(each, Ask | EditPrompt | Say)]
        if not any(isinstance(each, Ask | EditPrompt) for each in said):
            return
        *before, last = (each.text for each in said)
        if not isinstance(said[-1], EditPrompt):
            self.above = "".join(f"{each}\n" for each in before)
        self.shown = f"{self.above}{last}"

    def _agreement(self, body: str) -> str:
        """Return what the review shows under the letter, whose translation is folded with it."""
        _, letter, rest = self.shown.rpartition(f"<blockquote expandable>{escape(body)}")
        assert letter, "the letter can be unfolded"
        return rest.partition("</blockquote>\n")[2]

    def _sent(self, before: Journey, event: Event, turn: Turn) -> None:
        for effect in turn.effects:
            match effect:
                case RecordAction(letter=letter, consent=consent):
                    assert isinstance(event, TurnButtonPressed)
                    assert (before.step, event.button) == (Step.REVIEW, buttons.SendLetter())
                    assert before.reviewed is not None
                    assert before.reviewed.letter == letter.digest == consent.letter_digest
                    assert before.reviewed.notice == consent.notice_digest
                    assert escape(letter.body) in self.shown
                    assert escape(letter.subject) in self.shown
                    agreement = self._agreement(letter.body)
                    assert agreement.strip()
                    assert consent.notice.endswith(f"\n\n{agreement}")
                case Withdraw():
                    assert isinstance(event, PersistentButtonPressed)
                case _:
                    pass

    def _well_formed(self, journey: Journey, reply: object) -> None:
        match reply:
            case Ask(text, keyboard) | EditPrompt(text, keyboard) | Say(text, keyboard):
                _fits(text)
                _buttons(journey, keyboard)
            case EditMessage(text, keyboard):
                _fits(text)
                _buttons(journey, keyboard)
            case ClosePrompt(text) if text is not None:
                _fits(text)
            case Toast(text):
                assert 0 < utf16_length(text) <= MAX_TOAST_LENGTH, text
            case _:
                pass


@lru_cache(maxsize=20_000)
def _fits(text: str) -> None:
    plain, _ = parse(text)
    assert plain.strip()
    assert utf16_length(plain) <= MAX_TEXT_LENGTH, (
        f"{utf16_length(plain) - MAX_TEXT_LENGTH} characters too long"
    )


def _buttons(journey: Journey, keyboard: Keyboard) -> None:
    rows = [[_button(journey, each) for each in row] for row in keyboard]
    assert sum(map(len, rows)) <= MAX_BUTTONS, rows
    keyboards.inline(ApiCall({"reply_markup": {"inline_keyboard": rows}}))


def _button(journey: Journey, button: Button) -> dict[str, Any]:
    match button:
        case TurnButton(label, value, style):
            data = pack_turn(value, journey.id, journey.asked)
            coloured = {} if style is None else {"style": style.value}
            return {"text": label, "callback_data": data, **coloured}
        case PersistentButton(label, action):
            return {"text": label, "callback_data": pack_persistent(action)}
        case LinkButton(label, url):
            return {"text": label, "url": url}
        case CopyButton(label, text):
            return {"text": label, "copy_text": {"text": text}}


@dataclass
class Tally:
    """What was seen in all conversations; `shelf` keeps some as they stood at each step."""

    steps: Counter[Step] = field(default_factory=Counter)
    taken: Counter[Taken] = field(default_factory=Counter)
    asides: Counter[tuple[Aside, Step]] = field(default_factory=Counter)
    shelf: dict[Step, list[Witness]] = field(default_factory=lambda: defaultdict(list))

    def lacks(self) -> list[Taken]:
        """Return the transitions of the diagram that nobody has taken yet."""
        return sorted(diagram() - set(self.taken))

    def broken(self, often: int) -> list[str]:
        """Return what was not seen so often as it must be, or must never be seen."""
        asides = Counter(aside for aside, _ in self.asides.elements())
        over = {(aside, step) for aside, step in self.asides if step not in OVER[aside]}
        return [
            *(f"{step} is reached too seldom" for step in Step if self.steps[step] < often),
            *(f"{aside} is asked too seldom" for aside in Aside if asides[aside] < often),
            *(f"{origin} ─▶ {to} is never taken" for origin, to in self.lacks()),
            *(f"{each} is not in the diagram" for each in set(self.taken) - diagram()),
            *(f"{aside} lies over {step}" for aside, step in over),
        ]


def explore(first: int, conversations: int, often: int, tell: Callable[[int], None]) -> list[str]:
    """Play so many conversations, and then look for the transitions that nobody took by chance.

    Return what was not seen `often`, or must never be. Raises AssertionError for what must hold in
    each of them.
    """
    tally, after = Tally(), first + conversations
    for seed in range(first, after):
        _converse(seed, tally)
        tell(seed + 1 - first)
    for seed in range(after, after + _SEARCHES):
        if not tally.lacks():
            break
        _seek(seed, tally)
    return tally.broken(often)


def _converse(seed: int, tally: Tally) -> None:
    """Play one conversation at random."""
    random = Random(seed)  # noqa: S311 - chance that can be repeated
    person = Person(random, Chat(some(random)))
    _play(seed, Witness(person), tally, random.randrange(6, 25))


def _seek(seed: int, tally: Tally) -> None:
    """Go on at the step where a missing transition begins, or at a step that leads to this one.

    Whether it is taken may depend on an earlier answer, so not everybody at the step can take it.
    """
    random = Random(seed)  # noqa: S311 - as above
    wanted, _ = random.choice(tally.lacks())
    before = sorted(origin for origin, to in diagram() if to is wanted)
    origins = [each for each in (*[wanted] * len(before), *before) if tally.shelf[each]]
    kept = random.choice(tally.shelf[random.choice(origins or [Step.WELCOME])])
    _play(seed, kept.copied(random), tally, 5)


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
                    (state,) = [each.state for each in acted if each.action == effect.action]
                    assert state in WITHDRAWABLE_STATES
            _count(tally, before, turn.journey, witness)
    except Exception as error:
        lines = "\n".join(person.log)
        raise AssertionError(f"in conversation {seed}: {error!r}\n{lines}") from error


def _count(tally: Tally, before: Journey, after: Journey, witness: Witness) -> None:
    if before.step is not after.step:
        tally.steps[after.step] += 1
        tally.taken[before.step, after.step] += 1
        random, shelf = witness.person.random, tally.shelf[after.step]
        if len(shelf) == _KEPT:
            shelf.pop(random.randrange(_KEPT))  # any, so that what came there by itself lasts
        shelf.append(witness.copied(random))
    if after.aside and after.aside is not before.aside:
        tally.asides[after.aside, after.step] += 1
