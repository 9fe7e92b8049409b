"""The questions that interrupt a step: what they ask."""

from typing import assert_never

from conversations.core.buttons.journey import (
    EraseEverything,
    ReadOnIn,
    ShowLanguages,
    StartOver,
    Stay,
    SwitchCampaign,
)
from conversations.core.context import Context
from conversations.core.paging import MAX_BUTTONS
from conversations.core.replies import Ask, ButtonStyle, Keyboard, TurnButton
from conversations.journey import discreet, language_choice
from conversations.journey.flow.question import first_missing, with_note
from conversations.model.journey import Aside, OwnStep, Step
from conversations.text.html import Html


def prompt(context: Context, aside: Aside, note: Html | None) -> Ask:
    """Return the message that asks `aside`, with `note` above the question."""
    wording, press = context.wording, context.press
    rows: Keyboard
    match aside:
        case Aside.SWITCH:
            here = context.texts.title
            there = context.title(context.journey.aside_campaign)
            text = wording.say("switch.ask", here=here, there=there)
            rows = (
                (press("button.switch", SwitchCampaign()),),
                (press("button.stay", Stay()),),
            )
        case Aside.FORGET:
            text = context.say_with_original("forget.ask")
            erase = press("button.erase", EraseEverything(), style=ButtonStyle.DANGER)
            rows = ((erase,), (press("button.keep", Stay()),))
        case Aside.RESUME:
            place = first_missing(context) or Step.REVIEW
            missing = "own" if isinstance(place, OwnStep) else place.value
            text = wording.say(f"resume.{missing}", title=context.texts.title)
            go_on, start_over = Stay(), StartOver()
            rows = ((press("button.go_on", go_on), press("button.start_over", start_over)),)
        case Aside.DISCREET:
            return discreet.explanation(context, note)
        case Aside.LANGUAGE:
            return languages(context, note=note)
        case unreachable:
            assert_never(unreachable)
    return Ask(with_note(note, text), rows)


def languages(context: Context, page: int = 1, note: Html | None = None) -> Ask:
    """Return a page of the languages, and the way back."""
    names = language_choice.keyboard(
        context,
        lambda label, tag: TurnButton(label, ReadOnIn(tag)),
        lambda label, number: TurnButton(label, ShowLanguages(number)),
        page,
        room=MAX_BUTTONS - 1,
    )
    rows = (*names, (context.press("button.back", Stay()),))
    return Ask(with_note(note, language_choice.question(context)), rows)
