"""A campaign's own questions, and what is an answer to them."""

from dataclasses import replace

import pytest

from conversations.model.campaigns.campaign_questions import (
    OwnQuestion,
    QuestionKind,
    valid_answers,
    with_answer,
)
from conversations.model.letters.letter import Signature, compose
from tests.conversations.model.letters.test_letter import MARIA, RIVER


def question(id: str, kind: str, **values: object) -> OwnQuestion:
    texts = {"en": id.capitalize(), "pt": f"{id} (pt)"}
    given = {"label": texts, "text": texts, "purpose": texts, **values}
    return OwnQuestion.model_validate({"id": id, "kind": kind, **given})


BANK = question(
    "bank", "choice", options={"left": {"en": "the left bank", "pt": "a margem esquerda"}}
)
CALL = question("call", "yes_no", consent=True)
POSTCODE = question("post-code2", "postcode", required=True)


@pytest.mark.parametrize(
    ("kind", "value", "is_taken"),
    [
        ("text", "a word", True),
        ("postcode", "1000-001", True),
        ("yes_no", "yes", True),
        ("yes_no", "maybe", False),
        ("number", "007", True),
        ("number", "-1", False),
        ("number", "1234567890", False),
        ("text", "", True),
    ],
)
def test_what_is_an_answer(kind: str, value: str, is_taken: bool) -> None:
    assert question("it", kind).takes(value) is is_taken


def test_an_option_that_is_gone_is_no_answer_any_more() -> None:
    assert BANK.takes("left") and not BANK.takes("right")
    own = (("call", "yes"), ("bank", "right"), ("gone", "x"))
    assert valid_answers((BANK, CALL), own) == (("call", "yes"),)


def test_a_question_that_must_be_answered_cannot_be_skipped() -> None:
    assert not POSTCODE.takes("")
    assert valid_answers((POSTCODE, BANK), (("bank", ""), ("post-code2", ""))) == (("bank", ""),)


def test_a_later_answer_takes_the_place_of_an_earlier_one() -> None:
    own = with_answer(with_answer((), "bank", "left"), "call", "no")
    assert with_answer(own, "bank", "") == (("bank", ""), ("call", "no"))


def letter(by: Signature) -> str:
    texts = {
        tag: text.model_copy(update={"letters": ("{bank}, {post-code2}.",)})
        for tag, text in RIVER.texts.items()
    }
    asked = {"questions": (BANK, CALL, POSTCODE), "texts": texts}
    return compose(RIVER.model_copy(update=asked), by).body


@pytest.mark.parametrize(
    ("own", "body"),
    [
        ((("bank", "left"), ("post-code2", "1000-001")), "a margem esquerda, 1000-001."),
        ((("bank", "right"), ("post-code2", "{name}")), ", {name}."),
        ((("bank", ""),), ", ."),
    ],
)
def test_the_letter_has_the_answers_in_its_language(
    own: tuple[tuple[str, str], ...], body: str
) -> None:
    assert letter(replace(MARIA, own=own)) == body


def test_the_kinds_are_stored() -> None:
    assert [*QuestionKind] == ["text", "choice", "yes_no", "number", "postcode"]
