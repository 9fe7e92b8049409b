"""Which subject should the letter have?"""

from dataclasses import replace

from conversations.core.buttons.journey import ChooseSubject
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import Ask, Reply, TurnButton
from conversations.journey.flow.question import Question, with_note
from conversations.journey.flow.transitions import ask_again, forward
from conversations.journey.letters.letter_review import changeable, may_type_subject
from conversations.journey.questions.letter.own_words import about_others
from conversations.model.journey import Step
from conversations.text.html import Html, escape
from conversations.text.links import find_link
from conversations.text.typed.words import OwnWordsProblem, read_subject


class SubjectQuestion(Question):
    """Ask for one of the campaign's subjects, or for another where the campaign allows it."""

    step = Step.SUBJECT
    back = Step.CHANGE
    change_button = "button.subject"

    def is_changeable(self, context: Context) -> bool:
        """Return whether there is another subject to choose, or one may be typed."""
        return bool(_choices(context)) or may_type_subject(context.campaign)

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Number the subjects of the campaign."""
        choices, can_type = _choices(context), may_type_subject(context.campaign)
        text = context.wording.say("subject.type" if can_type else "subject.choose")
        lines = "\n".join(f"{number}. {escape(line)}" for number, line in enumerate(choices, 1))
        numbers = tuple(
            TurnButton(str(index + 1), ChooseSubject(index)) for index in range(len(choices))
        )
        rows = (numbers,) if numbers else ()
        whole = Html(f"{text}\n\n{lines}") if lines else text
        if can_type:
            whole = Html(f"{whole}\n\n{about_others(context)}")
        return (Ask(with_note(note, whole), (*rows, *context.ways_out())),)

    def typed(self, context: Context, text: str) -> Turn | None:
        """Take a subject of the supporter's own, where the campaign allows it."""
        if not may_type_subject(context.campaign):
            return None
        subject = read_subject(text)
        if isinstance(subject, OwnWordsProblem):
            problem = f"subject.problem.{subject}"
            return ask_again(context, context.wording.say(problem, link=find_link(text)))
        return forward(context, replace(context.journey.answers, subject=subject))

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Take one of the campaign's subjects."""
        choices = _choices(context)
        match button:
            case ChooseSubject(number) if 0 <= number < len(choices):
                return forward(context, replace(context.journey.answers, subject=choices[number]))
            case _:
                return None


def _choices(context: Context) -> tuple[str, ...]:
    return changeable(context)
