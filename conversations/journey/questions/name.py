"""What is your name?"""

from dataclasses import replace

from conversations.core.buttons.journey import UseName
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import Ask, Reply
from conversations.journey.question import Question, with_note
from conversations.journey.transitions import ask_again, forward
from conversations.model.funnel import FunnelStage
from conversations.model.journey import Step
from conversations.text.html import Html
from conversations.text.typed_answers import MAX_NAME_LENGTH, NameProblem, read_name


class NameQuestion(Question):
    """Ask for the name that signs the letter."""

    step = Step.NAME
    back = Step.WELCOME
    change_button = "button.name"
    stage = FunnelStage.BEGAN

    def is_missing(self, context: Context) -> bool:
        """Return whether no name was given."""
        return not context.journey.answers.name and not context.journey.corrects

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Propose the name that was given before, or the name in Telegram."""
        proposed = _proposed(context)
        is_usable = read_name(proposed) == proposed
        use = ((context.press("button.use", UseName(), name=proposed),),) if is_usable else ()
        text = with_note(note, context.wording.say("name.ask"))
        return (Ask(text, (*use, *context.ways_out())),)

    def typed(self, context: Context, text: str) -> Turn:
        """Take the name."""
        return _take(context, text)

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Take the name that is proposed."""
        match button:
            case UseName():
                return _take(context, _proposed(context), pressed=True)
            case _:
                return None


def _proposed(context: Context) -> str:
    return context.journey.answers.name or context.facts.profile_name


def _take(context: Context, text: str, *, pressed: bool = False) -> Turn:
    name = read_name(text)
    if isinstance(name, NameProblem):
        return ask_again(context, context.wording.say(f"name.problem.{name}", most=MAX_NAME_LENGTH))
    closing_text = context.wording.say("name.settled", name=name) if pressed else None
    return forward(context, replace(context.journey.answers, name=name), closing_text=closing_text)
