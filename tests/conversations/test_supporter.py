"""What holds in every conversation: ten thousand at random, on the engine alone.

A plain generator with a seed for each conversation, and no hypothesis: the sequences follow the
engine's own answers (which buttons stand, which code was mailed), coverage is counted over all of
them, and there are too many for its bookkeeping. A failure tells its seed and its events, line by
line, as they can be put into a test of their own; those that found something stand below.
"""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import lru_cache
from random import Random
from typing import Any

import pytest

from bot.playground.telegram import keyboards
from bot.playground.telegram.call import Call
from bot.playground.telegram.entities import parse, units
from bot.playground.telegram.rules import TEXT, TOAST
from conversations import supporter
from conversations.campaign import Campaign
from conversations.delivery import WITHDRAWABLE, LetterState
from conversations.effects import Erase, RecordAction, UnsubscribeAll, Withdraw
from conversations.events import (
    Blocked,
    CodeBounced,
    Commanded,
    CopyBounced,
    Event,
    Pressed,
    PressedStanding,
    Said,
    SentOther,
    Started,
    Unblocked,
)
from conversations.journey import Aside, Journey, Step
from conversations.known import Acted, Details
from conversations.play import UNDER_WAY
from conversations.replies import (
    Amend,
    Ask,
    Button,
    ClearChat,
    Keyboard,
    Link,
    Press,
    Replace,
    Settle,
    Show,
    Standing,
    Toast,
)
from conversations.rich import escape, plain
from conversations.scene import Turn
from tests.conversations.people import Person
from tests.conversations.play import HONG_KONG, NOW, RIVER, Chat
from tests.conversations.world import some

CONVERSATIONS = 10_000
WAYS_BACK = {"back", "cancel", "stay"}
FIRST = (Step.CHOOSE, Step.WELCOME)
OVER: dict[Aside, frozenset[Step]] = {
    Aside.SWITCH: UNDER_WAY,
    Aside.RESUME: UNDER_WAY,
    Aside.LANGUAGE: frozenset({Step.WELCOME}),
    Aside.FORGET: frozenset(Step),
}

Taken = tuple[Step, Step]


def diagram() -> set[Taken]:
    """Read the transitions from the diagram that stands on top of the engine."""
    taken: set[Taken] = set()
    everyone = set(Step)
    for line in (supporter.__doc__ or "").splitlines():
        if found := re.fullmatch(r"    (any step|\w+) +─+▶ (.+)", line):
            origins = everyone if found[1] == "any step" else {Step(found[1])}
            taken |= {(each, Step(to)) for each in origins for to in found[2].split()}
    return {(origin, to) for origin, to in taken if origin is not to}


@dataclass
class Witness:
    """Sees every turn of one conversation, and says what must never be."""

    chat: Chat
    told: set[str] = field(default_factory=set)
    shown: str = ""
    agreement: str = ""

    def check(self, before: Journey, event: Event, turn: Turn) -> None:
        journey = turn.journey
        assert journey.turn - before.turn in (0, 1)
        assert journey.asked in (0, before.asked, journey.turn)
        unasked = isinstance(event, Blocked | Unblocked | CodeBounced | CopyBounced)
        assert turn.replies or unasked, "everything is answered"
        for reply in turn.replies:
            self._well_formed(journey, reply)
            match reply:
                case Toast():
                    assert isinstance(event, Pressed | PressedStanding)
                case Replace(message=None):
                    assert isinstance(event, PressedStanding)
                case _:
                    pass
        self._sent(before, event, turn)
        self._asked(before, turn)

    def _asked(self, before: Journey, turn: Turn) -> None:
        journey, open_prompt = turn.journey, before.asked != 0
        for reply in turn.replies:
            match reply:
                case Settle() | ClearChat():
                    open_prompt = False
                case Ask(text, keyboard):
                    assert not open_prompt, "one prompt at a time"
                    open_prompt = True
                    self._question(journey, text, keyboard)
                case Amend(text, keyboard):
                    assert open_prompt
                    self._question(journey, text, keyboard)
                case _:
                    pass
        assert open_prompt == (journey.asked != 0)
        if journey.step in (Step.REVIEW, Step.CHANGE) and journey.aside is None:
            self._remember_review(turn)

    def _question(self, journey: Journey, text: str, keyboard: Keyboard) -> None:
        values = {each.value for row in keyboard for each in row if isinstance(each, Press)}
        if journey.aside or journey.step not in FIRST:
            assert values & WAYS_BACK, "every question has a way back"
        if (
            journey.step is Step.WELCOME
            and not journey.aside
            and f'"{self._policy(journey)}"' in text
        ):
            self.told.add(journey.id)
        if journey.step not in (*FIRST, Step.IDLE, Step.SENT):
            assert journey.id in self.told or journey.mends, "the notice comes before any question"

    def _policy(self, journey: Journey) -> str:
        return self.chat.campaigns[journey.campaign].privacy_policy

    def _remember_review(self, turn: Turn) -> None:
        said = [each for each in turn.replies if isinstance(each, Ask | Amend | Show)]
        if any(isinstance(each, Ask | Amend) for each in said):
            self.shown = "\n".join(each.text for each in said)
            self.agreement = said[-1].text.rpartition("———\n")[2]

    def _sent(self, before: Journey, event: Event, turn: Turn) -> None:
        for effect in turn.effects:
            match effect:
                case RecordAction(letter=letter, consent=consent):
                    assert isinstance(event, Pressed)
                    assert (before.step, event.value) == (Step.REVIEW, "send")
                    assert before.reviewed is not None
                    assert before.reviewed.letter == letter.digest == consent.letter_digest
                    assert before.reviewed.notice == consent.notice_digest
                    assert escape(letter.body) in self.shown
                    assert escape(letter.subject) in self.shown
                    assert consent.notice.endswith(self.agreement)
                case Withdraw():
                    assert isinstance(event, PressedStanding)
                case _:
                    pass

    def _well_formed(self, journey: Journey, reply: object) -> None:
        match reply:
            case Ask(text, keyboard) | Amend(text, keyboard) | Show(text, keyboard):
                _fits(text)
                _buttons(journey, keyboard)
            case Replace(text, keyboard):
                _fits(text)
                _buttons(journey, keyboard)
            case Settle(text) if text is not None:
                _fits(text)
            case Toast(text):
                assert 0 < units(text) <= TOAST, text
            case _:
                pass


@lru_cache(maxsize=20_000)
def _fits(text: str) -> None:
    plain, _ = parse(text)
    assert plain.strip()
    assert units(plain) <= TEXT, f"{units(plain) - TEXT} characters too long"


def _buttons(journey: Journey, keyboard: Keyboard) -> None:
    rows = [[_button(journey, each) for each in row] for row in keyboard]
    keyboards.inline(Call({"reply_markup": {"inline_keyboard": rows}}))


def _button(journey: Journey, button: Button) -> dict[str, Any]:
    match button:
        case Press(label, value):
            data = f"t:{journey.id[: supporter.ID]}:{journey.asked}:{value}"
            return {"text": label, "callback_data": data}
        case Standing(label, action):
            return {"text": label, "callback_data": f"s:{action}"}
        case Link(label, url):
            return {"text": label, "url": url}


@dataclass
class Tally:
    """What was seen in all conversations."""

    steps: Counter[Step] = field(default_factory=Counter)
    taken: Counter[Taken] = field(default_factory=Counter)
    asides: Counter[tuple[Aside, Step]] = field(default_factory=Counter)
    sent: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def converse(seed: int, tally: Tally) -> None:
    random = Random(seed)  # noqa: S311 - chance that can be repeated
    chat = Chat(some(random))
    person, witness = Person(random, chat), Witness(chat)
    try:
        for _ in range(random.randrange(6, 25)):
            event, before, acted = person.next(), chat.journey, chat.known.acted
            turn = chat.happens(event)
            witness.check(before, event, turn)
            person.sees(turn)
            for effect in turn.effects:
                if isinstance(effect, Withdraw):
                    (state,) = [
                        each.state for each in acted.values() if each.action == effect.action
                    ]
                    assert state in WITHDRAWABLE
                if isinstance(effect, RecordAction):
                    tally.sent[effect.letter.language, effect.campaign, effect.language] += 1
            _count(tally, before, turn.journey)
    except Exception as error:
        lines = "\n".join(person.log)
        raise AssertionError(f"in conversation {seed}: {error!r}\n{lines}") from error


def _count(tally: Tally, before: Journey, after: Journey) -> None:
    if before.step is not after.step:
        tally.steps[after.step] += 1
        tally.taken[before.step, after.step] += 1
    if after.aside and after.aside is not before.aside:
        tally.asides[after.aside, after.step] += 1


@pytest.fixture(scope="module")
def tally() -> Tally:
    tally = Tally()
    for seed in range(CONVERSATIONS):
        converse(seed, tally)
    return tally


def test_every_step_is_reached_often(tally: Tally) -> None:
    assert {step: count for step in Step if (count := tally.steps[step]) < 100} == {}


def test_every_transition_of_the_diagram_is_taken_and_no_other(tally: Tally) -> None:
    assert set(tally.taken) == diagram()


def test_questions_in_between_lie_over_the_steps_they_may_interrupt(tally: Tally) -> None:
    over = {aside: {step for each, step in tally.asides if each is aside} for aside in Aside}
    assert all(over[aside] <= OVER[aside] for aside in Aside), over
    often = Counter(aside for aside, _ in tally.asides.elements())
    assert {aside: count for aside in Aside if (count := often[aside]) < 100} == {}


# --- what conversations at random found -----------------------------------------------------------


def press(chat: Chat, value: str) -> Turn:
    return chat.happens(Pressed(value, chat.journey.id, chat.journey.asked))


def says(turn: Turn) -> list[str]:
    return [plain(each.text) for each in turn.replies if isinstance(each, Ask | Amend | Show)]


def at_the_review(*campaigns: Campaign) -> Chat:
    chat = Chat({each.slug: each for each in campaigns})
    chat.happens(Started(campaigns[0].slug))
    press(chat, "write")
    press(chat, "use")
    press(chat, "country:CH")
    chat.happens(Said("maria@mail.example"))
    chat.happens(Said(chat.code))
    assert chat.journey.step is Step.REVIEW
    return chat


CLOSED = "That action takes no letters any more."


@pytest.mark.parametrize("step", [Step.WELCOME, Step.REVIEW])
@pytest.mark.parametrize(
    "event",
    [
        SentOther("sticker"),
        Said("hello"),
        PressedStanding("lang:en"),
        PressedStanding("clear"),
    ],
    ids=repr,
)
def test_a_campaign_that_is_gone_is_told_as_closed(step: Step, event: Event) -> None:
    chat = at_the_review(HONG_KONG)
    if step is Step.WELCOME:
        press(chat, "cancel")
        chat.happens(Started("hong-kong"))
    chat.campaigns = {}
    assert CLOSED in says(chat.happens(event))[-1]


def test_a_code_for_a_campaign_that_is_gone_proves_nothing() -> None:
    chat = Chat({"hong-kong": HONG_KONG})
    chat.happens(Started("hong-kong"))
    press(chat, "write")
    press(chat, "use")
    press(chat, "country:CH")
    chat.happens(Said("maria@mail.example"))
    chat.campaigns = {}
    (said,) = says(chat.happens(Started(f"c_{chat.code}")))
    assert said.startswith(CLOSED)


def test_forget_and_stop_work_in_a_campaign_that_has_closed() -> None:
    chat = at_the_review(HONG_KONG)
    chat.campaigns = {"hong-kong": HONG_KONG.model_copy(update={"closes": NOW})}
    chat.happens(Said("stop"))
    assert UnsubscribeAll("en") in chat.done
    chat.happens(Commanded("forget"))
    press(chat, "erase")
    assert chat.done[-1] == Erase()


def test_a_link_to_a_campaign_that_is_not_open_costs_no_answers() -> None:
    chat = at_the_review(HONG_KONG)
    asked = chat.journey.asked
    (told,) = says(chat.happens(Started("gone")))
    assert told.endswith("when it says what you want, or “Change…”.")
    assert (chat.journey.step, chat.journey.asked) == (Step.REVIEW, asked)
    assert chat.journey.answers.name == "Maria Silva"


def test_switching_to_a_campaign_that_has_closed_meanwhile_gives_the_question_back() -> None:
    chat = at_the_review(HONG_KONG, RIVER)
    chat.happens(Started("river"))
    chat.campaigns = {"hong-kong": HONG_KONG}
    said = says(press(chat, "switch"))
    assert said[-1].startswith(CLOSED)
    assert (chat.journey.step, chat.journey.aside) == (Step.REVIEW, None)


def test_send_means_the_letter_that_was_shown_last() -> None:
    chat = at_the_review(HONG_KONG)
    texts = HONG_KONG.texts["en"].model_copy(update={"demands": "Something else."})
    other = HONG_KONG.model_copy(update={"texts": {**HONG_KONG.texts, "en": texts}})
    chat.campaigns = {"hong-kong": other}
    chat.happens(Commanded("forget"))
    assert "Something else." in says(chat.happens(Commanded("cancel")))[-1]
    chat.campaigns = {"hong-kong": HONG_KONG}
    assert "has changed" in says(press(chat, "send"))[-1]
    assert not any(isinstance(each, RecordAction) for each in chat.done)


def test_a_letter_taken_back_leaves_one_question_open() -> None:
    chat = at_the_review(HONG_KONG)
    press(chat, "send")
    action = chat.journey.action
    chat.happens(Commanded("forget"))
    turn = chat.happens(PressedStanding(f"undo:{action}"))
    assert [type(each) for each in turn.replies] == [Replace, Settle, Ask]
    assert (chat.journey.step, chat.journey.aside) == (Step.REVIEW, None)


def test_mydata_fills_as_many_messages_as_it_needs() -> None:
    chat = at_the_review(HONG_KONG)
    details = Details("𠮷" * 50, "PT", f"{'m' * 64}@{'a' * 60}.example", proved=True)
    slugs = [f"action-{number:03}" for number in range(60)]
    acted = {slug: Acted(slug, slug, LetterState.ACCEPTED, NOW, details) for slug in slugs}
    chat.known = replace(chat.known, acted=acted)
    said = says(chat.happens(Commanded("mydata")))
    assert len(said) > 1
    assert max(units(each) for each in said) <= TEXT
    told = [line for each in said for line in each.splitlines() if line.startswith("• Your letter")]
    assert [line.partition("“")[2].partition("”")[0] for line in told] == slugs
    assert said[-1].count("• This chat’s number at Telegram") == 1
