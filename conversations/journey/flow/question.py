"""What every question of the journey declares, and the registry of all questions.

Each question is an object in `conversations.journey.questions`. `CONTRIBUTING.md` lists the files
to change for a new one.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import Keyboard, Reply
from conversations.model.journey import Place, Step
from conversations.model.stats.funnel import FunnelStage
from conversations.text.html import Html


class Question(ABC):
    """What the bot waits for at one step, and what each answer leads to."""

    step: ClassVar[Step]
    """The step at which this is asked."""

    back: ClassVar[Step | None] = None
    """The question that Back leads to; None where there is no way back."""

    change_button: ClassVar[str] = ""
    """Catalogue key of the button that leads here from “Change…” in the review; "" for none. Back
    returns there once nothing is missing.
    """

    stage: ClassVar[FunnelStage | None] = None
    """The stage of the funnel that a supporter has reached who is asked this."""

    shows_letter: ClassVar[bool] = False
    """Whether the prompt shows the whole letter. Send then agrees to exactly this letter, and the
    prompt is too long to be repeated with every note.
    """

    reminder: ClassVar[str] = "choose.reminder"
    """Catalogue key of the answer to a text that this question has no use for."""

    adds_reminder: ClassVar[bool] = False
    """Whether the reminder follows every note, since the question itself isn't repeated under it.
    """

    @property
    def takes_text(self) -> bool:
        """Whether a typed text may answer this, and not only a button."""
        return type(self).typed is not Question.typed

    @abstractmethod
    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Return the messages that ask this, with `note` above the question.

        They are the same the first time, after an interruption, and after a crash.
        """

    def other_buttons(self, context: Context) -> Keyboard:
        """Return the buttons that only some messages of this question have; they can be typed."""
        return ()

    def is_missing(self, context: Context) -> bool:
        """Return whether the letter cannot be sent before this is answered."""
        return False

    def missing(self, context: Context) -> Place | None:
        """Return what must be answered here before the letter can be sent; None if nothing."""
        return self.step if self.is_missing(context) else None

    def is_changeable(self, context: Context) -> bool:
        """Return whether “Change…” offers this now."""
        return bool(self.change_button)

    def typed(self, context: Context, text: str) -> Turn | None:
        """Return the answer to a typed text; None for the reminder. Raises FactMissing."""
        return None

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Return the answer to a button; None if this question has no such button.

        Raises FactMissing.
        """
        return None

    def back_to(self, context: Context) -> Place | None:
        """Return the question that Back leads to now; None where there is no way back."""
        if self.change_button and returns_to_change(context):
            return Step.CHANGE
        return self.back


QUESTIONS: dict[Step, Question] = {}
"""The question of every step, in the order in which they are asked."""


def first_missing(context: Context) -> Place | None:
    """Return the first question that must be answered before the review; None if none is left."""
    missing = (question.missing(context) for question in QUESTIONS.values())
    return next((each for each in missing if each is not None), None)


def returns_to_change(context: Context) -> bool:
    """Return whether a question is asked again after the review, and Back returns there."""
    return context.journey.reviewed is not None and first_missing(context) is None


def with_note(note: Html | None, text: Html) -> Html:
    """Return `text` under `note`, if there is one."""
    return Html(f"{note}\n\n{text}") if note else text
