"""Answers to letters in words: by target, and nothing about few people."""

from datetime import date

from conversations.core.facts import Deployment
from conversations.model.scheduled import AnswerKind, real_answer
from conversations.model.stats.figures import Figure, Figures, Period
from conversations.stats import answer_words
from conversations.stats.chart_layout import Words
from conversations.text.html import plain
from conversations.text.wording import Wording
from tests.conversations.play import RIVER

MONDAY = date(2025, 5, 12)


def said(counts: dict[str, int], slug: str = "river") -> list[str]:
    deployment = Deployment({"river": RIVER}, "bot", "actions@send.example", "test@send.example")
    figures = Figures(Period.ALL, MONDAY, MONDAY, sums={Figure.ANSWER: counts})
    lines = answer_words.lines(Words(deployment, Wording("en"), {}), slug, figures)
    return [plain(line) for line in lines]


def test_how_many_answered_and_how_fast() -> None:
    counts = {"ministry:none": 6, "ministry:real_7": 2, "ministry:real_30": 3, "ministry:real": 1}
    embassy = {"embassy-brazil:automatic": 4, "embassy-brazil:real_30": 3, "gone:none": 5}
    assert said(counts | embassy) == [
        "Did they answer?\n"
        "Ministry of the Environment of Portugal: 6 of 12 got a real answer, 2 of them within"
        " 7 days. Automatic answers: 0.\n"
        "Embassy of Portugal in Brazil: 3 of 7 got a real answer, 3 of them within 30 days."
        " Automatic answers: 4.\n"
        "gone: 0 of 5 got a real answer, 0 of them within 30 days. Automatic answers: 0."
    ]


def test_targets_with_few_answers_are_not_named() -> None:
    assert said({"ministry:none": 5, "embassy-brazil:real_7": 4}) == [
        "Did they answer?\n"
        "Ministry of the Environment of Portugal: 0 of 5 got a real answer, 0 of them within"
        " 30 days. Automatic answers: 0.\n"
        "Other recipients < 5 each"
    ]
    assert said({"ministry:none": 4}) == ["Did they answer?\nOther recipients < 5 each"]
    assert said({}) == said({"ministry:none": 9}, slug="*") == []


def test_when_an_answer_was_known() -> None:
    assert [real_answer(days) for days in (0, 7, 8, 30, 31)] == [
        AnswerKind.REAL_7,
        AnswerKind.REAL_7,
        AnswerKind.REAL_30,
        AnswerKind.REAL_30,
        AnswerKind.REAL,
    ]
