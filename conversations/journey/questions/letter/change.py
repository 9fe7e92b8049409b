"""Which answer do you want to change?"""

from dataclasses import replace
from typing import assert_never

from conversations.core.button_rows import paired
from conversations.core.buttons.journey import Back, ChangeOwn, GoTo, HideAddress, ListChanges
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.paging import MAX_BUTTONS, page_of_rows
from conversations.core.replies import Ask, EditPrompt, Keyboard, Reply, TurnButton
from conversations.journey.flow import own_questions
from conversations.journey.flow.question import QUESTIONS, Question
from conversations.journey.flow.transitions import amend, ask
from conversations.journey.questions.letter.review import letter_with
from conversations.journey.questions.proof.address import hide_address, hiding
from conversations.model.campaigns.campaign import Edits
from conversations.model.journey import OwnStep, Step
from conversations.text.html import Html


class ChangeQuestion(Question):
    """Offer what can be changed, under the letter."""

    step = Step.CHANGE
    back = Step.REVIEW
    shows_letter = True
    reminder = "change.reminder"
    adds_reminder = True

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Return the letter as in the review, with other buttons."""
        return letter_with(context, note, _keyboard(context))

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Ask again what is to be changed."""
        match button:
            case HideAddress(hide):
                return amend(hide_address(context, hide=hide), Step.REVIEW)
            case GoTo(Step.OWN_WORDS | Step.REWRITE as step):
                return ask(context, step)
            case GoTo(step) if QUESTIONS[step].change_button:
                return ask(context, step)
            case ChangeOwn(question) if place := _own(context).get(question):
                return ask(context, place)
            case ListChanges(page):
                return _turned(context, page)
            case _:
                return None


def _turned(context: Context, page: int) -> Turn:
    """Show another page of what can be changed."""
    turn = amend(context, Step.CHANGE)
    *before, last = turn.replies
    if not isinstance(last, Ask | EditPrompt):
        return turn
    return replace(turn, replies=(*before, replace(last, keyboard=_keyboard(context, page))))


def _keyboard(context: Context, page: int = 1) -> Keyboard:
    """Return the own words, the questions that can be asked again, two in a row, and Back."""
    offered = [each for each in QUESTIONS.values() if each.is_changeable(context)]
    buttons = [context.press(each.change_button, GoTo(each.step)) for each in offered]
    own = [
        TurnButton(own_questions.label(context, each), ChangeOwn(each.id))
        for each in context.campaign.questions
        if each.id in _own(context)
    ]
    rows = (*_words(context), *paired((*buttons, *own)), *hiding(context))
    back = (context.press("button.back", Back()),)
    return (*page_of_rows(rows, page, _turn, MAX_BUTTONS - len(back)), back)


def _turn(number: int, pages: int) -> TurnButton:
    # No words: supporters read many languages.
    return TurnButton(f"{number}/{pages} …", ListChanges(number))


def _own(context: Context) -> dict[str, OwnStep]:
    """Return the campaign's own questions, by id."""
    steps = (Step.OWN_BEFORE, Step.OWN_AFTER)
    places = [each for step in steps for each in own_questions.places(context, step)]
    return {each.question: each for each in places}


def _words(context: Context) -> Keyboard:
    """Return the button that adds to the letter or rewrites it, as far as the campaign allows."""
    match context.campaign.edits:
        case Edits.ADD:
            has_words = bool(context.journey.answers.own_words)
            key = "button.own_words_change" if has_words else "button.own_words"
            return ((context.press(key, GoTo(Step.OWN_WORDS)),),)
        case Edits.FREE:
            return ((context.press("button.rewrite", GoTo(Step.REWRITE)),),)
        case Edits.NONE:
            return ()
        case unreachable:
            assert_never(unreachable)
