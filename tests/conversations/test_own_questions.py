"""A campaign's own questions on the engine alone: skipping, going back, changing, typed answers."""

import pytest

from conversations.core.buttons import journey as buttons
from conversations.core.buttons.packing import TurnButtonData
from conversations.core.context import Turn
from conversations.core.effects.letters import RecordAction
from conversations.core.events import StartPressed, TextSent, TurnButtonPressed
from conversations.core.replies import Ask, EditPrompt, Say, TurnButton
from conversations.model.campaigns.campaign_questions import GivenAnswer, OwnQuestion
from conversations.model.journey import Step
from conversations.model.letters.identity import values
from conversations.text.html import plain
from conversations.text.wording import Wording
from tests.conversations.play import RIVER, Chat


def question(id: str, kind: str, **values: object) -> OwnQuestion:
    texts = {"en": id.capitalize(), "pt": f"{id} (pt)"}
    given = {"label": texts, "text": texts, "purpose": {"en": f"For {id}."}, **values}
    return OwnQuestion.model_validate({"id": id, "kind": kind, **given})


BIRDS = {f"owl-{n}": {"en": f"Owl {n}", "pt": f"Coruja {n}"} for n in range(1, 8)}
BIRD = question("bird", "choice", before_address=True, options=BIRDS)
POSTCODE = question("postcode", "postcode", before_address=True, required=True)
CALL = question("call", "yes_no", consent=True)
COUNT = question("count", "number")
WORDS = question("words", "text")


class Talk:
    """Maria's conversation, up to the first question of the campaign's own."""

    def __init__(self, *questions: OwnQuestion, country: str = "Portugal") -> None:
        campaign = RIVER.model_copy(update={"questions": questions})
        self.chat = Chat({"river": campaign})
        self.chat.happens(StartPressed("river"))
        self.presses(buttons.WriteLetter())
        self.types("Maria Silva", country)

    @property
    def at(self) -> tuple[Step, str]:
        return self.chat.journey.step, self.chat.journey.question

    @property
    def own(self) -> dict[str, str]:
        return dict(self.chat.journey.answers.own)

    def presses(self, *data: TurnButtonData) -> Turn:
        for each in data:
            journey = self.chat.journey
            turn = self.chat.happens(TurnButtonPressed(each, journey.id, journey.asked))
        return turn

    def types(self, *texts: str) -> Turn:
        for each in texts:
            turn = self.chat.happens(TextSent(each))
        return turn

    def proves(self) -> Turn:
        self.types("maria@mail.example")
        return self.types(self.chat.code)


def said(turn: Turn) -> str:
    (text,) = [
        plain(each.text) for each in turn.replies if isinstance(each, Ask | EditPrompt | Say)
    ]
    return text


def labels(turn: Turn) -> list[str]:
    (asked,) = [each for each in turn.replies if isinstance(each, Ask | EditPrompt)]
    return [each.label for row in asked.keyboard for each in row if isinstance(each, TurnButton)]


def test_a_question_says_what_it_is_for() -> None:
    talk = Talk(BIRD)
    turn = talk.presses(buttons.Back())
    assert said(turn).startswith("2/5")
    turn = talk.types("Portugal")
    assert said(turn) == "Portugal.\n\n3/5 · Bird\nFor bird."
    assert labels(turn) == ["Owl 1", "Owl 2", "Owl 3", "2/3 …", "Skip", "Back", "Cancel"]
    assert labels(talk.presses(buttons.ListOptions(3))) == [
        *("Owl 7", "1/3 …", "Skip", "Back", "Cancel")
    ]


@pytest.mark.parametrize(
    ("asked", "typed", "value"),
    [
        (BIRD, "owl 5", "owl-5"),
        (BIRD, "Coruja 2", "owl-2"),
        (BIRD, "a owl 3 on a tree", "owl-3"),
        (BIRD, "skip", ""),
        (POSTCODE, "1000 001", "1000-001"),
        (CALL, "Yes!", "yes"),
        (CALL, "nope", "no"),
        (CALL, "não", "no"),
        (COUNT, "1,200", "1200"),
        (COUNT, "skip", ""),
        (WORDS, "  We   fish there. ", "We fish there."),
        (WORDS, "no", "no"),
        (WORDS, "skip this", ""),
        (WORDS, "<b>{name}", "<b>{name}"),
    ],
)
def test_a_typed_answer_is_taken(asked: OwnQuestion, typed: str, value: str) -> None:
    talk = Talk(asked)
    if not asked.before_address:
        talk.proves()
    assert talk.at[1] == asked.id
    talk.types(typed)
    assert talk.own == {asked.id: value}
    assert talk.at[1] == ""


@pytest.mark.parametrize(
    ("asked", "typed", "why"),
    [
        (BIRD, "owl", "I’m not sure which one you mean. Please tap one."),
        (BIRD, "a fish", "I’m not sure which one you mean. Please tap one."),
        (POSTCODE, "skip", "Your letter needs this, so I can’t skip it."),
        (POSTCODE, "123", "That doesn’t look like a postcode yet. In Portugal it looks like"),
        (CALL, "perhaps", "Please answer yes or no."),
        (COUNT, "many", "I need a whole number here, such as 12, with at most 9 digits."),
        (WORDS, "see https://spam.example/x", "Please leave out links and addresses:"),
        (WORDS, "x" * 301, "That’s too long. Please keep it to 300 characters."),
        (WORDS, "\u200b", "I didn’t see any words there."),
    ],
)
def test_what_is_no_answer_is_asked_again(asked: OwnQuestion, typed: str, why: str) -> None:
    talk = Talk(asked)
    if not asked.before_address:
        talk.proves()
    assert said(talk.types(typed)).startswith(why)
    assert talk.own == {}
    assert talk.at[1] == asked.id


def test_back_leads_through_the_questions() -> None:
    talk = Talk(BIRD, POSTCODE, COUNT, WORDS)
    talk.presses(buttons.AnswerOwn("owl-1"))
    talk.types("1000-001")
    assert talk.at == (Step.ADDRESS, "")
    talk.presses(buttons.Back())
    assert talk.at == (Step.OWN_BEFORE, "postcode")
    talk.presses(buttons.Back())
    assert talk.at == (Step.OWN_BEFORE, "bird")
    assert talk.presses(buttons.Back()).journey.step is Step.COUNTRY
    talk.types("Portugal")
    assert talk.at == (Step.ADDRESS, ""), "what was answered is not asked again"
    talk.proves()
    assert talk.at == (Step.OWN_AFTER, "count")
    talk.presses(buttons.SkipOwn())
    assert talk.at == (Step.OWN_AFTER, "words")
    talk.presses(buttons.Back())
    assert talk.at == (Step.OWN_AFTER, "count")
    talk.presses(buttons.Back())
    assert talk.at == (Step.ADDRESS, "")


def test_numbers_count_the_questions() -> None:
    talk = Talk(BIRD, COUNT)
    assert said(talk.presses(buttons.AnswerOwn("owl-1"))).startswith("4/6")
    talk.proves()
    assert said(talk.types("many")).endswith("6/6 · Count\nFor count.")


@pytest.mark.parametrize("country", ["Hong Kong SAR China", "Qatar"])
def test_no_postcode_is_asked_where_there_are_none(country: str) -> None:
    talk = Talk(POSTCODE, country=country)
    if talk.at[0] is Step.COUNTRY_CHECK:
        talk.types("yes")
    assert talk.at == (Step.ADDRESS, "")


def test_another_country_takes_the_postcode_away() -> None:
    talk = Talk(BIRD, POSTCODE)
    talk.presses(buttons.AnswerOwn("owl-1"))
    talk.types("1000-001")
    talk.presses(buttons.Back(), buttons.Back(), buttons.Back(), buttons.ChooseCountry("CH"))
    assert talk.own == {"bird": "owl-1"}
    assert talk.at == (Step.OWN_BEFORE, "postcode")
    assert said(talk.types("1000-001")).endswith(
        "In Switzerland it looks like 1234.\n\n4/6 · Postcode\nFor postcode."
    )


def test_answers_are_changed_in_the_review() -> None:
    talk = Talk(BIRD, CALL)
    talk.presses(buttons.AnswerOwn("owl-1"))
    talk.proves()
    talk.presses(buttons.AnswerOwn("yes"), buttons.GoTo(Step.CHANGE))
    turn = talk.presses(buttons.ListChanges(2))
    assert labels(turn) == ["Bird", "Call", "1/2 …", "Back"]
    turn = talk.presses(buttons.ChangeOwn("bird"))
    assert labels(turn)[0] == "✓ Owl 1"
    assert talk.presses(buttons.Back()).journey.step is Step.CHANGE
    talk.presses(buttons.ChangeOwn("bird"), buttons.SkipOwn(), buttons.SendLetter())
    (sent,) = [each for each in talk.chat.done if isinstance(each, RecordAction)]
    assert sent.own == (GivenAnswer("call", "yes_no", "yes", consent=True),)


def test_a_discreet_conversation_asks_for_no_opt_in() -> None:
    """It could not be taken back once the chat is cleared."""
    talk = Talk(CALL, COUNT)
    talk.presses(buttons.AskDiscreet(), buttons.SetDiscreet(discreet=True))
    talk.proves()
    assert talk.at == (Step.OWN_AFTER, "count")
    talk.types("3")
    talk.presses(buttons.SendLetter())
    (sent,) = [each for each in talk.chat.done if isinstance(each, RecordAction)]
    assert sent.own == (GivenAnswer("count", "number", "3"),)


def test_a_question_that_is_removed_meanwhile_is_passed_over() -> None:
    talk = Talk(BIRD)
    talk.chat.campaigns = {"river": RIVER}
    assert talk.types("Owl 1").journey.step is Step.ADDRESS
    assert talk.own == {}


def test_an_option_that_is_removed_meanwhile_is_asked_again() -> None:
    talk = Talk(BIRD)
    talk.presses(buttons.AnswerOwn("owl-7"))
    fewer = BIRD.model_copy(update={"options": {"owl-1": BIRDS["owl-1"], "owl-2": BIRDS["owl-2"]}})
    talk.chat.campaigns = {"river": RIVER.model_copy(update={"questions": (fewer,)})}
    talk.types("maria@mail.example")
    assert talk.at == (Step.OWN_BEFORE, "bird")
    talk.presses(buttons.AnswerOwn("owl-2"), buttons.UseAddress())
    talk.types(talk.chat.code)
    assert talk.at[0] is Step.REVIEW


def test_forged_answers_are_refused() -> None:
    talk = Talk(BIRD, CALL, WORDS)
    for forged in ("owl-9", "", "yes"):
        talk.presses(buttons.AnswerOwn(forged))
        assert talk.at == (Step.OWN_BEFORE, "bird")
    talk.presses(buttons.KeepOwn())
    assert talk.own == {}
    talk.presses(buttons.SkipOwn())
    talk.proves()
    talk.presses(buttons.AnswerOwn("owl-1"), buttons.AnswerOwn("no"), buttons.AnswerOwn("no"))
    assert talk.own == {"bird": "", "call": "no"}
    assert talk.at == (Step.OWN_AFTER, "words")


def test_what_is_said_of_deletion_and_the_archive_covers_the_answers() -> None:
    archived = RIVER.model_copy(update={"archive": "sealed", "questions": (WORDS,)})
    said_of = values(archived, Wording("en"))
    assert " Your answers to our other questions are deleted with them." in said_of["settling"]
    assert said_of["archive"].endswith(" The archive also has your answers to the other questions.")
    without = values(RIVER, Wording("en"))
    assert "answers to" not in without["settling"] + without["archive"]


def test_the_way_back_to_an_open_question_is_offered() -> None:
    talk = Talk(BIRD)
    turn = talk.chat.happens(StartPressed("river"))
    assert said(turn) == (
        "You’re nearly done with “Let the Amieiro flow”. I just have one more question."
    )
    assert said(talk.presses(buttons.Stay())) == "Portugal.\n\n3/5 · Bird\nFor bird."


def test_an_earlier_answer_is_kept_with_a_button() -> None:
    talk = Talk(WORDS)
    talk.proves()
    talk.types("We have fished there for forty years.")
    turn = talk.presses(buttons.GoTo(Step.CHANGE), buttons.ChangeOwn("words"))
    assert labels(turn)[0] == "Use “We have fished there for fort…”"
    talk.presses(buttons.KeepOwn())
    assert talk.own == {"words": "We have fished there for forty years."}
