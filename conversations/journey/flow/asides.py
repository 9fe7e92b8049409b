"""The questions that interrupt a step: what their buttons lead to."""

from dataclasses import replace

from conversations.core.buttons.journey import (
    EraseEverything,
    ReadOnIn,
    SetDiscreet,
    ShowLanguages,
    StartOver,
    Stay,
    SwitchCampaign,
)
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import ClosePrompt, EditPrompt
from conversations.core.turns import toast
from conversations.journey import discreet, language_choice, start
from conversations.journey.flow import aside_prompts
from conversations.journey.flow.persistent_buttons import speak
from conversations.journey.flow.transitions import amend, ask, ask_again, erase
from conversations.model.journey import Aside, Step


def pressed(context: Context, aside: Aside, button: TurnButtonData | UnknownButton) -> Turn:
    """Answer a button of the question `aside`."""
    step = context.within(context.journey.without_aside())
    journey, campaign = step.journey, context.journey.aside_campaign
    match aside, button:
        case Aside.FORGET, EraseEverything():
            return erase(step)
        case Aside.SWITCH, SwitchCampaign() if context.takes_letters(campaign):
            return start.begin(step, campaign, context.journey.aside_source)
        case _ if start.is_closed(context):
            return start.say_closed(step)
        case Aside.SWITCH, SwitchCampaign():
            return ask_again(step, context.wording.say("campaign.closed"))
        case _, Stay():
            return _stay(step, aside)
        case Aside.RESUME, StartOver():
            return start.begin(step, journey.campaign, journey.source)
        case Aside.DISCREET, SetDiscreet(is_wanted):
            return _set_discreet(step, is_wanted=is_wanted)
        case Aside.LANGUAGE, ShowLanguages(page):
            asked = aside_prompts.languages(context, page)
            return Turn(context.journey, (EditPrompt(asked.text, asked.keyboard),))
        case Aside.LANGUAGE, ReadOnIn(language) if language in language_choice.choices(step):
            spoken = speak(step, language)
            turn = amend(step.within(spoken.journey), journey.place)
            return replace(turn, effects=spoken.effects)
        case _:
            return toast(context, "toast.answered")


def _set_discreet(step: Context, *, is_wanted: bool) -> Turn:
    """Make the conversation discreet, or an ordinary one, and ask the step again.

    What was written before is deleted when the conversation becomes discreet.
    """
    chosen = discreet.choose(step, discreet=is_wanted)
    if not is_wanted:
        return amend(chosen, step.journey.place)
    asked = ask(chosen, step.journey.place, effects=discreet.effects(step))
    return discreet.cleared_first(asked)


def _stay(step: Context, aside: Aside) -> Turn:
    """Return to the step that was interrupted."""
    kept = step.wording.say("forget.kept")
    if step.journey.step in (Step.IDLE, Step.SENT):
        return Turn(step.journey, (ClosePrompt(kept),))
    return amend(step, step.journey.place, note=kept if aside is Aside.FORGET else None)
