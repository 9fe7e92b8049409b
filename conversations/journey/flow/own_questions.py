"""Which of the campaign's own questions are asked, and which of them are still to be answered."""

from dataclasses import replace

from conversations.core.context import Context
from conversations.model.campaigns.campaign_questions import (
    GivenAnswer,
    OwnQuestion,
    QuestionKind,
    in_language,
    valid_answers,
)
from conversations.model.journey import Answers, OwnStep, Step
from conversations.text.postcodes import has_postcodes


def places(context: Context, step: Step) -> tuple[OwnStep, ...]:
    """Return the questions that are asked at OWN_BEFORE or OWN_AFTER, in their order.

    A postcode is not asked where the country has none, nor is a consent in a discreet conversation:
    it could not be taken back once the chat is cleared.
    """
    is_before = step is Step.OWN_BEFORE
    return tuple(
        OwnStep(step, each.id)
        for each in context.campaign.questions
        if each.before_address is is_before and _is_asked(context, each)
    )


def place(context: Context, question: str) -> OwnStep | None:
    """Return where a question is asked; None if it isn't."""
    steps = (Step.OWN_BEFORE, Step.OWN_AFTER)
    asked = (each for step in steps for each in places(context, step))
    return next((each for each in asked if each.question == question), None)


def _is_asked(context: Context, question: OwnQuestion) -> bool:
    country = context.journey.answers.country
    is_without = question.kind is QuestionKind.POSTCODE and country and not has_postcodes(country)
    return not is_without and not (question.consent and context.journey.is_discreet)


def given(context: Context) -> tuple[GivenAnswer, ...]:
    """Return the answers that are stored with the letter."""
    own = dict(valid_answers(context.campaign.questions, context.journey.answers.own))
    return tuple(
        GivenAnswer(each.id, each.kind.value, own[each.id], each.consent)
        for each in context.campaign.questions
        if own.get(each.id) and _is_asked(context, each)
    )


def first_missing(context: Context, step: Step) -> OwnStep | None:
    """Return the first question at this step that is to be answered; None if none is left."""
    if context.journey.corrects:
        return None
    missing = (each for each in places(context, step) if is_missing(context, each.question))
    return next(missing, None)


def is_missing(context: Context, question: str) -> bool:
    """Return whether a question was neither answered nor skipped."""
    asked, given = find(context, question), dict(context.journey.answers.own)
    return asked is not None and not (question in given and asked.takes(given[question]))


def find(context: Context, question: str) -> OwnQuestion | None:
    """Return a question of the campaign by its id; None if the campaign no longer asks it."""
    return next((each for each in context.campaign.questions if each.id == question), None)


def answer(context: Context, question: OwnQuestion) -> str:
    """Return the canonical answer that was given before; "" if there is none."""
    value = dict(context.journey.answers.own).get(question.id, "")
    return value if question.takes(value) else ""


def shown(context: Context, question: OwnQuestion, value: str) -> str:
    """Return an answer as supporters read it."""
    if question.kind is QuestionKind.YES_NO:
        return context.wording.label(f"button.{value}") if value else ""
    return question.shown(value, context.journey.language)


def label(context: Context, question: OwnQuestion) -> str:
    """Return what the question asks for, in a word or two."""
    return in_language(question.label, context.journey.language)


def without_postcodes(context: Context, answers: Answers) -> Answers:
    """Return the answers without postcodes: they were of another country."""
    asked = {each.id for each in context.campaign.questions if each.kind is QuestionKind.POSTCODE}
    return replace(answers, own=tuple(each for each in answers.own if each[0] not in asked))
