"""What is your name?"""

from dataclasses import replace

from conversations.core.buttons.journey import UseName
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import Ask, Reply
from conversations.journey.flow.question import Question, with_note
from conversations.journey.flow.step_numbers import number
from conversations.journey.flow.transitions import ask_again, forward
from conversations.model.journey import Place, Step
from conversations.model.stats.funnel import FunnelStage
from conversations.text.html import Html
from conversations.text.typed.names import MAX_NAME_LENGTH, NameProblem, is_as_typed, read_name
from conversations.text.wording import raw


class NameQuestion(Question):
    """Ask for the name that signs the letter."""

    step = Step.NAME
    back = Step.WARNING
    change_button = "button.name"
    stage = FunnelStage.BEGAN

    def is_missing(self, context: Context) -> bool:
        """Return whether no name was given."""
        return not context.journey.answers.name and not context.journey.corrects

    def back_to(self, context: Context) -> Place | None:
        """Lead back to the warning, or to the welcome in a campaign without countries at risk."""
        back = super().back_to(context)
        return Step.WELCOME if back is Step.WARNING and not context.campaign.at_risk else back

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Propose the name that was given before, or the name in Telegram."""
        proposed = _proposed(context)
        use = ((context.press("button.use", UseName(), name=proposed),),) if proposed else ()
        text = with_note(
            note, context.wording.say("name.ask", step=raw(number(context, self.step)))
        )
        return (Ask(text, (*use, *context.ways_out())),)

    def typed(self, context: Context, text: str) -> Turn:
        """Take the name; “yes” is the one that is proposed.

        A yes or no of another language is more likely a name, such as Jo.
        """
        is_yes = context.means("words.yes", text, only_own=True)
        if _proposed(context) and is_yes:
            return _take(context, _proposed(context), pressed=True)
        if is_yes or context.means("words.no", text, only_own=True):
            return _refuse(context, NameProblem.EMPTY)
        return _take(context, text)

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Take the name that is proposed."""
        match button:
            case UseName():
                return _take(context, _proposed(context), pressed=True)
            case _:
                return None


def _proposed(context: Context) -> str:
    """Return the name that a button offers; "" if the known one can't be used."""
    name = read_name(context.journey.answers.name or context.facts.profile_name)
    return "" if isinstance(name, NameProblem) else name


def _take(context: Context, text: str, *, pressed: bool = False) -> Turn:
    """Take the name in `text`. Say which name was read if it is not the whole text."""
    name = read_name(text)
    if isinstance(name, NameProblem):
        return _refuse(context, name)
    answers, settled = replace(context.journey.answers, name=name), None
    if pressed or not is_as_typed(name, text):
        settled = context.wording.say("name.settled", name=name)
    if pressed:
        return forward(context, answers, closing_text=settled)
    return forward(context, answers, note=settled)


def _refuse(context: Context, problem: NameProblem) -> Turn:
    return ask_again(context, context.wording.say(f"name.problem.{problem}", most=MAX_NAME_LENGTH))
