"""What admins do with the buttons under alerts. Each is decided once: later presses do nothing."""

from dataclasses import dataclass, replace

from conversations.admin import alerts
from conversations.core.alerts import NEED_RESPONSE, AlertFacts, AlertHolder, AlertKind
from conversations.core.buttons.admin import (
    AlertButton,
    BouncesSeenButton,
    ComplaintsSeenButton,
    DisputedSeenButton,
    DropUncertainButton,
    ForwardsSeenButton,
    OtherFailuresSeenButton,
    ResumeCampaignButton,
    SendAgainButton,
    ShowPausedButton,
    TakeAlertButton,
    TryServerButton,
)
from conversations.core.context import Context, Turn
from conversations.core.counts import counted
from conversations.core.effects import Effect
from conversations.core.effects.admin import AcknowledgeAlert, ResumeCampaign
from conversations.core.effects.letters import (
    AcknowledgeLetters,
    DropUncertain,
    RetryMailServer,
    RetryUncertain,
)
from conversations.core.fact_requests import Fact
from conversations.core.replies import EditMessage, Say, Toast
from conversations.core.turns import put, toast

KIND_OF_BUTTON: dict[type[AlertButton], AlertKind] = {
    ResumeCampaignButton: AlertKind.REFUSED,
    ShowPausedButton: AlertKind.REFUSED,
    SendAgainButton: AlertKind.DOUBTFUL,
    DropUncertainButton: AlertKind.DOUBTFUL,
    BouncesSeenButton: AlertKind.BOUNCED,
    DisputedSeenButton: AlertKind.DISPUTED,
    ForwardsSeenButton: AlertKind.FORWARDS,
    OtherFailuresSeenButton: AlertKind.OTHER_FAILURES,
    ComplaintsSeenButton: AlertKind.COMPLAINTS,
    TryServerButton: AlertKind.SERVER,
}
"""Which kind of alert a button belongs to."""


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


def pressed(context: Context, button: AlertButton) -> Turn:
    """Answer a button under an alert, unless the alert is over."""
    kind, slug = KIND_OF_BUTTON[type(button)], button.campaign
    facts = context.fact(OpenAlert(kind, slug))
    if facts is None or facts.about != slug:
        return toast(context, "toast.running" if kind is AlertKind.REFUSED else "toast.answered")
    match button:
        case ShowPausedButton():
            return _show_paused(context, facts)
        case TryServerButton():
            trying = Toast(context.wording.label("toast.trying"))
            return Turn(context.journey, (trying,), (RetryMailServer(),))
        case ResumeCampaignButton():
            return _done(context, slug, "running.resumed", ResumeCampaign(slug))
        case SendAgainButton():
            return _done(context, slug, "running.sent_again", RetryUncertain(slug))
        case BouncesSeenButton():
            return _done(context, slug, "running.seen", AcknowledgeLetters(slug, kind))
        case (
            OtherFailuresSeenButton()
            | ComplaintsSeenButton()
            | DisputedSeenButton()
            | ForwardsSeenButton()
        ):
            return _done(context, slug, f"alert.{kind}_over", AcknowledgeLetters(slug, kind))
        case _:
            return _done(context, slug, "running.left", DropUncertain(slug))


def take(context: Context, button: TakeAlertButton) -> Turn:
    """Note that the person takes responsibility for an alert, if nobody else has."""
    facts = context.fact(AlertById(button.alert))
    if facts is None or facts.kind not in NEED_RESPONSE:
        return toast(context, "toast.answered")
    if facts.holder is not None:
        key = "toast.held_mine" if facts.holder.mine else "toast.held"
        return toast(context, key, name=facts.holder.name or "…")
    name = context.facts.profile_name
    mine = replace(facts, holder=AlertHolder(name, context.now, mine=True))
    message = alerts.alert(context.deployment, context.journey.language, mine)
    effects = (AcknowledgeAlert(facts.id, facts.kind, name),)
    return Turn(context.journey, (EditMessage(message.text, message.keyboard),), effects)


def _done(context: Context, slug: str, key: str, effect: Effect) -> Turn:
    text = context.wording.say(key, title=context.title(slug))
    return put(context, text, effects=(effect,))


def _show_paused(context: Context, facts: AlertFacts) -> Turn:
    """Show why a campaign is paused, in a message of its own."""
    text = context.wording.say(
        "running.paused",
        title=context.title(facts.about),
        waiting=counted(facts.waiting),
        said=alerts.reply_sentence(context.wording, facts.reply),
    )
    return Turn(context.journey, (Say(text, alerts.refused_buttons(context.wording, facts)),))
