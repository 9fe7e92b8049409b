"""The targets of a campaign: letters to one of them are paused, or it gets no new ones.

    gets letters ⇄ paused       gets letters ⇄ exempt

The letters to a paused target wait. An exempt target gets no new letters: supporters write to the
others. A campaign whose only target shall get none is closed instead.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from conversations.core.buttons.admin import (
    CampaignAction,
    CampaignButton,
    TargetsAction,
    TargetsButton,
)
from conversations.core.context import Context, Turn
from conversations.core.counts import counted
from conversations.core.effects import Effect
from conversations.core.effects.admin import EndExemption, ExemptTarget, PauseTarget, ResumeTarget
from conversations.core.fact_requests import Fact
from conversations.core.paging import MAX_BUTTONS, Lazy, page_of
from conversations.core.replies import Button, EditMessage, Keyboard, PersistentButton, Say
from conversations.core.turns import put, show, toast
from conversations.model.campaigns.campaign import Campaign
from conversations.model.campaigns.target_index import target_code
from conversations.model.campaigns.targets import Target
from conversations.model.staff_inputs import AdminInput, AwaitedInput
from conversations.text.html import Html

_ROOM = MAX_BUTTONS - 2
"""How many buttons the list has room for besides those that search and lead back."""

_CODE_DIGITS = 8
"""How many digits stand for a target in a button, which has room for one slug only."""

_PAUSED_SIGN, _EXEMPT_SIGN = "⏸", "⊘"
"""What stands before the name of a target in the list."""


@dataclass(frozen=True)
class TargetLetters:
    """The letters to a target, each number up to MOST_COUNTED and one. Those that are settled are
    not counted.
    """

    waiting: int = 0
    accepted: int = 0
    bounced: int = 0

    paused_since: datetime | None = None
    """Since when an admin has paused them; None if they are not paused."""


@dataclass(frozen=True)
class LettersToTarget(Fact[TargetLetters]):
    """How the letters to a target are."""

    campaign: str
    target: str


@dataclass(frozen=True)
class PausedTargets(Fact[frozenset[str]]):
    """The ids of a campaign's targets that are paused."""

    campaign: str


def pressed(context: Context, button: TargetsButton) -> Turn:
    """Answer a button of a campaign's targets."""
    campaign = context.deployment.campaigns.get(button.campaign)
    if campaign is None:
        return toast(context, "toast.gone")
    if button.action is TargetsAction.LIST:
        shown = _first_page(context, campaign, button.page)
        return put(context, shown.text, shown.keyboard)
    if button.action is TargetsAction.SEARCH:
        awaits = AwaitedInput(AdminInput.TARGET, campaign.slug)
        asked = EditMessage(context.wording.say("target.search"))
        return Turn(context.journey.awaiting(awaits), (asked,))
    target = campaign.index.find_code(button.target) if button.target else None
    if target is None:
        return toast(context, "toast.gone")
    return _of_target(context, campaign, target, button.action)


def typed(context: Context, slug: str, text: str) -> Turn:
    """Show the target whose name was typed, or those whose names contain it."""
    campaign, wording = context.deployment.campaigns[slug], context.wording
    wanted, names = text.strip().casefold(), campaign.index.folded_names(wording.reads)
    found = [target for target, name in zip(campaign.targets, names, strict=True) if wanted in name]
    if not found:
        return show(context, wording.say("target.unknown", text=text))
    journey = context.journey.awaiting(None)
    if len(found) == 1:
        return Turn(journey, (_page(context, campaign, found[0]),))
    buttons = _buttons(context, campaign, found[:_ROOM])
    key = "target.found_more" if len(found) > _ROOM else "target.found"
    said = wording.say(key, count=len(found))
    keyboard = (*((each,) for each in buttons), _below(context, campaign))
    return Turn(journey, (Say(said, keyboard),))


# --- one target -----------------------------------------------------------------------------------


def _of_target(context: Context, campaign: Campaign, target: Target, action: TargetsAction) -> Turn:
    """Show a target, ask about a change, or make it."""
    slug = campaign.slug
    if action is TargetsAction.SHOW:
        shown = _page(context, campaign, target)
        return put(context, shown.text, shown.keyboard)
    exempting = (TargetsAction.ASK_EXEMPT, TargetsAction.EXEMPT, TargetsAction.WITHDRAW)
    if action in exempting and _gets_all(context, campaign, target):
        return toast(context, "toast.target_last", alert=True)
    if action not in _possible(context, campaign, target):
        return toast(context, "toast.answered")
    match action:
        case TargetsAction.PAUSE:
            return _done(context, campaign, target, "paused", PauseTarget(slug, target.id))
        case TargetsAction.RESUME:
            return _done(context, campaign, target, "resumed", ResumeTarget(slug, target.id))
        case TargetsAction.EXEMPT | TargetsAction.WITHDRAW:
            withdraw = action is TargetsAction.WITHDRAW
            effect = ExemptTarget(slug, target.id, withdraw)
            return _done(context, campaign, target, "exempted", effect)
        case TargetsAction.END_EXEMPTION:
            return _done(context, campaign, target, "unexempted", EndExemption(slug, target.id))
        case _:
            return _ask_exempt(context, campaign, target)


def _possible(context: Context, campaign: Campaign, target: Target) -> Collection[TargetsAction]:
    """Return the changes that are possible, and the question before one of them."""
    if len(campaign.targets) == 1:
        return ()
    letters = context.fact(LettersToTarget(campaign.slug, target.id))
    pause = TargetsAction.RESUME if letters.paused_since else TargetsAction.PAUSE
    if target.id in _exempt(context, campaign):
        return (pause, TargetsAction.END_EXEMPTION)
    exempting = (TargetsAction.ASK_EXEMPT, TargetsAction.EXEMPT, TargetsAction.WITHDRAW)
    return (pause, *exempting)


def _gets_all(context: Context, campaign: Campaign, target: Target) -> bool:
    """Whether no other target of the campaign gets letters."""
    exempt = _exempt(context, campaign)
    return all(each.id == target.id or each.id in exempt for each in campaign.targets)


def _exempt(context: Context, campaign: Campaign) -> frozenset[str]:
    return context.facts.exempt.get(campaign.slug, frozenset())


def _done(context: Context, campaign: Campaign, target: Target, what: str, effect: Effect) -> Turn:
    """Make a change, and say so."""
    name = target.name_in(context.wording.reads)
    back = _button(context, "button.back", campaign, TargetsAction.SHOW, target)
    text = context.wording.say(f"target.{what}", name=name)
    return put(context, text, ((back,),), effects=(effect,))


def _ask_exempt(context: Context, campaign: Campaign, target: Target) -> Turn:
    """Ask whether a target gets no new letters, and what becomes of those that wait."""
    wording, name = context.wording, target.name_in(context.wording.reads)
    waiting = context.fact(LettersToTarget(campaign.slug, target.id)).waiting
    no = (_button(context, "button.no_back", campaign, TargetsAction.SHOW, target),)
    if not waiting:
        yes = _button(context, "button.sure_yes", campaign, TargetsAction.EXEMPT, target)
        return put(context, wording.say("target.exempt_none_sure", name=name), ((yes,), no))
    send = _button(context, "button.target_send", campaign, TargetsAction.EXEMPT, target)
    drop = _button(context, "button.target_withdraw", campaign, TargetsAction.WITHDRAW, target)
    text = wording.say("target.exempt_sure", name=name, count=counted(waiting))
    return put(context, text, ((send,), (drop,), no))


def _page(context: Context, campaign: Campaign, target: Target) -> Say:
    """Return the page of a target: who it is, its letters, and whether it gets more."""
    wording = context.wording
    letters = context.fact(LettersToTarget(campaign.slug, target.id))
    name = target.name_in(wording.reads)
    parts = [
        wording.say("target.title", name=name, address=target.address),
        wording.say(
            "target.letters",
            waiting=counted(letters.waiting),
            accepted=counted(letters.accepted),
            bounced=counted(letters.bounced),
            days=campaign.settle_days,
        ),
    ]
    if letters.paused_since:
        at = wording.moment(letters.paused_since)
        parts.append(wording.say("campaign.rests_by_hand", at=at))
    if target.id in _exempt(context, campaign):
        parts.append(wording.say("target.is_exempt"))
    return Say(Html("\n\n".join(parts)), _page_buttons(context, campaign, target))


def _page_buttons(context: Context, campaign: Campaign, target: Target) -> Keyboard:
    label = context.wording.label
    if len(campaign.targets) == 1:
        more = CampaignButton(CampaignAction.MORE, campaign.slug)
        return ((PersistentButton(label("button.back"), more),),)
    keys = {
        TargetsAction.PAUSE: "button.campaign_pause",
        TargetsAction.RESUME: "button.campaign_resume",
        TargetsAction.ASK_EXEMPT: "button.target_exempt",
        TargetsAction.END_EXEMPTION: "button.target_unexempt",
    }
    possible = _possible(context, campaign, target)
    rows = [
        (_button(context, keys[each], campaign, each, target),) for each in possible if each in keys
    ]
    page = campaign.index.numbers[target.id] // (_ROOM - 1) + 1
    back = TargetsButton(campaign.slug, TargetsAction.LIST, page=page)
    return (*rows, (PersistentButton(label("button.back"), back),))


# --- the list -------------------------------------------------------------------------------------


def _first_page(context: Context, campaign: Campaign, number: int) -> Say:
    """Return a page of the list, or the only target."""
    if len(campaign.targets) == 1:
        return _page(context, campaign, campaign.targets[0])
    known = campaign.index.by_id
    text = context.wording.say(
        "target.list",
        title=context.title(campaign.slug),
        count=len(campaign.targets),
        paused=len(context.fact(PausedTargets(campaign.slug)) & known.keys()),
        exempt=len(_exempt(context, campaign) & known.keys()),
    )
    buttons = _buttons(context, campaign, campaign.targets)

    def turn(other: int, pages: int) -> PersistentButton:
        data = TargetsButton(campaign.slug, TargetsAction.LIST, page=other)
        return PersistentButton(f"{other}/{pages} …", data)

    return Say(text, (*page_of(buttons, number, 1, turn, _ROOM), _below(context, campaign)))


def _buttons(context: Context, campaign: Campaign, targets: Sequence[Target]) -> Sequence[Button]:
    """Return a button for each target, with a sign if it is paused or exempt."""
    paused, exempt = context.fact(PausedTargets(campaign.slug)), _exempt(context, campaign)

    def shown(each: Target) -> Button:
        signs = _PAUSED_SIGN * (each.id in paused) + _EXEMPT_SIGN * (each.id in exempt)
        label = f"{signs} {each.name_in(context.wording.reads)}".strip()
        data = TargetsButton(campaign.slug, TargetsAction.SHOW, _code(each))
        return PersistentButton(label, data)

    return Lazy(targets, shown)


def _below(context: Context, campaign: Campaign) -> tuple[Button, ...]:
    """Return the buttons under the list: to search, and the way back."""
    label, back = context.wording.label, CampaignButton(CampaignAction.MORE, campaign.slug)
    search = TargetsButton(campaign.slug, TargetsAction.SEARCH)
    return (
        PersistentButton(label("button.target_search"), search),
        PersistentButton(label("button.back"), back),
    )


def _button(
    context: Context, key: str, campaign: Campaign, action: TargetsAction, target: Target
) -> PersistentButton:
    data = TargetsButton(campaign.slug, action, _code(target))
    return PersistentButton(context.wording.label(key), data)


def _code(target: Target) -> str:
    return target_code(target.id, _CODE_DIGITS)
