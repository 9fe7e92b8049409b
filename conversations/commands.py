"""Commands: an answer at any moment, which leaves the open question as it stands."""

from dataclasses import replace

from conversations import countries, stats, steering
from conversations.delivery import WITHDRAWABLE
from conversations.effects import Effect, UnsubscribeAll
from conversations.journey import Aside, Step
from conversations.known import Copy
from conversations.moves import again, aside, closing, rest, show
from conversations.play import UNDER_WAY
from conversations.prompts import MESSAGE, updates_keyboard
from conversations.replies import Button, Show, Standing
from conversations.reviewing import notice
from conversations.rich import Html, length
from conversations.roles import Role
from conversations.scene import Scene, Turn
from conversations.sending import find
from conversations.wording import offered, own_name, raw

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


def commanded(scene: Scene, name: str, argument: str = "") -> Turn:
    """Answer a command other than /start."""
    match name:
        case "privacy":
            return Turn(scene.journey, tuple(Show(notice) for notice in privacy(scene)))
        case "settings" | "language":
            told = settings(scene)
            return show(scene, told.text, told.keyboard)
        case "mydata":
            return _mydata(scene)
        case "subscribe":
            return _subscribe(scene)
        case "unsubscribe" | "stop":
            return stopped(scene)
        case "cancel":
            return _cancel(scene)
        case "broadcasts" if scene.known.campaigner:
            return steering.listed(scene)
        case "stats" | "export" if scene.known.campaigner:
            return stats.commanded(scene, name, argument)
        case "forget":
            return aside(scene, Aside.FORGET)
        case _:
            return show(scene, help_text(scene))


def help_text(scene: Scene) -> Html:
    """Return what the bot is, what it can do, and how to reach a human."""
    wording = scene.wording
    names = menu(scene.known.role)
    lines = [wording.say("help.line", command=name, text=_about(scene, name)) for name in names]
    return wording.say("help.text", commands=raw(Html("\n".join(lines))), humans=raw(humans(scene)))


def humans(scene: Scene) -> Html:
    """Return the organisations behind the bot, with their contacts."""
    campaigns = scene.house.campaigns.values()
    contacts = dict.fromkeys((campaign.organisation, campaign.contact) for campaign in campaigns)
    lines = [
        scene.wording.say("help.human", organisation=organisation, contact=contact)
        for organisation, contact in contacts
    ]
    return Html("\n".join(lines))


def privacy(scene: Scene) -> tuple[Html, ...]:
    """Return the notice of the campaign in play, or of each that is open: each fills a message."""
    campaign = scene.house.campaigns.get(scene.journey.campaign)
    told = (campaign,) if campaign else scene.open_campaigns
    wording = scene.wording
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


def settings(scene: Scene) -> Show:
    """Return the language, the remembered details and the updates, each with its button."""
    wording, known = scene.wording, scene.known
    label = wording.label
    details = wording.say(
        "settings.details_kept" if known.details else "settings.details_none",
    )
    updates = wording.say("settings.updates" if known.subscriptions else "settings.updates_none")
    text = wording.say(
        "settings.text",
        language=own_name(scene.journey.language),
        details=raw(details),
        updates=raw(updates),
    )
    others = [tag for tag in offered() if tag != scene.journey.language]
    rows: list[tuple[Button, ...]] = [(Standing(own_name(tag), f"lang:{tag}"),) for tag in others]
    if known.details:
        rows.append((Standing(label("button.forget_details"), "details:no"),))
    if known.subscriptions:
        rows.append((Standing(label("button.updates_end"), "unsubscribe"),))
    return Show(text, tuple(rows))


def stopped(scene: Scene) -> Turn:
    """End all updates: the word “stop”, or /unsubscribe."""
    effects: tuple[Effect, ...] = (UnsubscribeAll(scene.journey.language),)
    journey = scene.journey
    letter = journey.step in UNDER_WAY and scene.takes_letters(journey.campaign)
    key = "updates.none_but_letter" if letter else "updates.none"
    return show(scene, scene.wording.say(key), effects=effects)


def _about(scene: Scene, name: str) -> str:
    return scene.wording.label(f"command.{name}")


def _cancel(scene: Scene) -> Turn:
    if scene.journey.aside is Aside.FORGET:
        return kept(scene)
    acted = find(scene, scene.journey.action)
    if acted and acted.state in WITHDRAWABLE:
        return show(scene, scene.wording.say("cancel.undo"))
    if scene.journey.asked == 0:
        return show(scene, scene.wording.say("cancel.nothing"))
    return rest(scene, scene.wording.say("cancel.done"))


def kept(scene: Scene) -> Turn:
    """Erase nothing after all, and ask again what was asked before."""
    journey = replace(scene.journey, aside=None)
    note = scene.wording.say("forget.kept")
    if journey.step in (Step.IDLE, Step.SENT):
        return Turn(journey, (*closing(scene), Show(note)))
    return again(scene.within(journey), note)


def _subscribe(scene: Scene) -> Turn:
    wording, campaigns = scene.wording, scene.open_campaigns
    if len(campaigns) == 1:
        keyboard = updates_keyboard(scene, campaigns[0].slug)
        return show(scene, wording.say("updates.ask"), keyboard)
    rows = tuple(
        (Standing(campaign.text(wording.language).title, f"updates:{campaign.slug}:this"),)
        for campaign in campaigns
    )
    everything = (Standing(wording.label("button.updates_every"), "updates:*:this"),)
    return show(scene, wording.say("updates.which"), (*rows, everything))


def _mydata(scene: Scene) -> Turn:
    """Tell what is held, in as many messages as it fills."""
    messages: list[Html] = []
    lines: list[Html] = []
    for line in _held(scene):
        if lines and length(_listed(scene, [*lines, line])) > MESSAGE:
            messages.append(_listed(scene, lines))
            lines = []
        lines.append(line)
    messages.append(_listed(scene, lines))
    return Turn(scene.journey, tuple(Show(message) for message in messages))


def _listed(scene: Scene, lines: list[Html]) -> Html:
    listed = Html("\n".join(f"• {line}" for line in lines))
    return scene.wording.say("mydata.text", held=raw(listed))


def _held(scene: Scene) -> list[Html]:
    """Return what is held of this person, a line each; none is longer than their own letter."""
    wording, known, answers = scene.wording, scene.known, scene.journey.answers
    lines: list[Html] = []
    given = [answers.name, _country(scene, answers.country), answers.address or answers.typed]
    if any(given) and scene.journey.step is not Step.SENT:
        held = ", ".join(filter(None, given))
        lines.append(wording.say("mydata.journey", held=held))
    if answers.own_words or answers.rewritten:
        lines.append(
            wording.say("mydata.words", words=answers.own_words or answers.rewritten or "")
        )
    if known.details:
        kept = known.details
        held = ", ".join((kept.name, _country(scene, kept.country), kept.address))
        lines.append(wording.say("mydata.details", held=held))
    for acted in known.actions:
        kept = acted.details
        held = ", ".join((kept.name, _country(scene, kept.country), kept.address))
        lines.append(
            wording.say(
                "mydata.test" if acted.test else "mydata.action",
                title=scene.title(acted.campaign),
                day=wording.day(acted.at.date()),
                state=wording.label(f"state.{acted.state}"),
                held=held,
            )
        )
        if acted.copy is not Copy.NONE:
            lines.append(wording.say("mydata.letter", title=scene.title(acted.campaign)))
    for scope in sorted(known.subscriptions):
        title = wording.label("mydata.every") if scope == "*" else scene.title(scope)
        lines.append(wording.say("mydata.updates", title=title))
    if known.role:
        lines.append(wording.say("mydata.role", role=wording.label(f"role.{known.role}")))
    lines.append(wording.say("mydata.chat", language=own_name(scene.journey.language)))
    return lines


def _country(scene: Scene, code: str) -> str:
    return countries.name(code, scene.journey.language) if code else ""
