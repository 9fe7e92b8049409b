"""/status: how the bot is at this moment, and the button that pauses all sending."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from conversations.admin.alerts import reply_sentence
from conversations.core.alerts import AlertFacts
from conversations.core.buttons.admin import StatusAction, StatusButton
from conversations.core.context import Context, Turn
from conversations.core.counts import counted
from conversations.core.effects import Effect
from conversations.core.effects.admin import PauseAll, ResumeAll
from conversations.core.fact_requests import Fact
from conversations.core.replies import Keyboard, PersistentButton, Say
from conversations.core.turns import put, show, toast
from conversations.model.letters.server_reply import NO_REPLY, ServerReply
from conversations.text.html import Html

RATE_MINUTES = 10
"""Over how many minutes the letters that were sent are counted."""

_SOON = timedelta(minutes=10)
_NEAR = timedelta(days=7)
"""How long before the end admins read that letters may wait for too long."""

MEGABYTE = 1_000_000
"""How many bytes a megabyte has."""


@dataclass(frozen=True)
class Lane:
    """The letters of a campaign that wait to be sent."""

    waiting: int = 0
    """How many letters wait; of more than MOST_COUNTED, more than that."""

    due: datetime | None = None
    """When the first of those that are counted was first to be sent, however often it was deferred
    since.
    """

    until: datetime | None = None
    """When the last of them leaves, if nothing holds it up."""

    end: date | None = None
    """The first day after which some of the letters that leave first can't be sent any more."""

    sent_lately: int = 0
    """How many letters were sent in the last RATE_MINUTES; of many, more than MOST_COUNTED."""

    paused_since: datetime | None = None
    """Since when the campaign is paused; None if it isn't."""

    paused_by_admin: bool = False
    """Whether an admin paused it."""

    disputed: int = 0
    """How many of its letters bounced too late to count. They stay counted."""

    reply: ServerReply = NO_REPLY
    """The last reply of a mail server about a letter that waits."""


@dataclass(frozen=True)
class SystemStatus:
    """How the bot is."""

    letters: Lane
    """The letters of all campaigns that wait."""

    broadcasts_sending: int
    """How many broadcasts are being sent."""

    engine: str
    """The database's engine and its version."""

    size: int
    """The database's size in bytes."""

    version: str
    """The versions of the bot and of Python."""

    rate: float | None
    """How many broadcast messages may be sent a second; None if there is no limit."""

    telegram_wait: float = 0.0
    """For how many seconds Telegram asks us to wait."""

    paused_since: datetime | None = None
    """Since when all sending is paused; None if it isn't."""

    server_alert: AlertFacts | None = None
    """The open alert about our mail server, if there is one."""

    letters_changed: int | None = None
    """How many letters a pause or withdrawal has reached that goes on; None if none does."""


@dataclass(frozen=True)
class CurrentStatus(Fact[SystemStatus]):
    """How the bot is at this moment."""


# --- the page -------------------------------------------------------------------------------------


def listed(context: Context) -> Turn:
    """Answer /status."""
    message = _page(context, context.fact(CurrentStatus()))
    return show(context, message.text, message.keyboard)


def _page(context: Context, status: SystemStatus) -> Say:
    wording, paused = context.wording, status.paused_since
    parts = [] if paused is None else [wording.say("overview.rests", at=wording.moment(paused))]
    parts += [
        letters(context, status.letters),
        *_changing(context, status.letters_changed),
        _server(context, status),
        _telegram(context, status),
        _broadcasts(context, status.broadcasts_sending),
        wording.say(
            "overview.database",
            engine=status.engine,
            size=f"{max(1, round(status.size / MEGABYTE))} MB",
        ),
        wording.say("overview.version", version=status.version),
    ]
    action = StatusAction.ASK_PAUSE if paused is None else StatusAction.ASK_RESUME
    switch = PersistentButton(wording.label(f"button.all_{action}"), StatusButton(action))
    return Say(Html("\n\n".join(parts)), ((switch,), (_refresh(context),)))


def _changing(context: Context, changed: int | None) -> Iterator[Html]:
    if changed is not None:
        wording = context.wording
        yield wording.say("overview.letters_changing", number=wording.number(changed))


def letters(context: Context, lane: Lane) -> Html:
    """Return how many letters wait, for how long, and how many were sent lately."""
    wording = context.wording
    late = lane.due is not None and lane.due < context.now
    minutes = int((context.now - lane.due).total_seconds() // 60) if lane.due and late else 0
    if not lane.waiting:
        waiting = wording.say("overview.none_wait")
    else:
        key = "overview.wait_long" if minutes else "overview.wait"
        waiting = wording.say(key, count=counted(lane.waiting), minutes=minutes)
    sent = wording.say("overview.none_left", minutes=RATE_MINUTES)
    if lane.sent_lately:
        lately = counted(lane.sent_lately)
        sent = wording.say("overview.left", count=lately, minutes=RATE_MINUTES)
    return Html(" ".join((waiting, *_until(context, lane), sent)))


def _until(context: Context, lane: Lane) -> Iterator[Html]:
    """Yield when the last letter leaves, and whether letters may wait for too long."""
    wording, until, end = context.wording, lane.until, lane.end
    if lane.waiting and until is not None and until - context.now > _SOON:
        yield wording.say("overview.until", at=wording.moment(until))
    last = max(context.now, until or context.now)
    if lane.waiting and end is not None and end - last.date() <= _NEAR:
        yield wording.say("overview.end", day=wording.day(end))


def _broadcasts(context: Context, count: int) -> Html:
    if not count:
        return context.wording.say("overview.no_updates")
    return context.wording.say("overview.updates", count=count)


def _server(context: Context, status: SystemStatus) -> Html:
    wording, alert = context.wording, status.server_alert
    if alert is None:
        return wording.say("overview.server")
    said = reply_sentence(wording, alert.reply)
    return wording.say("overview.server_trouble", at=wording.moment(alert.since), said=said)


def _telegram(context: Context, status: SystemStatus) -> Html:
    wording = context.wording
    if status.telegram_wait > 0:
        return wording.say("overview.telegram_halted", count=max(1, round(status.telegram_wait)))
    if status.rate is None:
        return wording.say("overview.telegram")
    return wording.say("overview.telegram_rate", count=max(1, round(status.rate)))


# --- its buttons ----------------------------------------------------------------------------------


def pressed(context: Context, button: StatusButton) -> Turn:
    """Answer a button of /status; pausing and resuming are confirmed first."""
    status = context.fact(CurrentStatus())
    paused = status.paused_since is not None
    match button.action:
        case StatusAction.REFRESH:
            message = _page(context, status)
            return put(context, message.text, message.keyboard)
        case StatusAction.ASK_PAUSE | StatusAction.PAUSE | StatusAction.ASK_PAUSE_BELOW if paused:
            return toast(context, "toast.answered")
        case StatusAction.ASK_RESUME | StatusAction.RESUME if not paused:
            return toast(context, "toast.running")
        case StatusAction.ASK_PAUSE | StatusAction.ASK_RESUME:
            return put(context, *_question(context, button.action))
        case StatusAction.ASK_PAUSE_BELOW:
            return show(context, *_question(context, StatusAction.ASK_PAUSE))
        case StatusAction.PAUSE:
            return _done(context, "overview.paused", PauseAll())
        case StatusAction.RESUME:
            return _done(context, "overview.resumed", ResumeAll())


def _question(context: Context, asks: StatusAction) -> tuple[Html, Keyboard]:
    label = context.wording.label
    does = StatusAction.PAUSE if asks is StatusAction.ASK_PAUSE else StatusAction.RESUME
    yes = PersistentButton(label(f"button.{asks}_yes"), StatusButton(does))
    no = PersistentButton(label("button.no_back"), StatusButton(StatusAction.REFRESH))
    return context.wording.say(f"overview.{asks}_sure"), ((yes,), (no,))


def _done(context: Context, key: str, effect: Effect) -> Turn:
    return put(context, context.wording.say(key), ((_refresh(context),),), effects=(effect,))


def _refresh(context: Context) -> PersistentButton:
    refresh = StatusButton(StatusAction.REFRESH)
    return PersistentButton(context.wording.label("button.look_again"), refresh)
