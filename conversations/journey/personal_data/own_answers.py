"""The answers to campaigns' own questions, as /mydata and its file list them."""

from collections.abc import Iterable

from conversations.core.context import Context
from conversations.model.campaigns.campaign_questions import (
    GivenAnswer,
    OwnQuestion,
    QuestionKind,
    in_language,
    valid_answers,
)
from conversations.text.html import Html, escape


def lines(context: Context, slug: str, own: Iterable[GivenAnswer]) -> list[Html]:
    """Return a line for each answer: the question, the answer, and what it is used for."""
    return [_line(context, slug, each) for each in own]


def of_journey(context: Context) -> list[Html]:
    """Return a line for each answer of the letter under way."""
    return lines(context, context.journey.campaign, _given(context))


def as_json(own: Iterable[GivenAnswer]) -> dict[str, str]:
    """Return the answers by the id of their question."""
    return {each.question: each.value for each in own}


def journey_as_json(context: Context) -> dict[str, str]:
    """Return the answers of the letter under way by the id of their question."""
    return as_json(_given(context))


def _given(context: Context) -> list[GivenAnswer]:
    campaign = context.deployment.campaigns.get(context.journey.campaign)
    asked = {each.id: each for each in campaign.questions} if campaign else {}
    own = valid_answers(asked.values(), context.journey.answers.own)
    return [GivenAnswer(id_, asked[id_].kind.value, value) for id_, value in own if value]


def _line(context: Context, slug: str, given: GivenAnswer) -> Html:
    language, asked = context.wording.reads, _find(context, slug, given)
    line = context.wording.say(
        "mydata.own",
        question=in_language(asked.label, language) if asked else given.question,
        title=context.title(slug),
        answer=_shown(context, given, asked),
    )
    return Html(f"{line}. {escape(in_language(asked.purpose, language))}") if asked else line


def _find(context: Context, slug: str, given: GivenAnswer) -> OwnQuestion | None:
    campaign = context.deployment.campaigns.get(slug)
    questions = campaign.questions if campaign else ()
    return next((each for each in questions if each.id == given.question), None)


def _shown(context: Context, given: GivenAnswer, asked: OwnQuestion | None) -> str:
    if given.kind == QuestionKind.YES_NO:
        return context.wording.label(f"button.{given.value}")
    return asked.shown(given.value, context.wording.reads) if asked else given.value
