"""What holds in every conversation: hundreds at random, on the engine alone.

`make chaos` plays ten thousand. Those that found something stand below.
"""

from dataclasses import replace

import pytest

from bot.playground.telegram.content.entities import utf16_length
from bot.playground.telegram.rules import MAX_TEXT_LENGTH
from conversations.core.buttons import journey as buttons
from conversations.core.buttons import persistent
from conversations.core.buttons.packing import TurnButtonData
from conversations.core.context import Turn
from conversations.core.effects.journey import ErasePerson, UnsubscribeAll
from conversations.core.effects.letters import RecordAction
from conversations.core.events import (
    CommandSent,
    Event,
    MediaSent,
    PersistentButtonPressed,
    StartPressed,
    TextSent,
    TurnButtonPressed,
)
from conversations.core.facts import ActionTaken, Details
from conversations.core.replies import (
    Ask,
    ClosePrompt,
    EditMessage,
    EditPrompt,
    Say,
)
from conversations.model.campaigns.campaign import Campaign, Edits
from conversations.model.journey import Step
from conversations.model.letters.delivery import LetterState
from conversations.text.html import Html, plain
from tests.conversations.explore import explore
from tests.conversations.play import HONG_KONG, NOW, RIVER, Chat

CONVERSATIONS, OFTEN = 300, 5
SEEDS = (3000, 1_000_000, 40_000)


def test_what_must_hold_does_and_every_transition_of_the_diagram_is_taken_and_no_other() -> None:
    assert explore(7000, CONVERSATIONS, OFTEN, lambda _: None) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", SEEDS)
def test_it_holds_in_other_conversations_too(first: int) -> None:
    assert explore(first, CONVERSATIONS, OFTEN, lambda _: None) == []


# --- what conversations at random found -----------------------------------------------------------


def press(chat: Chat, value: TurnButtonData) -> Turn:
    return chat.happens(TurnButtonPressed(value, chat.journey.id, chat.journey.asked))


def says(turn: Turn) -> list[str]:
    return [plain(each.text) for each in turn.replies if isinstance(each, Ask | EditPrompt | Say)]


def at_the_review(*campaigns: Campaign) -> Chat:
    chat = Chat({each.slug: each for each in campaigns})
    chat.happens(StartPressed(campaigns[0].slug))
    press(chat, buttons.WriteLetter())
    if campaigns[0].at_risk:
        press(chat, buttons.AcceptRisk())
    press(chat, buttons.UseName())
    press(chat, buttons.ChooseCountry("CH"))
    chat.happens(TextSent("maria@mail.example"))
    chat.happens(TextSent(chat.code))
    assert chat.journey.step is Step.REVIEW
    return chat


CLOSED = "That campaign no longer accepts letters."


@pytest.mark.parametrize("step", [Step.WELCOME, Step.REVIEW])
@pytest.mark.parametrize(
    "event",
    [
        MediaSent("sticker"),
        TextSent("hello"),
        PersistentButtonPressed(persistent.SpeakLanguage("en")),
        PersistentButtonPressed(persistent.ClearMessages()),
    ],
    ids=repr,
)
def test_a_campaign_that_is_gone_is_told_as_closed(step: Step, event: Event) -> None:
    chat = at_the_review(HONG_KONG)
    if step is Step.WELCOME:
        press(chat, buttons.Cancel())
        chat.happens(StartPressed("hong-kong"))
    chat.campaigns = {}
    assert CLOSED in says(chat.happens(event))[-1]


def test_a_code_for_a_campaign_that_is_gone_proves_nothing() -> None:
    chat = Chat({"hong-kong": HONG_KONG})
    chat.happens(StartPressed("hong-kong"))
    press(chat, buttons.WriteLetter())
    press(chat, buttons.AcceptRisk())
    press(chat, buttons.UseName())
    press(chat, buttons.ChooseCountry("CH"))
    chat.happens(TextSent("maria@mail.example"))
    chat.campaigns = {}
    (said,) = says(chat.happens(StartPressed(f"c_{chat.code}")))
    assert said.startswith(CLOSED)


def test_forget_and_stop_work_in_a_campaign_that_has_closed() -> None:
    chat = at_the_review(HONG_KONG)
    chat.campaigns = {"hong-kong": HONG_KONG.model_copy(update={"closes": NOW})}
    chat.happens(TextSent("stop"))
    assert UnsubscribeAll("en") in chat.done
    chat.happens(CommandSent("forget"))
    press(chat, buttons.EraseEverything())
    assert chat.done[-1] == ErasePerson()


def test_a_link_to_a_campaign_that_is_not_open_costs_no_answers() -> None:
    chat = at_the_review(HONG_KONG)
    asked = chat.journey.asked
    (told,) = says(chat.happens(StartPressed("gone")))
    assert told.endswith("tap “Send in my name”; if not, tap “Change…”.")
    assert (chat.journey.step, chat.journey.asked) == (Step.REVIEW, asked)
    assert chat.journey.answers.name == "Maria Silva"


def test_switching_to_a_campaign_that_has_closed_meanwhile_gives_the_question_back() -> None:
    chat = at_the_review(HONG_KONG, RIVER)
    chat.happens(StartPressed("river"))
    chat.campaigns = {"hong-kong": HONG_KONG}
    said = says(press(chat, buttons.SwitchCampaign()))
    assert said[-1].startswith(CLOSED)
    assert (chat.journey.step, chat.journey.aside) == (Step.REVIEW, None)


def test_send_means_the_letter_that_was_shown_last() -> None:
    chat = at_the_review(HONG_KONG)
    texts = HONG_KONG.texts["en"].model_copy(update={"demands": "Something else."})
    other = HONG_KONG.model_copy(update={"texts": {**HONG_KONG.texts, "en": texts}})
    chat.campaigns = {"hong-kong": other}
    chat.happens(CommandSent("forget"))
    assert "Something else." in says(chat.happens(CommandSent("cancel")))[-1]
    chat.campaigns = {"hong-kong": HONG_KONG}
    assert "has changed" in says(press(chat, buttons.SendLetter()))[-1]
    assert not any(isinstance(each, RecordAction) for each in chat.done)


def test_a_risk_that_is_back_on_the_list_is_asked_about_before_the_letter_leaves() -> None:
    risky = HONG_KONG.model_copy(update={"at_risk": ("CH",)})
    chat = Chat({"hong-kong": risky})
    chat.happens(StartPressed("hong-kong"))
    press(chat, buttons.WriteLetter())
    press(chat, buttons.AcceptRisk())
    press(chat, buttons.UseName())
    chat.campaigns = {"hong-kong": HONG_KONG.model_copy(update={"at_risk": ()})}
    press(chat, buttons.ChooseCountry("CH"))
    chat.happens(TextSent("maria@mail.example"))
    chat.happens(TextSent(chat.code))
    chat.campaigns = {"hong-kong": risky}
    steps = []
    for button in (buttons.SendLetter(), buttons.AcceptRisk(), buttons.SendLetter()):
        steps.append(press(chat, button).journey.step)
    assert steps == [Step.AT_RISK, Step.REVIEW, Step.SENT]
    assert sum(isinstance(each, RecordAction) for each in chat.done) == 1


def at_a_review_in_two_messages() -> Chat:
    english = HONG_KONG.texts["en"]
    longer = english.model_copy(update={"consent": Html(f"{english.consent} {'And so on. ' * 80}")})
    texts = {**HONG_KONG.texts, "en": longer}
    chat = at_the_review(HONG_KONG.model_copy(update={"edits": Edits.FREE, "texts": texts}))
    press(chat, buttons.GoTo(Step.CHANGE))
    press(chat, buttons.GoTo(Step.REWRITE))
    turn = chat.happens(TextSent("Water. " * 420))
    assert [type(each) for each in turn.replies] == [Say, Ask]
    return chat


def test_a_letter_in_a_message_of_its_own_stays_while_it_is_the_same() -> None:
    chat = at_a_review_in_two_messages()
    for button in (buttons.GoTo(Step.CHANGE), buttons.Back()):
        (edited,) = press(chat, button).replies
        assert isinstance(edited, EditPrompt)
        assert "Water." not in edited.text


def test_a_letter_in_a_message_of_its_own_is_shown_again_with_what_changed() -> None:
    chat = at_a_review_in_two_messages()
    press(chat, buttons.GoTo(Step.CHANGE))
    turn = press(chat, buttons.HideAddress(hide=True))
    assert [type(each) for each in turn.replies] == [ClosePrompt, Say, Ask]
    assert "\nYour email address: hidden\n" in says(turn)[0]
    press(chat, buttons.GoTo(Step.CHANGE))
    campaign = chat.campaigns["hong-kong"]
    demands = {"demands": "Something else. " + "x" * 500}
    texts = {**campaign.texts, "en": campaign.texts["en"].model_copy(update=demands)}
    chat.campaigns = {"hong-kong": campaign.model_copy(update={"texts": texts})}
    turn = press(chat, buttons.Back())
    assert [type(each) for each in turn.replies] == [ClosePrompt, Say, Ask]
    assert "Something else." in says(turn)[0]


def test_what_is_kept_is_said_above_a_letter_in_a_message_of_its_own() -> None:
    chat = at_a_review_in_two_messages()
    chat.happens(CommandSent("forget"))
    turn = press(chat, buttons.Stay())
    assert [type(each) for each in turn.replies] == [ClosePrompt, Say, Ask]
    assert "Water." in says(turn)[0]
    assert not says(turn)[0].startswith("This is your letter.")


def test_a_letter_taken_back_leaves_one_question_open() -> None:
    chat = at_the_review(HONG_KONG)
    press(chat, buttons.SendLetter())
    action = chat.journey.action
    chat.happens(CommandSent("forget"))
    turn = chat.happens(PersistentButtonPressed(persistent.UndoSend(action)))
    assert [type(each) for each in turn.replies] == [EditMessage, ClosePrompt, Ask]
    assert (chat.journey.step, chat.journey.aside) == (Step.REVIEW, None)


def test_mydata_fills_as_many_messages_as_it_needs() -> None:
    chat = at_the_review(HONG_KONG)
    details = Details("𠮷" * 50, "PT", f"{'m' * 64}@{'a' * 60}.example", proved=True)
    slugs = [f"action-{number:03}" for number in range(60)]
    acted = {slug: ActionTaken(slug, slug, LetterState.ACCEPTED, NOW, details) for slug in slugs}
    chat.facts = replace(chat.facts, acted=acted)
    said = says(chat.happens(CommandSent("mydata")))
    assert len(said) > 1
    assert max(utf16_length(each) for each in said) <= MAX_TEXT_LENGTH
    told = [line for each in said for line in each.splitlines() if line.startswith("• Your letter")]
    assert [line.partition("“")[2].partition("”")[0] for line in told] == slugs
    assert said[-1].count("• Your Telegram chat number") == 1
