"""The pages of /campaigns: the list, one campaign, and the buttons of both."""

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
from conversations.core.context import Context
from conversations.core.fact_requests import Fact
from conversations.core.paging import MAX_BUTTONS, items_of, page_of
from conversations.core.replies import Button, Keyboard, PersistentButton, Say
from conversations.model.campaigns.campaign import Campaign
from conversations.text.html import Html

_LISTED = MAX_BUTTONS - 1
"""How many buttons the list has room for besides the one for a new campaign."""


@dataclass(frozen=True)
class CampaignQueue(Fact[Lane]):
    """A campaign's letters that wait to be sent."""

    campaign: str


def slugs_of(context: Context) -> tuple[str, ...]:
    """Return the campaigns that are served, then those whose newest version can't be."""
    return (*context.deployment.campaigns, *sorted(context.deployment.unserved))


def possible_changes(context: Context, slug: str) -> tuple[CampaignAction, ...]:
    """Return the questions about changes that are possible in the campaign's state."""
    paused = context.fact(CampaignQueue(slug)).paused_since
    actions = [CampaignAction.ASK_RESUME if paused else CampaignAction.ASK_PAUSE]
    campaign = context.deployment.campaigns.get(slug)
    if campaign is None:
        return tuple(actions)
    if slug in context.facts.closed:
        actions.append(CampaignAction.ASK_OPEN)
    elif campaign.closes is None or campaign.closes > context.now:
        actions.append(CampaignAction.ASK_CLOSE)
    if not (context.deployment.test or campaign.test):
        tests = context.tests(slug)
        actions.append(CampaignAction.ASK_LIVE if tests else CampaignAction.ASK_TEST)
    return tuple(actions)


def campaign_list(context: Context, page: int = 1) -> Say:
    """Return a page of the campaigns, each with its state and a button."""
    slugs = slugs_of(context)
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


def campaign_page(context: Context, slug: str) -> Say:
    """Return the page of a campaign."""
    wording, lane = context.wording, context.fact(CampaignQueue(slug))
    title, states = context.title(slug), _states(context, slug)
    if slug in context.deployment.campaigns:
        parts = [wording.say("campaign.title", title=title, slug=slug, states=states)]
    else:
        role = "admin" if context.facts.admin else "campaigner"
        parts = [
            wording.say("campaign.unserved_page", slug=slug, states=states),
            wording.say(f"campaign.unserved_{role}"),
        ]
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
    campaign, label = context.deployment.campaigns.get(slug), context.wording.label
    states = [label(f"campaign.is_{_state(context, slug, campaign)}")]
    if context.fact(CampaignQueue(slug)).paused_since:
        states.append(label("campaign.is_paused"))
    if campaign is not None and context.tests(slug):
        reason = "settings" if context.deployment.test else "file" if campaign.test else "here"
        states.append(label(f"campaign.is_test_{reason}"))
    return ", ".join(states)


def _state(context: Context, slug: str, campaign: Campaign | None) -> str:
    """Return the end of the key that says whether the campaign takes letters."""
    if campaign is None:
        return "unserved"
    early = campaign.opens is not None and context.now < campaign.opens
    return "open" if context.takes_letters(slug) else "early" if early else "closed"


def _page_buttons(context: Context, slug: str) -> Keyboard:
    label = context.wording.label
    edit = PersistentButton(label("button.edit"), EditButton(EditAction.HOME, slug))
    rows: list[tuple[Button, ...]] = [(edit,)]
    new = (_new(context),) if len(slugs_of(context)) == 1 else ()
    is_served = slug in context.deployment.campaigns
    if not context.facts.admin:
        screens = PersistentButton(label("button.screens"), ScreensButton(slug))
        return (*rows, *(((screens,),) if is_served else ()), *new, *_back_to_list(context))
    rows += [
        (campaign_button(context, f"button.campaign_{asks}", asks, slug),)
        for asks in possible_changes(context, slug)
    ]
    if context.tests(slug) and context.takes_letters(slug):
        rows.append((campaign_button(context, "button.walk", CampaignAction.TRY, slug),))
    more = campaign_button(context, "button.more_choices", CampaignAction.MORE, slug)
    rows.append((more if is_served else _versions(context, slug),))
    return (*rows, *new, *_back_to_list(context))


def _versions(context: Context, slug: str) -> PersistentButton:
    data = VersionsButton(VersionAction.LIST, slug, 1)
    return PersistentButton(context.wording.label("button.versions"), data)


def _back_to_list(context: Context) -> Keyboard:
    if len(slugs_of(context)) == 1:
        return ()
    return ((campaign_button(context, "button.back", CampaignAction.LIST),),)


def more_buttons(context: Context, slug: str) -> Keyboard:
    """Return the buttons for which the campaign's page has no room."""
    label = context.wording.label
    block = BlockButton(BlockAction.ASK_CODE)
    links = LinksButton(slug, LinksAction.LIST)
    targets = TargetsButton(slug, TargetsAction.LIST)
    return (
        (PersistentButton(label("button.links"), links),),
        (_versions(context, slug),),
        (PersistentButton(label("button.targets_admin"), targets),),
        (PersistentButton(label("button.screens"), ScreensButton(slug)),),
        (PersistentButton(label("button.block_sender"), block),),
        (PersistentButton(label("button.disowned"), DisownedButton()),),
        (campaign_button(context, "button.back", CampaignAction.SHOW, slug),),
    )


def campaign_button(
    context: Context, key: str, action: CampaignAction, slug: str = ""
) -> PersistentButton:
    """Return a button of /campaigns, labelled with the text of `key`."""
    return PersistentButton(context.wording.label(key), CampaignButton(action, slug))
