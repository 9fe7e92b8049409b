"""/start and deep links: which campaign, and what of a journey that is under way."""

from dataclasses import replace

from conversations.core.buttons.journey import ChooseCampaign
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.fact_requests import NamedSources
from conversations.core.link_sources import OTHER, SHARED, is_of_broadcast
from conversations.core.replies import Say
from conversations.core.turns import (
    aside,
    ask,
    left,
    remind,
    rest,
    show,
)
from conversations.journey.play import CODE_LINK, UNDER_WAY
from conversations.journey.send import already, has_written, written
from conversations.model.journey import (
    Answers,
    Aside,
    Journey,
    Step,
)
from conversations.text.html import Html

_DRAW = 0xFFFF


def started(context: Context, payload: str) -> Turn:
    """Answer /start, with what a deep link carried: `slug`, `slug__source`, a code, or nothing."""
    if payload.startswith(CODE_LINK):
        return show(context, context.wording.say("code.elsewhere"))
    slug, _, source = payload.partition("__")
    if context.journey.step in UNDER_WAY and context.takes_letters(context.journey.campaign):
        return _under_way(context, slug, source)
    if context.takes_letters(slug):
        return enter(context, slug, _declared(context, slug, source))
    note = context.wording.say(_why_not(context, slug)) if slug else None
    return offer(context, note)


def _under_way(context: Context, slug: str, source: str) -> Turn:
    """Answer a link without losing the letter that was begun."""
    if slug in ("", context.journey.campaign):
        return aside(context, Aside.RESUME)
    if not context.takes_letters(slug):
        return remind(context, context.wording.say(_why_not(context, slug)))
    if has_written(context, slug):
        return Turn(context.journey, (written(context, slug),))
    return aside(context, Aside.SWITCH, campaign=slug, source=_declared(context, slug, source))


def chosen(context: Context, button: TurnButtonData | UnknownButton) -> Turn:
    """Answer the choice of a campaign."""
    match button:
        case ChooseCampaign(slug) if context.takes_letters(slug):
            return enter(context, slug, "")
        case _:
            return closed(context)


def closed(context: Context) -> Turn:
    """Tell that the campaign takes no letters any more, and which ones do."""
    return offer(context, context.wording.say("campaign.closed"))


def offer(context: Context, note: Html | None = None) -> Turn:
    """Offer the campaigns that are open; the only one is shown at once."""
    campaigns = context.open_campaigns
    if not campaigns:
        return rest(context, note or context.wording.say("home.closed"))
    if len(campaigns) > 1:
        journey = replace(_fresh(context), step=Step.CHOOSE)
        return ask(context.within(journey), Step.CHOOSE, note=note, effects=left(context))
    turn = enter(context, campaigns[0].slug, "")
    return replace(turn, replies=(Say(note), *turn.replies)) if note else turn


def enter(context: Context, slug: str, source: str) -> Turn:
    """Begin a new journey in the campaign `slug`."""
    if context.facts.barred:
        contact = context.deployment.campaigns[slug].contact
        return rest(context, context.wording.say("block.barred", contact=contact))
    journey = replace(_fresh(context), campaign=slug, source=source)
    fresh = context.within(journey)
    if has_written(context, slug):
        return already(fresh)
    return ask(fresh, Step.WELCOME, effects=left(context))


def _fresh(context: Context) -> Journey:
    """Return a new journey of the same chat: its turns go on counting."""
    former = context.journey
    return Journey(
        id=context.token(),
        language=former.language,
        turn=former.turn,
        asked=former.asked,
        answers=Answers(draw=context.chance & _DRAW),
    )


def _why_not(context: Context, slug: str) -> str:
    campaign = context.deployment.campaigns.get(slug)
    if campaign is None:
        return "campaign.unknown"
    early = campaign.opens is not None and context.now < campaign.opens
    return "campaign.early" if early else "campaign.closed"


def _declared(context: Context, slug: str, source: str) -> str:
    """Return the source that is counted: none, a declared one, or “other”."""
    declared = context.deployment.campaigns[slug].sources
    if is_of_broadcast(source) or source in ("", SHARED, *declared):
        return source
    return source if source in context.fact(NamedSources(slug)) else OTHER
