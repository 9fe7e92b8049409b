"""What do you want to add to the letter?"""

from dataclasses import replace

from conversations.core.buttons.journey import RemoveOwnWords
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import Ask, Keyboard, Reply
from conversations.journey.flow.question import Question, with_note
from conversations.journey.flow.transitions import ask_again, forward
from conversations.model.campaigns.campaign import Edits
from conversations.model.journey import Step
from conversations.text.html import Html, escape
from conversations.text.links import find_link
from conversations.text.typed.words import MAX_OWN_WORDS_LENGTH, OwnWordsProblem, read_own_words


class OwnWordsQuestion(Question):
    """Ask for a few sentences of the supporter's own."""

    step = Step.OWN_WORDS
    back = Step.REVIEW

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Show the campaign's prompts, and the words that are in the letter now, if any."""
        words = context.journey.answers.own_words
        text = context.wording.say("own_words.ask")
        if questions := prompts(context):
            text = Html(f"{text}\n\n{listed(questions)}")
        text = Html(f"{text}\n\n{about_others(context)}")
        rows: Keyboard = context.ways_out()
        if words:
            text = Html(f"{text}\n\n{context.wording.say('own_words.now', words=words)}")
            rows = ((context.press("button.own_words_remove", RemoveOwnWords()),), *rows)
        return (Ask(with_note(note, text), rows),)

    def typed(self, context: Context, text: str) -> Turn:
        """Put the words into the letter."""
        words = read_own_words(text)
        if isinstance(words, OwnWordsProblem):
            problem = f"own_words.problem.{words}"
            note = context.wording.say(problem, most=MAX_OWN_WORDS_LENGTH, link=find_link(text))
            return ask_again(context, note)
        return forward(context, replace(context.journey.answers, own_words=words))

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Take the words out of the letter."""
        match button:
            case RemoveOwnWords():
                return forward(context, replace(context.journey.answers, own_words=""))
            case _:
                return None


def prompts(context: Context) -> tuple[str, ...]:
    """Return the campaign's questions that help to find words; none in a discreet chat."""
    adds_words = context.campaign.edits is Edits.ADD
    return context.texts.prompts if adds_words and not context.journey.is_discreet else ()


def listed(questions: tuple[str, ...]) -> Html:
    """Return the campaign's questions as a list."""
    return Html("\n".join(f"• {escape(question)}" for question in questions))


def about_others(context: Context) -> Html:
    """Return the request to mention no other people, for every screen that asks for words."""
    return context.say_with_original("own_words.others")
