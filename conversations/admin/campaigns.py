"""/campaigns: the state of each campaign, and the changes to it, which are confirmed first.

    open ⇄ closed in the chat       letters are sent ⇄ paused       live ⇄ in test mode

What the campaign's file says of opening, closing and test mode holds as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conversations.admin.campaign_pages import (
    CampaignQueue,
    campaign_button,
    campaign_list,
    campaign_page,
    more_buttons,
    possible_changes,
    slugs_of,
)
from conversations.core.buttons.admin import (
    CampaignAction,
    CampaignButton,
)
from conversations.core.context import Context, Turn
from conversations.core.counts import counted
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
from conversations.core.replies import Button
from conversations.core.turns import put, show, toast
from conversations.model.campaigns.skeleton import skeleton_texts


@dataclass(frozen=True)
class TargetsUnreachable(Fact[bool]):
    """Whether a campaign has a target that no letter can reach, so that it must not go live."""

    campaign: str


_CHANGES: Mapping[CampaignAction, tuple[CampaignAction, Callable[[str], Effect]]] = {
    CampaignAction.PAUSE: (CampaignAction.ASK_PAUSE, PauseCampaign),
    CampaignAction.RESUME: (CampaignAction.ASK_RESUME, ResumeCampaign),
    CampaignAction.OPEN: (CampaignAction.ASK_OPEN, OpenCampaign),
    CampaignAction.CLOSE_AND_SEND: (
        CampaignAction.ASK_CLOSE,
        lambda slug: CloseCampaign(slug, withdraw=False),
    ),
    CampaignAction.CLOSE_AND_WITHDRAW: (
        CampaignAction.ASK_CLOSE,
        lambda slug: CloseCampaign(slug, withdraw=True),
    ),
    CampaignAction.TEST: (CampaignAction.ASK_TEST, StartTestMode),
    CampaignAction.LIVE: (CampaignAction.ASK_LIVE, GoLive),
}
"""For each change: the question before it, and its effect."""

_CONFIRMS = {
    asks: does for does, (asks, _) in _CHANGES.items() if asks is not CampaignAction.ASK_CLOSE
}
"""The change that follows each question with a single yes."""

_MAX_NAMED = 20
"""How many addresses of targets are named before a campaign goes live."""


def listed(context: Context) -> Turn:
    """Answer /campaigns: with a list, or with the only campaign."""
    slugs = slugs_of(context)
    message = campaign_page(context, slugs[0]) if len(slugs) == 1 else campaign_list(context)
    return show(context, message.text, message.keyboard)


def pressed(context: Context, button: CampaignButton) -> Turn:
    """Answer a button of /campaigns, except TRY."""
    action, slug = button.action, button.campaign
    if action is CampaignAction.LIST:
        message = campaign_list(context, button.page)
        return put(context, message.text, message.keyboard)
    if slug not in slugs_of(context):
        return toast(context, "toast.gone")
    is_served = slug in context.deployment.campaigns
    if action is CampaignAction.SHOW or (action is CampaignAction.MORE and not is_served):
        message = campaign_page(context, slug)
        return put(context, message.text, message.keyboard)
    if action is CampaignAction.MORE:
        return put(context, campaign_page(context, slug).text, more_buttons(context, slug))
    asks, effect = _CHANGES.get(action, (action, None))
    if asks not in possible_changes(context, slug):
        return toast(context, "toast.answered")
    if asks is CampaignAction.ASK_LIVE and (why := _why_not_live(context, slug)):
        return toast(context, why, alert=True)
    if effect is None:
        return _question(context, asks, slug)
    back = campaign_button(context, "button.back", CampaignAction.SHOW, slug)
    text = context.wording.say(f"campaign.{asks}_done", title=context.title(slug))
    return put(context, text, ((back,),), effects=(effect(slug),))


def _why_not_live(context: Context, slug: str) -> str:
    """Return the key of the reason why a campaign must not go live; "" if it may."""
    campaign = context.deployment.campaigns[slug]
    if any(skeleton_texts(campaign)):
        return "toast.live_unwritten"
    if campaign.keep_until < context.now.date():
        return "toast.live_too_late"
    addresses = {target.address.lower() for target in campaign.targets}
    if context.deployment.test_address.lower() in addresses:
        return "toast.live_test_address"
    return "toast.live_unfit" if context.fact(TargetsUnreachable(slug)) else ""


# --- the questions --------------------------------------------------------------------------------


def _question(context: Context, asks: CampaignAction, slug: str) -> Turn:
    """Ask whether to make a change, and say what it means."""
    if asks is CampaignAction.ASK_CLOSE:
        return _ask_close(context, slug)
    values = {"title": context.title(slug)}
    if asks is CampaignAction.ASK_LIVE:
        targets = context.deployment.campaigns[slug].targets
        named = ", ".join(target.address for target in targets[:_MAX_NAMED])
        more = f" … ({len(targets)})" if len(targets) > _MAX_NAMED else ""
        values["targets"] = f"{named}{more}"
    if asks is CampaignAction.ASK_TEST:
        values["address"] = context.deployment.test_address
    yes = campaign_button(context, "button.sure_yes", _CONFIRMS[asks], slug)
    is_idle = asks is CampaignAction.ASK_PAUSE and not context.takes_letters(slug)
    text = context.wording.say(f"campaign.{asks}{'_closed' if is_idle else ''}_sure", **values)
    return put(context, text, ((yes,), _no(context, slug)))


def _ask_close(context: Context, slug: str) -> Turn:
    """Ask whether to close, and what becomes of the letters that wait, if there are any."""
    title, waiting = context.title(slug), context.fact(CampaignQueue(slug)).waiting
    if not waiting:
        yes = campaign_button(context, "button.sure_yes", CampaignAction.CLOSE_AND_SEND, slug)
        text = context.wording.say("campaign.close_none_sure", title=title)
        return put(context, text, ((yes,), _no(context, slug)))
    send = campaign_button(context, "button.close_send", CampaignAction.CLOSE_AND_SEND, slug)
    withdraw = campaign_button(
        context, "button.close_withdraw", CampaignAction.CLOSE_AND_WITHDRAW, slug
    )
    text = context.wording.say("campaign.close_sure", title=title, count=counted(waiting))
    return put(context, text, ((send,), (withdraw,), _no(context, slug)))


def _no(context: Context, slug: str) -> tuple[Button, ...]:
    return (campaign_button(context, "button.no_back", CampaignAction.SHOW, slug),)
