"""What must hold in every conversation."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from random import Random
from typing import Any

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.content import keyboards
from bot.playground.telegram.content.entities import parse, utf16_length
from bot.playground.telegram.rules import MAX_TEXT_LENGTH, MAX_TOAST_LENGTH
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
    TextSent,
    TurnButtonPressed,
)
from conversations.core.paging import MAX_BUTTONS
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
from conversations.journey.letters.letter_review import joint_digest
from conversations.model.journey import Journey, Step
from conversations.text.html import escape
from tests.conversations.people import Person

WAYS_BACK = {buttons.Back(), buttons.Cancel(), buttons.Stay()}
FIRST = (Step.CHOOSE, Step.WELCOME)


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
        self._asked(before, event, turn)

    def _asked(self, before: Journey, event: Event, turn: Turn) -> None:
        journey, open_prompt = turn.journey, before.asked != 0
        for reply in turn.replies:
            match reply:
                case ClosePrompt() | ClearChat():
                    open_prompt = False
                case Ask(text, keyboard):
                    # A question that was answered by typing keeps its buttons, which are over.
                    assert not open_prompt or isinstance(event, TextSent), "one prompt at a time"
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
                    digest = joint_digest(tuple(each.letter for each in effect.letters))
                    assert before.reviewed.letter == digest == consent.letter_digest
                    assert before.reviewed.notice == consent.notice_digest
                    assert escape(letter.body) in self.shown
                    assert escape(letter.subject) in self.shown
                    agreement = self._agreement(letter.body)
                    assert agreement.strip()
                    assert consent.notice.endswith(f"\n\n{agreement}")
                case Withdraw():
                    sends = any(isinstance(each, RecordAction) for each in turn.effects)
                    assert sends or isinstance(event, PersistentButtonPressed)
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
