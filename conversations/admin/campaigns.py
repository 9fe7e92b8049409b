"""/campaigns: how each stands, and what can be done about it; what changes much is asked once more.

    takes letters ⇄ closed in the chat       letters leave ⇄ rest       live ⇄ in test mode

What the file says of opening, closing and test mode holds all the same: the chat adds to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conversations.admin.alerts import said
from conversations.admin.status import Lane, at, letters
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.admin import (
    CloseCampaign,
    GoLive,
    OpenCampaign,
    PauseCampaign,
    ResumeCampaign,
    StartTestMode,
)
from conversations.core.fact_requests import Fact
from conversations.core.replies import Button, PersistentButton, Say
from conversations.core.turns import put, show, toast
from conversations.text.html import Html


@dataclass(frozen=True)
class CampaignQueue(Fact[Lane]):
    """A campaign's letters that wait to be sent."""

    campaign: str


@dataclass(frozen=True)
class TargetsUnreachable(Fact[bool]):
    """Whether a campaign has a target that no letter can reach, so that it must not go live."""

    campaign: str


def listed(context: Context) -> Turn:
    """Answer /campaigns: the only one is shown at once."""
    slugs = tuple(context.deployment.campaigns)
    told = _shown(context, slugs[0]) if len(slugs) == 1 else _list(context)
    return show(context, told.text, told.keyboard)


def pressed(context: Context, action: str) -> Turn:
    """Answer a button of /campaigns."""
    deed, _, slug = action.partition(":")
    if deed == "list":
        told = _list(context)
        return put(context, told.text, told.keyboard)
    if slug not in context.deployment.campaigns:
        return toast(context, "toast.gone")
    if deed == "show":
        told = _shown(context, slug)
        return put(context, told.text, told.keyboard)
    wanted, _, answer = deed.partition("-")
    if wanted not in _deeds(context, slug):
        return toast(context, "toast.answered")
    if wanted == "live" and (why := _why_not_live(context, slug)):
        return toast(context, why, alert=True)
    effect = _EFFECTS.get(deed)
    if not answer:
        return _asked(context, wanted, slug)
    if effect is None:
        return toast(context, "toast.answered")
    back = PersistentButton(context.wording.label("button.back"), f"campaigns:show:{slug}")
    text = context.wording.say(f"campaign.{wanted}_done", title=context.title(slug))
    return put(context, text, ((back,),), effects=(effect(slug),))


_EFFECTS: Mapping[str, Callable[[str], Effect]] = {
    "pause-yes": PauseCampaign,
    "resume-yes": ResumeCampaign,
    "open-yes": OpenCampaign,
    "close-send": lambda slug: CloseCampaign(slug, withdraw=False),
    "close-withdraw": lambda slug: CloseCampaign(slug, withdraw=True),
    "test-yes": StartTestMode,
    "live-yes": GoLive,
}


def _deeds(context: Context, slug: str) -> tuple[str, ...]:
    """Return what makes sense as the campaign stands."""
    ends = context.deployment.campaigns[slug].closes
    closed, over = slug in context.facts.closed, ends is not None and ends <= context.now
    gate = ("open",) if closed else () if over else ("close",)
    rest = "resume" if context.fact(CampaignQueue(slug)).paused else "pause"
    says_so = context.deployment.test or context.deployment.campaigns[slug].test
    mode = () if says_so else ("live",) if context.tests(slug) else ("test",)
    return (rest, *gate, *mode)


def _why_not_live(context: Context, slug: str) -> str:
    addresses = {target.address.lower() for target in context.deployment.campaigns[slug].targets}
    if context.deployment.test_address.lower() in addresses:
        return "toast.live_test_address"
    return "toast.live_unfit" if context.fact(TargetsUnreachable(slug)) else ""


def _asked(context: Context, deed: str, slug: str) -> Turn:
    wording, title = context.wording, context.title(slug)
    no = PersistentButton(wording.label("button.no_back"), f"campaigns:show:{slug}")
    waiting = context.fact(CampaignQueue(slug)).waiting
    if deed == "close" and waiting:
        rows = [
            (
                PersistentButton(
                    wording.label(f"button.close_{each}"), f"campaigns:close-{each}:{slug}"
                ),
            )
            for each in ("send", "withdraw")
        ]
        text = wording.say("campaign.close_sure", title=title, count=waiting)
        return put(context, text, (*rows, (no,)))
    if deed == "close":
        yes = PersistentButton(wording.label("button.sure_yes"), f"campaigns:close-send:{slug}")
        return put(context, wording.say("campaign.close_none_sure", title=title), ((yes,), (no,)))
    yes = PersistentButton(wording.label("button.sure_yes"), f"campaigns:{deed}-yes:{slug}")
    targets = ", ".join(target.address for target in context.deployment.campaigns[slug].targets)
    told = {"targets": targets} if deed == "live" else {}
    told |= {"address": context.deployment.test_address} if deed == "test" else {}
    text = wording.say(f"campaign.{deed}_sure", title=title, **told)
    return put(context, text, ((yes,), (no,)))


def _list(context: Context) -> Say:
    wording = context.wording
    lines = [wording.say("campaign.list")]
    rows: list[tuple[Button, ...]] = []
    for slug in context.deployment.campaigns:
        states = ", ".join(_states(context, context.fact(CampaignQueue(slug)), slug))
        lines.append(wording.say("campaign.line", title=context.title(slug), states=states))
        rows.append((PersistentButton(context.title(slug), f"campaigns:show:{slug}"),))
    return Say(Html("\n".join(lines)), tuple(rows))


def _shown(context: Context, slug: str) -> Say:
    wording, lane = context.wording, context.fact(CampaignQueue(slug))
    states = ", ".join(_states(context, lane, slug))
    parts = [wording.say("campaign.title", title=context.title(slug), slug=slug, states=states)]
    parts.append(letters(context, lane))
    if lane.paused:
        key = "campaign.rests_by_hand" if lane.by_hand else "campaign.rests"
        parts.append(wording.say(key, at=at(context, lane.paused)))
    if lane.text or lane.code:
        kind = "away" if not lane.code else "later" if lane.code < 500 else "refused"
        words = said(wording, lane.code, lane.text)
        parts.append(wording.say(f"campaign.error_{kind}", said=words))
    return Say(Html("\n\n".join(parts)), _buttons(context, slug))


def _states(context: Context, lane: Lane, slug: str) -> list[str]:
    """Return how a campaign stands, in a few words."""
    campaign, label = context.deployment.campaigns[slug], context.wording.label
    early = campaign.opens is not None and context.now < campaign.opens
    key = "open" if context.takes_letters(slug) else "early" if early else "closed"
    states = [label(f"campaign.is_{key}")]
    if lane.paused:
        states.append(label("campaign.is_paused"))
    if context.tests(slug):
        says_so = "settings" if context.deployment.test else "file" if campaign.test else "here"
        states.append(label(f"campaign.is_test_{says_so}"))
    return states


def _buttons(context: Context, slug: str) -> tuple[tuple[Button, ...], ...]:
    label = context.wording.label
    rows: list[tuple[Button, ...]] = [
        (PersistentButton(label(f"button.campaign_{deed}"), f"campaigns:{deed}:{slug}"),)
        for deed in _deeds(context, slug)
    ]
    if context.tests(slug) and context.takes_letters(slug):
        rows.append((PersistentButton(label("button.walk"), f"campaigns:walk:{slug}"),))
    links = PersistentButton(label("button.links"), f"links:{slug}")
    rows.append((links, PersistentButton(label("button.block_sender"), "block:ask")))
    if len(context.deployment.campaigns) > 1:
        rows.append((PersistentButton(label("button.back"), "campaigns:list"),))
    return tuple(rows)
