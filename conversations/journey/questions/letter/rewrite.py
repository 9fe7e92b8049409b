"""How do you want to rewrite the letter?"""

from dataclasses import replace

from conversations.core.buttons.journey import RestoreLetter
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import Ask, Reply, Say
from conversations.journey.flow.question import Question, with_note
from conversations.journey.flow.transitions import ask_again, forward
from conversations.journey.letters.letter_review import signature
from conversations.journey.questions.letter.own_words import about_others
from conversations.model.journey import Step
from conversations.model.letters.letter import editable
from conversations.text.html import Html, escape
from conversations.text.links import find_link
from conversations.text.typed.words import OwnWordsProblem, read_rewritten


class RewriteQuestion(Question):
    """Ask for the letter in the supporter's own words."""

    step = Step.REWRITE
    back = Step.REVIEW

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Show the text as a block that one tap copies. With a note, the block is above already."""
        rewritten = context.journey.answers.rewritten
        key = "rewrite.ask_locked" if context.campaign.lock_demands else "rewrite.ask"
        rows = context.ways_out()
        if rewritten is not None:
            rows = ((context.press("button.original", RestoreLetter()),), *rows)
        asked = Html(f"{context.wording.say(key)}\n\n{about_others(context)}")
        question = Ask(with_note(note, asked), rows)
        if note:
            return (question,)
        text = rewritten
        if text is None:
            text = _original(context)
        return (Say(Html(f"<pre>{escape(text)}</pre>")), question)

    def typed(self, context: Context, text: str) -> Turn:
        """Take the letter as it was rewritten."""
        original = _original(context)
        letter = read_rewritten(text, original)
        if isinstance(letter, OwnWordsProblem):
            problem = f"rewrite.problem.{letter}"
            return ask_again(context, context.wording.say(problem, link=find_link(text, original)))
        return forward(context, replace(context.journey.answers, rewritten=letter))

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Return to the campaign's letter."""
        match button:
            case RestoreLetter():
                return forward(context, replace(context.journey.answers, rewritten=None))
            case _:
                return None


def _original(context: Context) -> str:
    """Return the campaign's letter, as the supporter may rewrite it."""
    return editable(context.campaign, signature(context))
