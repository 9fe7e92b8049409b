"""/start and deep links: begin the journey of a campaign, or offer the open ones."""

from dataclasses import replace

from conversations.core.context import Context, Turn
from conversations.core.fact_requests import NamedSources
from conversations.core.link_sources import OTHER, SHARED, is_of_broadcast
from conversations.core.replies import Say
from conversations.core.turns import show
from conversations.journey import codes, discreet
from conversations.journey.discreet import cleared_first
from conversations.journey.flow.transitions import ask, effects_of_leaving, end, interrupt, remind
from conversations.journey.letters.send import end_as_written, has_written, written_message
from conversations.model.journey import IN_CAMPAIGN, UNDER_WAY, Answers, Aside, Journey, Step
from conversations.text.html import Html

_DRAW_BITS = 0xFFFF
"""The bits of chance that pick one of a campaign's letters and subjects."""


def answer(context: Context, payload: str) -> Turn:
    """Answer /start. A deep link carries `slug`, `slug__source` or a code; /start alone, nothing.

    Raises FactMissing.
    """
    if codes.is_link(payload):
        return show(context, context.wording.say("code.elsewhere"))
    slug, _, source = payload.partition("__")
    if context.journey.step in UNDER_WAY and context.takes_letters(context.journey.campaign):
        return _under_way(context, slug, source)
    if _is_unserved(context, UNDER_WAY) and slug in ("", context.journey.campaign):
        return say_closed(context)
    if context.takes_letters(slug):
        return begin(context, slug, _counted_source(context, slug, source))
    note = context.wording.say(context.why_no_letters(slug)) if slug else None
    return offer_campaigns(context, note)


def _under_way(context: Context, slug: str, source: str) -> Turn:
    """Answer a link while a letter is under way, which is not lost."""
    if slug in ("", context.journey.campaign):
        return interrupt(context, Aside.RESUME)
    if not context.takes_letters(slug):
        return remind(context, context.wording.say(context.why_no_letters(slug)))
    if has_written(context, slug):
        return Turn(context.journey, (written_message(context, slug),))
    return interrupt(
        context, Aside.SWITCH, campaign=slug, source=_counted_source(context, slug, source)
    )


def is_closed(context: Context) -> bool:
    """Return whether the open question belongs to a campaign that takes no letters, or is gone."""
    journey = context.journey
    campaign = journey.campaign
    exists = campaign in context.deployment.campaigns
    goes_on = exists if journey.corrects else context.takes_letters(campaign)
    return journey.step in IN_CAMPAIGN and not goes_on


def _is_unserved(context: Context, steps: frozenset[Step]) -> bool:
    """Whether the person is at one of `steps`, in a campaign that can't be served for now."""
    journey = context.journey
    return journey.step in steps and journey.campaign in context.deployment.unserved


def say_closed(context: Context) -> Turn:
    """Say that the campaign takes no letters any more, and offer those that do.

    Where it only can't be served for now, the answers are kept.
    """
    if _is_unserved(context, IN_CAMPAIGN):
        return show(context, context.wording.say("campaign.unserved"))
    return offer_campaigns(context, context.wording.say("campaign.closed"))


def offer_campaigns(context: Context, note: Html | None = None) -> Turn:
    """Offer the open campaigns. If there is only one, begin its journey."""
    campaigns = context.open_campaigns
    if not campaigns:
        return end(context, note or none_open(context))
    if len(campaigns) > 1:
        journey = replace(new_journey(context), step=Step.CHOOSE)
        return ask(
            context.within(journey), Step.CHOOSE, note=note, effects=effects_of_leaving(context)
        )
    turn = begin(context, campaigns[0].slug, "")
    return replace(turn, replies=(Say(note), *turn.replies)) if note else turn


def none_open(context: Context) -> Html:
    """Return that no campaign is open; if that is so because one can't be served for now, that."""
    unserved = context.deployment.unserved - context.facts.unconfirmed - context.facts.closed
    return context.wording.say("campaign.unserved" if unserved else "home.closed")


def begin(context: Context, slug: str, source: str) -> Turn:
    """Begin a new journey in the campaign `slug`, unless this person may not write in it."""
    if context.facts.sender_blocked:
        contact = context.deployment.campaigns[slug].contact
        return end(context, context.wording.say("block.barred", contact=contact))
    language = context.language_in(slug)
    journey = replace(new_journey(context), campaign=slug, source=source, language=language)
    if has_written(context, slug):
        return end_as_written(context.within(journey))
    becomes_discreet = context.deployment.campaigns[slug].discreet == "default"
    if context.journey.is_discreet or becomes_discreet:
        journey = discreet.begin(journey, context)
    begun, left = context.within(journey), effects_of_leaving(context)
    if context.journey.is_discreet or not becomes_discreet:
        return ask(begun, Step.WELCOME, effects=left)
    forgets, begun = discreet.effects(context), discreet.without_memories(begun)
    return cleared_first(ask(begun, Step.WELCOME, effects=(*left, *forgets)))


def new_journey(context: Context) -> Journey:
    """Return a new journey of the same chat, which goes on counting turns."""
    before = context.journey
    return Journey(
        id=context.token(),
        language=before.language,
        turn=before.turn,
        asked=before.asked,
        answers=Answers(draw=context.chance & _DRAW_BITS),
        clear_after=before.clear_after,
        typed=before.typed,
    )


def _counted_source(context: Context, slug: str, source: str) -> str:
    """Return the source under which a link is counted: its own if it is known, else OTHER."""
    declared = context.deployment.campaigns[slug].sources
    if is_of_broadcast(source) or source in ("", SHARED, *declared):
        return source
    return source if source in context.fact(NamedSources(slug)) else OTHER
