"""/start and deep links: which campaign, and what of a journey that is under way."""

import re
from dataclasses import replace

from conversations.journey import Answers, Aside, Journey, Step
from conversations.moves import aside, ask, left, remind, rest, show
from conversations.play import CODE_LINK, UNDER_WAY
from conversations.replies import Show
from conversations.rich import Html
from conversations.scene import Scene, Turn
from conversations.sending import already, has_written, written

SHARED = "share"
"""The source of the link behind “Share with friends”: every campaign has it."""

OTHER = "other"
"""The source under which links count that a campaign does not declare."""

_OF_UPDATE = re.compile(r"u[0-9a-f]{12}")
"""The source of links in updates (`Broadcast.source`)."""

_DRAW = 0xFFFF


def started(scene: Scene, payload: str) -> Turn:
    """Answer /start, with what a deep link carried: `slug`, `slug__source`, a code, or nothing."""
    if payload.startswith(CODE_LINK):
        return show(scene, scene.wording.say("code.elsewhere"))
    slug, _, source = payload.partition("__")
    if scene.journey.step in UNDER_WAY and scene.takes_letters(scene.journey.campaign):
        return _under_way(scene, slug, source)
    if scene.takes_letters(slug):
        return enter(scene, slug, _declared(scene, slug, source))
    note = scene.wording.say(_why_not(scene, slug)) if slug else None
    return offer(scene, note)


def _under_way(scene: Scene, slug: str, source: str) -> Turn:
    """Answer a link without losing the letter that was begun."""
    if slug in ("", scene.journey.campaign):
        return aside(scene, Aside.RESUME)
    if not scene.takes_letters(slug):
        return remind(scene, scene.wording.say(_why_not(scene, slug)))
    if has_written(scene, slug):
        return Turn(scene.journey, (written(scene, slug),))
    return aside(scene, Aside.SWITCH, campaign=slug, source=_declared(scene, slug, source))


def chosen(scene: Scene, slug: str) -> Turn:
    """Answer the choice of a campaign."""
    return enter(scene, slug, "") if scene.takes_letters(slug) else closed(scene)


def closed(scene: Scene) -> Turn:
    """Tell that the campaign takes no letters any more, and which ones do."""
    return offer(scene, scene.wording.say("campaign.closed"))


def offer(scene: Scene, note: Html | None = None) -> Turn:
    """Offer the campaigns that are open; the only one is shown at once."""
    campaigns = scene.open_campaigns
    if not campaigns:
        return rest(scene, note or scene.wording.say("home.closed"))
    if len(campaigns) > 1:
        journey = replace(_fresh(scene), step=Step.CHOOSE)
        return ask(scene.within(journey), Step.CHOOSE, note=note, effects=left(scene))
    turn = enter(scene, campaigns[0].slug, "")
    return replace(turn, replies=(Show(note), *turn.replies)) if note else turn


def enter(scene: Scene, slug: str, source: str) -> Turn:
    """Begin a new journey in the campaign `slug`."""
    if scene.known.barred:
        contact = scene.house.campaigns[slug].contact
        return rest(scene, scene.wording.say("block.barred", contact=contact))
    journey = replace(_fresh(scene), campaign=slug, source=source)
    fresh = scene.within(journey)
    if has_written(scene, slug):
        return already(fresh)
    return ask(fresh, Step.WELCOME, effects=left(scene))


def _fresh(scene: Scene) -> Journey:
    """Return a new journey of the same chat: its turns go on counting."""
    former = scene.journey
    return Journey(
        id=scene.token(),
        language=former.language,
        turn=former.turn,
        asked=former.asked,
        answers=Answers(draw=scene.chance & _DRAW),
    )


def _why_not(scene: Scene, slug: str) -> str:
    campaign = scene.house.campaigns.get(slug)
    if campaign is None:
        return "campaign.unknown"
    early = campaign.opens is not None and scene.now < campaign.opens
    return "campaign.early" if early else "campaign.closed"


def is_taken(source: str) -> bool:
    """Whether links with this source are counted as something of the bot's own."""
    return source in (SHARED, OTHER) or bool(_OF_UPDATE.fullmatch(source))


def _declared(scene: Scene, slug: str, source: str) -> str:
    """Return the source that is counted: none, a declared one, or “other”."""
    declared = scene.house.campaigns[slug].sources
    if _OF_UPDATE.fullmatch(source) or source in ("", SHARED, *declared, *scene.known.sources):
        return source
    return OTHER
