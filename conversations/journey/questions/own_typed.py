"""Reads what was typed in answer to one of the campaign's own questions."""

from dataclasses import dataclass

from conversations.core.context import Context
from conversations.model.campaigns.campaign_questions import (
    MAX_DIGITS,
    NO,
    YES,
    OwnQuestion,
    QuestionKind,
)
from conversations.text import countries
from conversations.text.html import Html
from conversations.text.links import find_link
from conversations.text.postcodes import MAX_LENGTH, MIN_LENGTH, example, read_postcode
from conversations.text.typed.choices import find_options
from conversations.text.typed.numbers import read_number
from conversations.text.typed.words import MAX_ANSWER_LENGTH, OwnWordsProblem, read_answer

MAX_TYPED_OPTION = 100
"""How many characters of a typed text are compared with the options."""


@dataclass(frozen=True)
class Unread:
    """What was typed is no answer."""

    note: Html
    """Why, and what to do."""


def read(context: Context, asked: OwnQuestion, text: str) -> str | Unread:
    """Return the canonical answer, or why the text is none."""
    match asked.kind:
        case QuestionKind.TEXT:
            return _text(context, text)
        case QuestionKind.CHOICE:
            found = find_options(
                text[:MAX_TYPED_OPTION],
                {id_: tuple(names.values()) for id_, names in asked.options.items()},
            )
            return found[0] if len(found) == 1 else _unread(context, "choice")
        case QuestionKind.YES_NO:
            if context.means("words.yes", text):
                return YES
            return NO if context.means("words.no", text) else _unread(context, "yes_no")
        case QuestionKind.NUMBER:
            number = read_number(text, MAX_DIGITS)
            return number or _unread(context, "number", most=MAX_DIGITS)
        case QuestionKind.POSTCODE:
            return _postcode(context, text)


def _text(context: Context, text: str) -> str | Unread:
    if context.means("words.skip", text):
        return Unread(context.wording.say("own_words.problem.empty"))
    words = read_answer(text)
    if not isinstance(words, OwnWordsProblem):
        return words
    values: dict[str, str | int] = {"most": MAX_ANSWER_LENGTH, "link": find_link(text)}
    return Unread(context.wording.say(f"own_words.problem.{words}", **values))


def _postcode(context: Context, text: str) -> str | Unread:
    country = context.journey.answers.country
    found = read_postcode(text, country)
    if found is not None:
        return found
    if shown := example(country):
        name = countries.name(country, context.journey.language)
        return _unread(context, "postcode", country=name, example=shown)
    return _unread(context, "postcode_any", least=MIN_LENGTH, most=MAX_LENGTH)


def _unread(context: Context, key: str, **values: str | int) -> Unread:
    return Unread(context.wording.say(f"own.problem.{key}", **values))
