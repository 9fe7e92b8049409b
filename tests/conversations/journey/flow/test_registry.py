"""Every step has a question, and what the questions declare fits together."""

from conversations.journey.flow.question import QUESTIONS
from conversations.model.journey import IN_CAMPAIGN, Step


def test_every_step_has_one_question() -> None:
    assert set(QUESTIONS) == set(Step)
    assert all(question.step is step for step, question in QUESTIONS.items())


def test_questions_are_asked_in_this_order() -> None:
    order = (
        Step.WELCOME,
        Step.WARNING,
        Step.NAME,
        Step.COUNTRY,
        Step.AT_RISK,
        Step.ADDRESS,
        Step.CODE,
    )
    assert [step for step in QUESTIONS if step in order] == list(order)


def test_back_leads_from_every_answer_to_a_question_of_the_same_campaign() -> None:
    ways = {question.step: question.back for question in QUESTIONS.values() if question.back}
    assert set(ways) == IN_CAMPAIGN - {Step.WELCOME, Step.REVIEW}
    assert set(ways.values()) <= IN_CAMPAIGN
