"""A campaign's own questions, and the answers to them.

An answer is a pair of the question's id and its canonical value: the text, the option's id, “yes”
or “no”, the digits, or the postcode as its country writes it. An empty value says that the
supporter skipped the question, so that it is not asked again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import Field

from conversations.model.campaigns.campaign_values import FrozenModel, Language, Slug

MAX_DIGITS = 9
"""How many digits a number may have."""

YES, NO = "yes", "no"
"""The canonical answers to a yes-or-no question."""

SKIPPED = ""

OwnAnswers = tuple[tuple[str, str], ...]
"""The answers to a campaign's own questions: the question's id, and the canonical value."""


class QuestionKind(StrEnum):
    """What answers a question takes. The values are stored."""

    TEXT = "text"
    CHOICE = "choice"
    YES_NO = "yes_no"
    NUMBER = "number"
    POSTCODE = "postcode"


COUNTED = frozenset((QuestionKind.CHOICE, QuestionKind.YES_NO))
"""The kinds whose answers are counted. The others could identify people."""


@dataclass(frozen=True)
class GivenAnswer:
    """An answer as it is stored with a letter. The campaign may no longer ask the question."""

    question: str
    """The question's id."""

    kind: str
    """The question's kind (QuestionKind)."""

    value: str
    """The canonical answer."""

    consent: bool = False
    """Whether it is a consent of its own, or the refusal of it."""


class OwnQuestion(FrozenModel):
    """A question that a campaign asks in addition to name, country and email address."""

    id: Slug = Field(description="a short name that never changes; also its placeholder")
    kind: QuestionKind = Field(
        description="what it takes: a text, a choice, yes_no, a number, or a postcode of the "
        "supporter's country"
    )
    label: dict[Language, str] = Field(
        min_length=1, description="what it asks for, in a word or two, in each language"
    )
    text: dict[Language, str] = Field(
        min_length=1, description="the question as supporters read it, in each language"
    )
    purpose: dict[Language, str] = Field(
        min_length=1,
        description="what the answer is used for, in each language; the notice and /mydata say it",
    )
    options: dict[Slug, dict[Language, str]] = Field(
        default={}, description="with a choice: each option's id, and its text in each language"
    )
    required: bool = Field(
        default=False, description="whether the letter can't be sent without an answer"
    )
    before_address: bool = Field(
        default=False, description="whether it is asked before the email address, or after it"
    )
    consent: bool = Field(
        default=False,
        description="with yes_no: whether a yes is a consent of its own, such as to be called",
    )

    def takes(self, value: str) -> bool:
        """Return whether a canonical value is, still, an answer to this question."""
        if value == SKIPPED:
            return not self.required
        match self.kind:
            case QuestionKind.CHOICE:
                return value in self.options
            case QuestionKind.YES_NO:
                return value in (YES, NO)
            case QuestionKind.NUMBER:
                return value.isdecimal() and len(value) <= MAX_DIGITS
            case QuestionKind.TEXT | QuestionKind.POSTCODE:
                return True

    def shown(self, value: str, language: str) -> str:
        """Return an answer as the letter shows it: an option by its text, the others as they are.

        "" where it is skipped, or is no answer to this question any more.
        """
        if not self.takes(value):
            return ""
        if self.kind is QuestionKind.CHOICE and value:
            return in_language(self.options[value], language)
        return value


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Return the text in `language`, else the first one."""
    return texts.get(language) or next(iter(texts.values()))


def with_answer(own: OwnAnswers, question: str, value: str) -> OwnAnswers:
    """Return the answers with this one, in place of an earlier one to the same question."""
    return tuple({**dict(own), question: value}.items())


def valid_answers(questions: Iterable[OwnQuestion], own: OwnAnswers) -> OwnAnswers:
    """Return the answers to `questions`, in their order, without those that are none any more."""
    given = dict(own)
    return tuple(
        (each.id, given[each.id])
        for each in questions
        if each.id in given and each.takes(given[each.id])
    )
