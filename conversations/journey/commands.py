"""Commands: answered at any time. Most leave the open question as it is."""

from dataclasses import replace
from functools import partial

from conversations.core.buttons import persistent
from conversations.core.buttons.persistent import UpdatesChoice
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.journey import UnsubscribeAll
from conversations.core.replies import Button, PersistentButton, Say
from conversations.core.turns import close_prompt, show
from conversations.journey import language_choice
from conversations.journey.flow.transitions import ask_again, cancel, interrupt
from conversations.journey.letters.letter_review import NOTICE_KEYS, notice, terms
from conversations.journey.personal_data import consents, my_data
from conversations.journey.questions.sent import updates_keyboard
from conversations.model.campaigns.campaign import Campaign
from conversations.model.journey import UNDER_WAY, Aside, Step
from conversations.model.roles import Role
from conversations.text.html import Html
from conversations.text.languages import own_name
from conversations.text.wording import raw

NAMES = (
    "start",
    "help",
    "privacy",
    "settings",
    "mydata",
    "subscribe",
    "unsubscribe",
    "cancel",
    "forget",
)
"""The commands in everybody's menu, in its order."""

FOR_CAMPAIGNERS = (
    "broadcast",
    "broadcasts",
    "stats",
    "export",
    "campaigns",
    "screens",
    "pause",
    "panic",
)
"""The commands above them in the menus of campaigners and admins."""

FOR_ADMINS = ("status", "team", "invite", "audit", "notice")
"""The commands above all others in the menus of admins."""


def menu(role: Role | None) -> tuple[str, ...]:
    """Return the commands in the menu of a person with `role`."""
    admins = FOR_ADMINS if role is Role.ADMIN else ()
    return (*admins, *(FOR_CAMPAIGNERS if role else ()), *NAMES)


def answer(context: Context, name: str) -> Turn:
    """Answer a command other than /start."""
    match name:
        case "privacy":
            *others, last = privacy(context)
            said = (*map(Say, others), Say(last, consents.keyboard(context)))
            return Turn(context.journey, said)
        case "settings" | "language":
            page = settings(context)
            return show(context, page.text, page.keyboard)
        case "mydata":
            return my_data.my_data(context)
        case "subscribe":
            return _subscribe(context)
        case "unsubscribe" | "stop":
            return end_updates(context)
        case "cancel":
            return _cancel(context)
        case "forget":
            return interrupt(context, Aside.FORGET)
        case _:
            return show(context, help_text(context))


def help_text(context: Context) -> Html:
    """Return what the bot is, its commands, and how to reach a person."""
    wording = context.wording
    names = menu(context.facts.role)
    lines = [
        wording.say("help.line", command=name, text=wording.label(f"command.{name}"))
        for name in names
    ]
    return wording.say(
        "help.text", commands=raw(Html("\n".join(lines))), humans=raw(contacts(context))
    )


def contacts(context: Context) -> Html:
    """Return the organisations behind the bot, with their contacts."""
    campaigns = context.deployment.campaigns.values()
    distinct = dict.fromkeys((campaign.organisation, campaign.contact) for campaign in campaigns)
    lines = [
        context.wording.say("help.human", organisation=organisation, contact=contact)
        for organisation, contact in distinct
    ]
    return Html("\n".join(lines))


def privacy(context: Context) -> tuple[Html, ...]:
    """Return a message with the privacy notice of the journey's campaign, or of each open one."""
    exists = context.journey.campaign in context.deployment.campaigns
    campaigns = (terms(context),) if exists else context.open_campaigns
    hidden = context.journey.answers.hides_address and exists

    def text(campaign: Campaign, reader: Context) -> Html:
        wording = reader.wording
        return wording.say(
            "privacy.text",
            title=campaign.text(wording.reads).title,
            notice=raw(notice(campaign, wording, hidden=hidden)),
            link=campaign.privacy_policy,
        )

    notices = tuple(
        context.with_original(partial(text, each), *NOTICE_KEYS, "privacy.text")
        for each in campaigns
    )
    return notices or (context.wording.say("home.closed"),)


def settings(context: Context) -> Say:
    """Return the language, the kept details and the subscriptions, each with its button."""
    wording, facts = context.wording, context.facts
    label = wording.label
    details = wording.say(
        "settings.details_kept" if facts.details else "settings.details_none",
    )
    updates = wording.say("settings.updates" if facts.subscriptions else "settings.updates_none")
    text = wording.say(
        "settings.text",
        language=own_name(context.journey.language),
        details=raw(details),
        updates=raw(updates),
    )
    rows: list[tuple[Button, ...]] = []
    if len(language_choice.choices(context)) > 1:
        rows.append((PersistentButton(label("button.language"), persistent.ListLanguages()),))
    if facts.details:
        rows.append((PersistentButton(label("button.forget_details"), persistent.DropDetails()),))
    if facts.subscriptions:
        rows.append((PersistentButton(label("button.updates_end"), persistent.EndUpdates()),))
    return Say(text, tuple(rows))


def end_updates(context: Context) -> Turn:
    """Answer “stop” and /unsubscribe: end all updates. A letter under way goes on."""
    effects: tuple[Effect, ...] = (UnsubscribeAll(context.journey.language),)
    journey = context.journey
    has_letter = journey.step in UNDER_WAY and context.takes_letters(journey.campaign)
    key = "updates.none_but_letter" if has_letter else "updates.none"
    return show(context, context.wording.say(key), effects=effects)


def subscribed(context: Context, scope: str) -> bool:
    """Return whether the person gets the updates of a campaign, or of all ("*")."""
    return bool(context.facts.subscriptions & {scope, "*"})


def subscription(context: Context, scope: str, key: str) -> Say:
    """Return the text of `key` about a subscription, with the button that ends it. With "*", or
    with a subscription to all campaigns, the button ends all.
    """
    this = persistent.ChooseUpdates(scope, UpdatesChoice.NO)
    everything = "*" in {scope, *context.facts.subscriptions}
    end = PersistentButton(
        context.wording.label("button.updates_end"), persistent.EndUpdates() if everything else this
    )
    return Say(context.wording.say(key), ((end,),))


def _cancel(context: Context) -> Turn:
    if context.journey.aside is Aside.FORGET:
        return _keep_everything(context)
    acted = context.facts.action(context.journey.action)
    if acted and acted.waiting:
        return show(context, context.wording.say("cancel.undo"))
    if context.journey.asked == 0:
        return show(context, context.wording.say("cancel.nothing"))
    return cancel(context)


def _keep_everything(context: Context) -> Turn:
    """Answer /cancel in place of “Delete everything?”: erase nothing, and ask the step again."""
    journey = replace(context.journey, aside=None)
    note = context.wording.say("forget.kept")
    if journey.step in (Step.IDLE, Step.SENT):
        return Turn(journey, (*close_prompt(context), Say(note)))
    return ask_again(context.within(journey), note)


def _subscribe(context: Context) -> Turn:
    wording, campaigns = context.wording, context.open_campaigns
    if len(campaigns) == 1:
        slug = campaigns[0].slug
        if subscribed(context, slug):
            page = subscription(context, slug, "updates.on")
            return show(context, page.text, page.keyboard)
        return show(context, wording.say("updates.ask"), updates_keyboard(context, slug))
    rows = tuple(
        (
            PersistentButton(
                campaign.text(wording.reads).title,
                persistent.ChooseUpdates(campaign.slug, UpdatesChoice.THIS),
            ),
        )
        for campaign in campaigns
    )
    every = persistent.ChooseUpdates("*", UpdatesChoice.THIS)
    everything = (PersistentButton(wording.label("button.updates_every"), every),)
    return show(context, wording.say("updates.which"), (*rows, everything))
