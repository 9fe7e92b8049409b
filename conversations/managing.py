"""/campaigns: how each stands, and what can be done about it; what changes much is asked once more.

    takes letters ⇄ closed in the chat       letters leave ⇄ rest       live ⇄ in test mode

What the file says of opening, closing and test mode holds all the same: the chat adds to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conversations import starting
from conversations.alerts import said
from conversations.effects import (
    CloseCampaign,
    Effect,
    GoLive,
    OpenCampaign,
    PauseCampaign,
    Resume,
    TryCampaign,
)
from conversations.moves import put, show, toast
from conversations.overview import Lane, at, letters
from conversations.replies import Button, Show, Standing
from conversations.rich import Html
from conversations.scene import Scene, Turn


@dataclass(frozen=True)
class Campaigns:
    """What the tables say of campaigns. `unfit` tells whose targets no letter can reach."""

    lane: Callable[[str], Lane]
    unfit: Callable[[str], bool]


def listed(scene: Scene, campaigns: Campaigns) -> Turn:
    """Answer /campaigns: the only one is shown at once."""
    slugs = tuple(scene.house.campaigns)
    told = _shown(scene, campaigns, slugs[0]) if len(slugs) == 1 else _list(scene, campaigns)
    return show(scene, told.text, told.keyboard)


def pressed(scene: Scene, campaigns: Campaigns, action: str) -> Turn:
    """Answer a button of /campaigns."""
    deed, _, slug = action.partition(":")
    if deed == "list":
        told = _list(scene, campaigns)
        return put(scene, told.text, told.keyboard)
    if slug not in scene.house.campaigns:
        return toast(scene, "toast.gone")
    if deed == "show":
        told = _shown(scene, campaigns, slug)
        return put(scene, told.text, told.keyboard)
    wanted, _, answer = deed.partition("-")
    if wanted not in _deeds(scene, campaigns, slug):
        return toast(scene, "toast.answered")
    if wanted == "live" and (why := _why_not_live(scene, campaigns, slug)):
        return toast(scene, why, alert=True)
    effect = _EFFECTS.get(deed)
    if not answer:
        return _asked(scene, campaigns, wanted, slug)
    if effect is None:
        return toast(scene, "toast.answered")
    back = Standing(scene.wording.label("button.back"), f"campaigns:show:{slug}")
    text = scene.wording.say(f"campaign.{wanted}_done", title=scene.title(slug))
    return put(scene, text, ((back,),), effects=(effect(slug),))


def walked(scene: Scene, slug: str) -> Turn:
    """Begin a supporter's journey, as an admin who tries the campaign."""
    if not (scene.known.admin and scene.takes_letters(slug) and scene.tests(slug)):
        return toast(scene, "toast.gone")
    return starting.enter(scene, slug, "")


_EFFECTS: Mapping[str, Callable[[str], Effect]] = {
    "pause-yes": PauseCampaign,
    "resume-yes": Resume,
    "open-yes": OpenCampaign,
    "close-send": lambda slug: CloseCampaign(slug, withdraw=False),
    "close-withdraw": lambda slug: CloseCampaign(slug, withdraw=True),
    "test-yes": TryCampaign,
    "live-yes": GoLive,
}


def _deeds(scene: Scene, campaigns: Campaigns, slug: str) -> tuple[str, ...]:
    """Return what makes sense as the campaign stands."""
    ends = scene.house.campaigns[slug].closes
    closed, over = slug in scene.known.closed, ends is not None and ends <= scene.now
    gate = ("open",) if closed else () if over else ("close",)
    rest = "resume" if campaigns.lane(slug).paused else "pause"
    says_so = scene.house.test or scene.house.campaigns[slug].test
    mode = () if says_so else ("live",) if scene.tests(slug) else ("test",)
    return (rest, *gate, *mode)


def _why_not_live(scene: Scene, campaigns: Campaigns, slug: str) -> str:
    addresses = {target.address.lower() for target in scene.house.campaigns[slug].targets}
    if scene.house.test_address.lower() in addresses:
        return "toast.live_test_address"
    return "toast.live_unfit" if campaigns.unfit(slug) else ""


def _asked(scene: Scene, campaigns: Campaigns, deed: str, slug: str) -> Turn:
    wording, title = scene.wording, scene.title(slug)
    no = Standing(wording.label("button.no_back"), f"campaigns:show:{slug}")
    waiting = campaigns.lane(slug).waiting
    if deed == "close" and waiting:
        rows = [
            (Standing(wording.label(f"button.close_{each}"), f"campaigns:close-{each}:{slug}"),)
            for each in ("send", "withdraw")
        ]
        text = wording.say("campaign.close_sure", title=title, count=waiting)
        return put(scene, text, (*rows, (no,)))
    if deed == "close":
        yes = Standing(wording.label("button.sure_yes"), f"campaigns:close-send:{slug}")
        return put(scene, wording.say("campaign.close_none_sure", title=title), ((yes,), (no,)))
    yes = Standing(wording.label("button.sure_yes"), f"campaigns:{deed}-yes:{slug}")
    targets = ", ".join(target.address for target in scene.house.campaigns[slug].targets)
    told = {"targets": targets} if deed == "live" else {}
    told |= {"address": scene.house.test_address} if deed == "test" else {}
    text = wording.say(f"campaign.{deed}_sure", title=title, **told)
    return put(scene, text, ((yes,), (no,)))


def _list(scene: Scene, campaigns: Campaigns) -> Show:
    wording = scene.wording
    lines = [wording.say("campaign.list")]
    rows: list[tuple[Button, ...]] = []
    for slug in scene.house.campaigns:
        states = ", ".join(_states(scene, campaigns.lane(slug), slug))
        lines.append(wording.say("campaign.line", title=scene.title(slug), states=states))
        rows.append((Standing(scene.title(slug), f"campaigns:show:{slug}"),))
    return Show(Html("\n".join(lines)), tuple(rows))


def _shown(scene: Scene, campaigns: Campaigns, slug: str) -> Show:
    wording, lane = scene.wording, campaigns.lane(slug)
    states = ", ".join(_states(scene, lane, slug))
    parts = [wording.say("campaign.title", title=scene.title(slug), slug=slug, states=states)]
    parts.append(letters(scene, lane))
    if lane.paused:
        key = "campaign.rests_by_hand" if lane.by_hand else "campaign.rests"
        parts.append(wording.say(key, at=at(scene, lane.paused)))
    if lane.text or lane.code:
        kind = "away" if not lane.code else "later" if lane.code < 500 else "refused"
        words = said(wording, lane.code, lane.text)
        parts.append(wording.say(f"campaign.error_{kind}", said=words))
    return Show(Html("\n\n".join(parts)), _buttons(scene, campaigns, slug))


def _states(scene: Scene, lane: Lane, slug: str) -> list[str]:
    """Return how a campaign stands, in a few words."""
    campaign, label = scene.house.campaigns[slug], scene.wording.label
    early = campaign.opens is not None and scene.now < campaign.opens
    key = "open" if scene.takes_letters(slug) else "early" if early else "closed"
    states = [label(f"campaign.is_{key}")]
    if lane.paused:
        states.append(label("campaign.is_paused"))
    if scene.tests(slug):
        says_so = "settings" if scene.house.test else "file" if campaign.test else "here"
        states.append(label(f"campaign.is_test_{says_so}"))
    return states


def _buttons(scene: Scene, campaigns: Campaigns, slug: str) -> tuple[tuple[Button, ...], ...]:
    label = scene.wording.label
    rows: list[tuple[Button, ...]] = [
        (Standing(label(f"button.campaign_{deed}"), f"campaigns:{deed}:{slug}"),)
        for deed in _deeds(scene, campaigns, slug)
    ]
    if scene.tests(slug) and scene.takes_letters(slug):
        rows.append((Standing(label("button.walk"), f"campaigns:walk:{slug}"),))
    links = Standing(label("button.links"), f"links:{slug}")
    rows.append((links, Standing(label("button.block_sender"), "block:ask")))
    if len(scene.house.campaigns) > 1:
        rows.append((Standing(label("button.back"), "campaigns:list"),))
    return tuple(rows)
