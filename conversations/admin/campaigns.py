"""/campaigns: the state of each campaign, and the changes to it, which are confirmed first.

    open ⇄ closed in the chat       letters are sent ⇄ paused       live ⇄ in test mode

What the campaign's file says of opening, closing and test mode holds as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conversations.admin.alerts import reply_sentence
from conversations.admin.status import Lane, letters
from conversations.core.buttons.admin import (
    BlockAction,
    BlockButton,
    CampaignAction,
    CampaignButton,
    DisownedButton,
    LinksAction,
    LinksButton,
    ScreensButton,
    TargetsAction,
    TargetsButton,
    VersionAction,
    VersionsButton,
)
from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.buttons.new_campaign import NewAction, NewCampaignButton
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
from conversations.core.paging import MAX_BUTTONS, items_of, page_of
from conversations.core.replies import Button, Keyboard, PersistentButton, Say
from conversations.core.turns import put, show, toast
from conversations.model.campaigns.skeleton import skeleton_texts
from conversations.text.html import Html


@dataclass(frozen=True)
class CampaignQueue(Fact[Lane]):
    """A campaign's letters that wait to be sent."""

    campaign: str


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

_LISTED = MAX_BUTTONS - 1
"""How many buttons the list has room for besides the one for a new campaign."""

_CONFIRMS = {
    asks: does for does, (asks, _) in _CHANGES.items() if asks is not CampaignAction.ASK_CLOSE
}
"""The change that follows each question with a single yes."""

_MAX_NAMED = 20
"""How many addresses of targets are named before a campaign goes live."""


def listed(context: Context) -> Turn:
    """Answer /campaigns: with a list, or with the only campaign."""
    slugs = tuple(context.deployment.campaigns)
    message = _page(context, slugs[0]) if len(slugs) == 1 else _list(context)
    return show(context, message.text, message.keyboard)


def pressed(context: Context, button: CampaignButton) -> Turn:
    """Answer a button of /campaigns, except TRY."""
    action, slug = button.action, button.campaign
    if action is CampaignAction.LIST:
        message = _list(context, button.page)
        return put(context, message.text, message.keyboard)
    if slug not in context.deployment.campaigns:
        return toast(context, "toast.gone")
    if action is CampaignAction.SHOW:
        message = _page(context, slug)
        return put(context, message.text, message.keyboard)
    if action is CampaignAction.MORE:
        return put(context, _page(context, slug).text, _more_buttons(context, slug))
    asks, effect = _CHANGES.get(action, (action, None))
    if asks not in _possible(context, slug):
        return toast(context, "toast.answered")
    if asks is CampaignAction.ASK_LIVE and (why := _why_not_live(context, slug)):
        return toast(context, why, alert=True)
    if effect is None:
        return _question(context, asks, slug)
    back = _button(context, "button.back", CampaignAction.SHOW, slug)
    text = context.wording.say(f"campaign.{asks}_done", title=context.title(slug))
    return put(context, text, ((back,),), effects=(effect(slug),))


def _possible(context: Context, slug: str) -> tuple[CampaignAction, ...]:
    """Return the questions about changes that are possible in the campaign's state."""
    campaign = context.deployment.campaigns[slug]
    paused = context.fact(CampaignQueue(slug)).paused_since
    actions = [CampaignAction.ASK_RESUME if paused else CampaignAction.ASK_PAUSE]
    if slug in context.facts.closed:
        actions.append(CampaignAction.ASK_OPEN)
    elif campaign.closes is None or campaign.closes > context.now:
        actions.append(CampaignAction.ASK_CLOSE)
    if not (context.deployment.test or campaign.test):
        tests = context.tests(slug)
        actions.append(CampaignAction.ASK_LIVE if tests else CampaignAction.ASK_TEST)
    return tuple(actions)


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
    yes = _button(context, "button.sure_yes", _CONFIRMS[asks], slug)
    text = context.wording.say(f"campaign.{asks}_sure", **values)
    return put(context, text, ((yes,), _no(context, slug)))


def _ask_close(context: Context, slug: str) -> Turn:
    """Ask whether to close, and what becomes of the letters that wait, if there are any."""
    title, waiting = context.title(slug), context.fact(CampaignQueue(slug)).waiting
    if not waiting:
        yes = _button(context, "button.sure_yes", CampaignAction.CLOSE_AND_SEND, slug)
        text = context.wording.say("campaign.close_none_sure", title=title)
        return put(context, text, ((yes,), _no(context, slug)))
    send = _button(context, "button.close_send", CampaignAction.CLOSE_AND_SEND, slug)
    withdraw = _button(context, "button.close_withdraw", CampaignAction.CLOSE_AND_WITHDRAW, slug)
    text = context.wording.say("campaign.close_sure", title=title, count=waiting)
    return put(context, text, ((send,), (withdraw,), _no(context, slug)))


def _no(context: Context, slug: str) -> tuple[Button, ...]:
    return (_button(context, "button.no_back", CampaignAction.SHOW, slug),)


# --- the pages ------------------------------------------------------------------------------------


def _list(context: Context, page: int = 1) -> Say:
    """Return a page of the campaigns, each with its state and a button."""
    slugs = tuple(context.deployment.campaigns)
    lines = [context.wording.say("campaign.list")]
    for slug in items_of(slugs, page, _LISTED):
        title, states = context.title(slug), _states(context, slug)
        lines.append(context.wording.say("campaign.line", title=title, states=states))
    buttons = [
        PersistentButton(context.title(slug), CampaignButton(CampaignAction.SHOW, slug))
        for slug in slugs
    ]
    more = context.wording.label("button.more_choices")

    def turn(number: int, _: int) -> PersistentButton:
        return PersistentButton(more, CampaignButton(CampaignAction.LIST, page=number))

    return Say(Html("\n".join(lines)), (*page_of(buttons, page, 1, turn, _LISTED), _new(context)))


def _new(context: Context) -> tuple[Button, ...]:
    """Return the row with the button that begins a new campaign."""
    data = NewCampaignButton(NewAction.BEGIN)
    return (PersistentButton(context.wording.label("button.campaign_new"), data),)


def _page(context: Context, slug: str) -> Say:
    wording, lane = context.wording, context.fact(CampaignQueue(slug))
    title, states = context.title(slug), _states(context, slug)
    parts = [wording.say("campaign.title", title=title, slug=slug, states=states)]
    parts.append(letters(context, lane))
    if lane.paused_since:
        key = "campaign.rests_by_hand" if lane.paused_by_admin else "campaign.rests"
        parts.append(wording.say(key, at=wording.moment(lane.paused_since)))
    if lane.reply:
        said = reply_sentence(wording, lane.reply)
        parts.append(wording.say("campaign.error", said=said))
    if lane.disputed:
        parts.append(wording.say("campaign.disputed", count=lane.disputed))
    return Say(Html("\n\n".join(parts)), _page_buttons(context, slug))


def _states(context: Context, slug: str) -> str:
    """Return the campaign's state in a few words: “open, paused, in test mode”."""
    campaign, label = context.deployment.campaigns[slug], context.wording.label
    early = campaign.opens is not None and context.now < campaign.opens
    key = "open" if context.takes_letters(slug) else "early" if early else "closed"
    states = [label(f"campaign.is_{key}")]
    if context.fact(CampaignQueue(slug)).paused_since:
        states.append(label("campaign.is_paused"))
    if context.tests(slug):
        reason = "settings" if context.deployment.test else "file" if campaign.test else "here"
        states.append(label(f"campaign.is_test_{reason}"))
    return ", ".join(states)


def _page_buttons(context: Context, slug: str) -> Keyboard:
    label = context.wording.label
    edit = PersistentButton(label("button.edit"), EditButton(EditAction.HOME, slug))
    rows: list[tuple[Button, ...]] = [(edit,)]
    new = (_new(context),) if len(context.deployment.campaigns) == 1 else ()
    if not context.facts.admin:
        screens = PersistentButton(label("button.screens"), ScreensButton(slug))
        return (*rows, (screens,), *new, *_back_to_list(context))
    rows += [
        (_button(context, f"button.campaign_{asks}", asks, slug),)
        for asks in _possible(context, slug)
    ]
    if context.tests(slug) and context.takes_letters(slug):
        rows.append((_button(context, "button.walk", CampaignAction.TRY, slug),))
    rows.append((_button(context, "button.more_choices", CampaignAction.MORE, slug),))
    return (*rows, *new, *_back_to_list(context))


def _back_to_list(context: Context) -> Keyboard:
    if len(context.deployment.campaigns) == 1:
        return ()
    return ((_button(context, "button.back", CampaignAction.LIST),),)


def _more_buttons(context: Context, slug: str) -> Keyboard:
    """Return the buttons for which the campaign's page has no room."""
    label = context.wording.label
    block = BlockButton(BlockAction.ASK_CODE)
    versions = VersionsButton(VersionAction.LIST, slug, 1)
    links = LinksButton(slug, LinksAction.LIST)
    targets = TargetsButton(slug, TargetsAction.LIST)
    return (
        (PersistentButton(label("button.links"), links),),
        (PersistentButton(label("button.versions"), versions),),
        (PersistentButton(label("button.targets_admin"), targets),),
        (PersistentButton(label("button.screens"), ScreensButton(slug)),),
        (PersistentButton(label("button.block_sender"), block),),
        (PersistentButton(label("button.disowned"), DisownedButton()),),
        (_button(context, "button.back", CampaignAction.SHOW, slug),),
    )


def _button(context: Context, key: str, action: CampaignAction, slug: str = "") -> PersistentButton:
    return PersistentButton(context.wording.label(key), CampaignButton(action, slug))
