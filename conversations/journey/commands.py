"""Commands: an answer at any moment, which leaves the open question as it stands."""

from dataclasses import replace

from conversations.core.buttons import journey as buttons
from conversations.core.buttons.journey import UpdatesChoice
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.journey import UnsubscribeAll
from conversations.core.facts import CopyState
from conversations.core.replies import MAX_MESSAGE_LENGTH, Button, PersistentButton, Say
from conversations.core.turns import closing, show
from conversations.journey.letter_review import notice
from conversations.journey.questions.sent import updates_keyboard
from conversations.journey.transitions import again, end, interrupt
from conversations.model.delivery import WITHDRAWABLE_STATES
from conversations.model.journey import UNDER_WAY, Aside, Step
from conversations.model.roles import Role
from conversations.text import countries
from conversations.text.html import Html, length
from conversations.text.wording import offered, own_name, raw

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
"""The commands of the menu, in its order."""

FOR_CAMPAIGNERS = ("broadcast", "broadcasts", "stats", "export")
"""Those that stand above them in the chats of whoever may send updates."""

FOR_ADMINS = ("status", "campaigns", "team", "invite", "audit")
"""Those that stand above all others in the chats of admins."""


def menu(role: Role | None) -> tuple[str, ...]:
    """Return the commands in the menu of whoever has `role`."""
    admins = FOR_ADMINS if role is Role.ADMIN else ()
    return (*admins, *(FOR_CAMPAIGNERS if role else ()), *NAMES)


def commanded(context: Context, name: str) -> Turn:
    """Answer a command other than /start."""
    match name:
        case "privacy":
            return Turn(context.journey, tuple(Say(notice) for notice in privacy(context)))
        case "settings" | "language":
            told = settings(context)
            return show(context, told.text, told.keyboard)
        case "mydata":
            return _mydata(context)
        case "subscribe":
            return _subscribe(context)
        case "unsubscribe" | "stop":
            return stopped(context)
        case "cancel":
            return _cancel(context)
        case "forget":
            return interrupt(context, Aside.FORGET)
        case _:
            return show(context, help_text(context))


def help_text(context: Context) -> Html:
    """Return what the bot is, what it can do, and how to reach a human."""
    wording = context.wording
    names = menu(context.facts.role)
    lines = [wording.say("help.line", command=name, text=_about(context, name)) for name in names]
    return wording.say(
        "help.text", commands=raw(Html("\n".join(lines))), humans=raw(humans(context))
    )


def humans(context: Context) -> Html:
    """Return the organisations behind the bot, with their contacts."""
    campaigns = context.deployment.campaigns.values()
    contacts = dict.fromkeys((campaign.organisation, campaign.contact) for campaign in campaigns)
    lines = [
        context.wording.say("help.human", organisation=organisation, contact=contact)
        for organisation, contact in contacts
    ]
    return Html("\n".join(lines))


def privacy(context: Context) -> tuple[Html, ...]:
    """Return the notice of the campaign in play, or of each that is open: each fills a message."""
    campaign = context.deployment.campaigns.get(context.journey.campaign)
    told = (campaign,) if campaign else context.open_campaigns
    wording = context.wording
    notices = tuple(
        wording.say(
            "privacy.text",
            title=each.text(wording.language).title,
            notice=raw(notice(each, wording)),
            link=each.privacy_policy,
        )
        for each in told
    )
    return notices or (wording.say("home.closed"),)


def settings(context: Context) -> Say:
    """Return the language, the remembered details and the updates, each with its button."""
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
    others = [tag for tag in offered() if tag != context.journey.language]
    rows: list[tuple[Button, ...]] = [
        (PersistentButton(own_name(tag), buttons.SpeakLanguage(tag)),) for tag in others
    ]
    if facts.details:
        rows.append((PersistentButton(label("button.forget_details"), buttons.DropDetails()),))
    if facts.subscriptions:
        rows.append((PersistentButton(label("button.updates_end"), buttons.EndUpdates()),))
    return Say(text, tuple(rows))


def stopped(context: Context) -> Turn:
    """End all updates: the word “stop”, or /unsubscribe."""
    effects: tuple[Effect, ...] = (UnsubscribeAll(context.journey.language),)
    journey = context.journey
    letter = journey.step in UNDER_WAY and context.takes_letters(journey.campaign)
    key = "updates.none_but_letter" if letter else "updates.none"
    return show(context, context.wording.say(key), effects=effects)


def _about(context: Context, name: str) -> str:
    return context.wording.label(f"command.{name}")


def _cancel(context: Context) -> Turn:
    if context.journey.aside is Aside.FORGET:
        return kept(context)
    acted = context.facts.action(context.journey.action)
    if acted and acted.state in WITHDRAWABLE_STATES:
        return show(context, context.wording.say("cancel.undo"))
    if context.journey.asked == 0:
        return show(context, context.wording.say("cancel.nothing"))
    return end(context, context.wording.say("cancel.done"))


def kept(context: Context) -> Turn:
    """Erase nothing after all, and ask again what was asked before."""
    journey = replace(context.journey, aside=None)
    note = context.wording.say("forget.kept")
    if journey.step in (Step.IDLE, Step.SENT):
        return Turn(journey, (*closing(context), Say(note)))
    return again(context.within(journey), note)


def _subscribe(context: Context) -> Turn:
    wording, campaigns = context.wording, context.open_campaigns
    if len(campaigns) == 1:
        keyboard = updates_keyboard(context, campaigns[0].slug)
        return show(context, wording.say("updates.ask"), keyboard)
    rows = tuple(
        (
            PersistentButton(
                campaign.text(wording.language).title,
                buttons.ChooseUpdates(campaign.slug, UpdatesChoice.THIS),
            ),
        )
        for campaign in campaigns
    )
    every = buttons.ChooseUpdates("*", UpdatesChoice.THIS)
    everything = (PersistentButton(wording.label("button.updates_every"), every),)
    return show(context, wording.say("updates.which"), (*rows, everything))


def _mydata(context: Context) -> Turn:
    """Tell what is held, in as many messages as it fills."""
    messages: list[Html] = []
    lines: list[Html] = []
    for line in _held(context):
        if lines and length(_listed(context, [*lines, line])) > MAX_MESSAGE_LENGTH:
            messages.append(_listed(context, lines))
            lines = []
        lines.append(line)
    messages.append(_listed(context, lines))
    return Turn(context.journey, tuple(Say(message) for message in messages))


def _listed(context: Context, lines: list[Html]) -> Html:
    listed = Html("\n".join(f"• {line}" for line in lines))
    return context.wording.say("mydata.text", held=raw(listed))


def _held(context: Context) -> list[Html]:
    """Return what is held of this person, a line each; none is longer than their own letter."""
    wording, facts, answers = context.wording, context.facts, context.journey.answers
    lines: list[Html] = []
    given = [answers.name, _country(context, answers.country), answers.address or answers.typed]
    if any(given) and context.journey.step is not Step.SENT:
        held = ", ".join(filter(None, given))
        lines.append(wording.say("mydata.journey", held=held))
    if answers.own_words or answers.rewritten:
        lines.append(
            wording.say("mydata.words", words=answers.own_words or answers.rewritten or "")
        )
    if facts.details:
        kept = facts.details
        held = ", ".join((kept.name, _country(context, kept.country), kept.address))
        lines.append(wording.say("mydata.details", held=held))
    for acted in facts.actions:
        kept = acted.details
        held = ", ".join((kept.name, _country(context, kept.country), kept.address))
        lines.append(
            wording.say(
                "mydata.test" if acted.test else "mydata.action",
                title=context.title(acted.campaign),
                day=wording.day(acted.at.date()),
                state=wording.label(f"state.{acted.state}"),
                held=held,
            )
        )
        if acted.copy is not CopyState.NONE:
            lines.append(wording.say("mydata.letter", title=context.title(acted.campaign)))
    for scope in sorted(facts.subscriptions):
        title = wording.label("mydata.every") if scope == "*" else context.title(scope)
        lines.append(wording.say("mydata.updates", title=title))
    if facts.role:
        lines.append(wording.say("mydata.role", role=wording.label(f"role.{facts.role}")))
    lines.append(wording.say("mydata.chat", language=own_name(context.journey.language)))
    return lines


def _country(context: Context, code: str) -> str:
    return countries.name(code, context.journey.language) if code else ""
