"""Discreet conversations: what the supporter types is deleted, and the chat is cleared in the end.

For supporters whose phone others may look at. `Journey.clear_after` says that a conversation is
discreet; `bot.services.conversation.chat_clearing` clears its chat.
"""

from dataclasses import replace

from conversations.core.buttons.journey import AskDiscreet, SetDiscreet, Stay
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.journey import DropScheduled, ForgetDetails, UnsubscribeAll
from conversations.core.fact_requests import ClearedLetter
from conversations.core.replies import Ask, ClearChat, Keyboard
from conversations.journey.flow.question import with_note
from conversations.model.journey import Journey
from conversations.model.letters.identity import shows_address
from conversations.text.html import Html


def offer(context: Context) -> Keyboard:
    """Return the button that explains discreet conversations; none where there are none."""
    journey = context.journey
    is_offered = context.campaign.discreet != "off" or journey.is_discreet
    if not is_offered or journey.corrects:
        return ()
    key = "button.discreet_on" if journey.is_discreet else "button.discreet"
    return ((context.press(key, AskDiscreet()),),)


def explanation(context: Context, note: Html | None = None) -> Ask:
    """Return what a discreet conversation is, and the buttons that begin or end it."""
    wording, press, campaign = context.wording, context.press, context.campaign
    hours = context.journey.clear_after or campaign.clear_after_hours
    text = context.say_with_original(
        "discreet.ask", count=hours, mailbox=context.deployment.mailbox, limit=wording.number(48)
    )
    key = "button.discreet_end" if context.journey.is_discreet else "button.discreet_begin"
    choice = press(key, SetDiscreet(discreet=not context.journey.is_discreet))
    return Ask(with_note(note, text), ((choice,), (press("button.back", Stay()),)))


def begin(journey: Journey, context: Context) -> Journey:
    """Return `journey`, made discreet as its campaign says. The address is hidden, too.

    An answer of the recipient to the address would be a trace in the supporter's mailbox.
    """
    campaign = context.deployment.campaigns[journey.campaign]
    answers = replace(journey.answers, hides_address=shows_address(campaign))
    return replace(journey, clear_after=campaign.clear_after_hours, answers=answers)


def choose(context: Context, *, discreet: bool) -> Context:
    """Return the context in which the conversation is discreet, or is no longer."""
    journey = context.journey
    if not discreet:
        return context.within(replace(journey, clear_after=0, typed=()))
    if journey.is_discreet:
        return context
    return without_memories(context.within(begin(journey, context)))


def without_memories(context: Context) -> Context:
    """Return the context after `effects`: without saved details and updates."""
    return replace(context, facts=replace(context.facts, details=None, subscriptions=frozenset()))


def effects(context: Context) -> tuple[Effect, ...]:
    """Return what ends when a conversation becomes discreet: saved details, updates, reminders."""
    language, facts = context.journey.language, context.facts
    forgets = (ForgetDetails(language),) if facts.details else ()
    unsubscribes = (UnsubscribeAll(language),) if facts.subscriptions else ()
    return (*forgets, *unsubscribes, DropScheduled())


def wrote_before_clearing(context: Context) -> bool:
    """Whether the person wrote in this campaign, in a chat that was cleared. Raises FactMissing.

    Only ask this of a person who proved an address: nobody else may learn it.
    """
    cleared = context.fact(ClearedLetter(context.journey.campaign))
    return cleared is not None and not cleared.reached_nobody


def cleared_first(turn: Turn) -> Turn:
    """Return a turn that first deletes what stands in the chat."""
    return replace(turn, replies=(ClearChat(), *turn.replies))
