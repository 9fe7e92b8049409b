"""One of the campaign's own questions, before the email address or after it."""

from dataclasses import replace
from typing import ClassVar

from conversations.core.buttons.journey import AnswerOwn, KeepOwn, ListOptions, SkipOwn
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.paging import MAX_BUTTONS, in_rows, page_of
from conversations.core.replies import Ask, EditPrompt, Keyboard, Reply, TurnButton
from conversations.journey.flow import own_questions
from conversations.journey.flow.question import Question, returns_to_change, with_note
from conversations.journey.flow.step_numbers import number
from conversations.journey.flow.transitions import ask_again, forward
from conversations.journey.questions.country import country_said_back
from conversations.journey.questions.own_typed import Unread, read
from conversations.model.campaigns.campaign_questions import (
    COUNTED,
    NO,
    SKIPPED,
    YES,
    OwnQuestion,
    QuestionKind,
    in_language,
    with_answer,
)
from conversations.model.journey import OwnStep, Place, Step
from conversations.model.stats.funnel import FunnelStage
from conversations.text.html import Html, bold, escape

_MAX_SHOWN = 30
"""How many characters of an earlier answer its button shows."""


class _OwnQuestion(Question):
    """Ask the question whose id is in the journey."""

    first_back: ClassVar[Step]
    """The question before the first of these."""

    def is_missing(self, context: Context) -> bool:
        """Return whether one of these questions is to be answered."""
        return self.missing(context) is not None

    def missing(self, context: Context) -> Place | None:
        """Return the first of these questions that is to be answered."""
        return own_questions.first_missing(context, self.step)

    def back_to(self, context: Context) -> Place | None:
        """Return the question before, which may be one of these, too."""
        if returns_to_change(context):
            return Step.CHANGE
        places = own_questions.places(context, self.step)
        here = OwnStep(self.step, context.journey.question)
        before = places[: places.index(here)] if here in places else ()
        return before[-1] if before else self.first_back

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Ask the question, and say what the answer is used for."""
        return (_prompt(context, self, note),)

    def other_buttons(self, context: Context) -> Keyboard:
        """Return the options of all pages."""
        asked = _current(context)
        return in_rows(_options(context, asked), 1) if asked else ()

    def typed(self, context: Context, text: str) -> Turn:
        """Take the answer that was typed, or skip the question."""
        asked = _current(context)
        if asked is None:
            return forward(context, context.journey.answers)
        found = read(context, asked, text)
        if isinstance(found, Unread):
            if context.means("words.skip", text):
                return _skip(context, asked)
            if context.means("words.yes", text) and own_questions.answer(context, asked):
                return _take(context, asked, own_questions.answer(context, asked))
            return ask_again(context, found.note)
        shown = own_questions.shown(context, asked, found)
        note = context.wording.say("own.settled", answer=shown) if shown != text.strip() else None
        is_plain = asked.kind is QuestionKind.YES_NO
        return _take(context, asked, found, note=None if is_plain else note)

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Take the option, keep the answer of before, skip the question, or turn the page."""
        asked = _current(context)
        if asked is None:
            return forward(context, context.journey.answers) if button == SkipOwn() else None
        match button:
            case AnswerOwn(value) if asked.kind in COUNTED and value and asked.takes(value):
                return _take(context, asked, value, pressed=True)
            case KeepOwn() if kept := own_questions.answer(context, asked):
                return _take(context, asked, kept, pressed=True)
            case SkipOwn():
                return _skip(context, asked, pressed=True)
            case ListOptions(page):
                shown = _prompt(context, self, None, page)
                return Turn(context.journey, (EditPrompt(shown.text, shown.keyboard),))
            case _:
                return None


class OwnQuestionBefore(_OwnQuestion):
    """Ask a question before the email address."""

    step = Step.OWN_BEFORE
    back = Step.COUNTRY
    first_back = Step.COUNTRY
    stage = FunnelStage.COUNTRY


class OwnQuestionAfter(_OwnQuestion):
    """Ask a question after the email address."""

    step = Step.OWN_AFTER
    back = Step.ADDRESS
    first_back = Step.ADDRESS
    stage = FunnelStage.PROVED


def _current(context: Context) -> OwnQuestion | None:
    """Return the question that is asked; None if the campaign no longer asks it."""
    return own_questions.find(context, context.journey.question)


def _prompt(context: Context, here: _OwnQuestion, note: Html | None, page: int = 1) -> Ask:
    """Return the question with its buttons."""
    asked, press = _current(context), context.press
    if asked is None:
        gone = context.wording.say("own.gone")
        rows: Keyboard = ((press("button.go_on", SkipOwn()),), *context.ways_out())
        return Ask(with_note(note, gone), rows)
    place = OwnStep(here.step, asked.id)
    question = in_language(asked.text, context.journey.language)
    purpose = escape(in_language(asked.purpose, context.journey.language))
    text = Html(f"{number(context, place)}{bold(question)}\n{purpose}")
    if here.back_to(context) is Step.COUNTRY:
        note = note or country_said_back(context)
    return Ask(with_note(note, text), _keyboard(context, asked, page))


def _keyboard(context: Context, asked: OwnQuestion, page: int) -> Keyboard:
    """Return the options, or the answer of before, and the ways on and out."""
    press, given = context.press, own_questions.answer(context, asked)
    skip: Keyboard = () if asked.required else ((press("button.skip", SkipOwn()),),)
    below = (*skip, *context.ways_out())
    if asked.kind in COUNTED:
        room = MAX_BUTTONS - sum(map(len, below))
        columns = 2 if asked.kind is QuestionKind.YES_NO else 1
        options = page_of(_options(context, asked), page, columns, _turn, room)
        return (*options, *below)
    shown = own_questions.shown(context, asked, given)
    if len(shown) > _MAX_SHOWN:
        shown = f"{shown[: _MAX_SHOWN - 1].rstrip()}…"
    kept: Keyboard = ((press("button.use", KeepOwn(), name=shown),),) if given else ()
    return (*kept, *below)


def _options(context: Context, asked: OwnQuestion) -> list[TurnButton]:
    """Return a button for each answer; the one that was given before is ticked."""
    if asked.kind not in COUNTED:
        return []
    given = own_questions.answer(context, asked)
    values = (YES, NO) if asked.kind is QuestionKind.YES_NO else (*asked.options,)
    labels = [own_questions.shown(context, asked, value) for value in values]
    return [
        TurnButton(f"✓ {label}" if value == given else label, AnswerOwn(value))
        for value, label in zip(values, labels, strict=True)
    ]


def _turn(number: int, pages: int) -> TurnButton:
    # No words: supporters read many languages.
    return TurnButton(f"{number}/{pages} …", ListOptions(number))


def _take(
    context: Context,
    asked: OwnQuestion,
    value: str,
    *,
    pressed: bool = False,
    note: Html | None = None,
) -> Turn:
    """Store the answer, and go on. The buttons that were pressed become the answer."""
    answers = context.journey.answers
    closing = None
    if pressed and value:
        shown = own_questions.shown(context, asked, value)
        name = bold(own_questions.label(context, asked))
        closing = Html(f"{name}: {escape(shown)}")
    given = replace(answers, own=with_answer(answers.own, asked.id, value))
    return forward(context, given, note=note, closing_text=closing)


def _skip(context: Context, asked: OwnQuestion, *, pressed: bool = False) -> Turn:
    """Go on without an answer, unless the letter needs one."""
    if asked.required:
        return ask_again(context, context.wording.say("other.no_skip"))
    return _take(context, asked, SKIPPED, pressed=pressed)
