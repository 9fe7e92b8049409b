"""What admins do from the chat. Whether the presser is one is known from the server, each time."""

from dataclasses import dataclass, replace

from conversations.admin import alerts
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.admin import AcknowledgeAlert, ResumeCampaign
from conversations.core.effects.letters import (
    AcknowledgeBounces,
    DropUncertain,
    RetryMailServer,
    RetryUncertain,
)
from conversations.core.fact_requests import Fact
from conversations.core.facts import AlertFacts, AlertHolder, AlertKind
from conversations.core.replies import EditMessage, Say, Toast
from conversations.core.turns import put, toast


@dataclass(frozen=True)
class AlertById(Fact[AlertFacts | None]):
    """The alert with this id; None if it is over."""

    id: str


@dataclass(frozen=True)
class OpenAlert(Fact[AlertFacts | None]):
    """The alert of a kind about a campaign; None if it is over."""

    kind: AlertKind
    about: str
    """A campaign's slug, or "" if the alert is about none."""


def pressed(context: Context, kind: str, slug: str) -> Turn:
    """Answer an admin's standing button about the campaign `slug`, once: it is decided then."""
    if kind == alerts.TAKE:
        return _taken(context, context.fact(AlertById(slug)))
    facts = context.fact(OpenAlert(alerts.BUTTONS[kind], slug))
    if facts is None or facts.about != slug:
        over = alerts.BUTTONS.get(kind) is AlertKind.REFUSED
        return toast(context, "toast.running" if over else "toast.answered")
    match kind:
        case "show":
            return _shown(context, facts)
        case "try":
            trying = Toast(context.wording.label("toast.trying"))
            return Turn(context.journey, (trying,), (RetryMailServer(),))
        case "resume":
            return _done(context, slug, "running.resumed", ResumeCampaign(slug))
        case "again":
            return _done(context, slug, "running.sent_again", RetryUncertain(slug))
        case "seen":
            return _done(context, slug, "running.seen", AcknowledgeBounces(slug))
        case _:
            return _done(context, slug, "running.left", DropUncertain(slug))


def _taken(context: Context, facts: AlertFacts | None) -> Turn:
    """Let the presser have an alert, if nobody has got it yet."""
    if facts is None or facts.kind not in alerts.NEED_A_HAND:
        return toast(context, "toast.answered")
    if facts.holder is not None:
        key = "toast.held_mine" if facts.holder.mine else "toast.held"
        return toast(context, key, name=facts.holder.name or "…")
    name = context.facts.profile_name
    mine = replace(facts, holder=AlertHolder(name, context.now, mine=True))
    shown = alerts.alert(context.deployment, context.journey.language, mine)
    effects = (AcknowledgeAlert(facts.id, facts.kind, name),)
    return Turn(context.journey, (EditMessage(shown.text, shown.keyboard),), effects)


def _done(context: Context, slug: str, key: str, effect: Effect) -> Turn:
    title = alerts.title(context.deployment, context.journey.language, slug)
    return put(context, context.wording.say(key, title=title), effects=(effect,))


def _shown(context: Context, facts: AlertFacts) -> Turn:
    """Tell how a paused campaign stands, in a message of its own."""
    text = context.wording.say(
        "running.paused",
        title=alerts.title(context.deployment, context.journey.language, facts.about),
        waiting=facts.waiting,
        said=alerts.said(context.wording, facts.smtp_code, facts.smtp_text),
    )
    return Turn(context.journey, (Say(text, alerts.refused_buttons(context.wording, facts)),))
