"""/status: how everything is at this moment, and the switch that lets all sending rest."""

from dataclasses import dataclass
from datetime import datetime

from conversations.admin.alerts import said
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.admin import PauseAll, ResumeAll
from conversations.core.fact_requests import Fact
from conversations.core.facts import AlertFacts
from conversations.core.replies import Keyboard, PersistentButton, Say
from conversations.core.turns import put, show, toast
from conversations.text.html import Html

WINDOW = 10
"""Minutes over which it is counted how many letters leave."""

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Lane:
    """The mail of a campaign that waits. `due` is when the first of it was to leave first,
    however often it was put off since; `left` is what went lately.

    `paused` is since when it rests, None where it does not; `by_hand` whether somebody wanted it
    to. `code` and `text` are what a mail server said last of what waits.
    """

    waiting: int = 0
    due: datetime | None = None
    left: int = 0
    paused: datetime | None = None
    by_hand: bool = False
    code: int | None = None
    text: str = ""


@dataclass(frozen=True)
class SystemStatus:
    """How the bot is. `rests_since` tells that all sending is paused; `trouble` what our mail
    server has against us; `halted` how many seconds Telegram asks us to wait, and `rate` how many
    updates a second may go, None where there is no limit. `size` is the database's, in bytes.
    """

    queue: Lane
    going: int
    engine: str
    size: int
    version: str
    rate: float | None
    halted: float = 0.0
    rests_since: datetime | None = None
    trouble: AlertFacts | None = None


@dataclass(frozen=True)
class CurrentStatus(Fact[SystemStatus]):
    """How the bot is at this moment."""


def shown(context: Context, condition: SystemStatus) -> Say:
    """Return how everything is, and the switch."""
    wording = context.wording
    parts = [] if condition.rests_since is None else [_rests(context, condition.rests_since)]
    parts += [
        letters(context, condition.queue),
        _server(context, condition),
        _telegram(context, condition),
        _updates(context, condition.going),
        wording.say(
            "overview.database",
            engine=condition.engine,
            size=f"{max(1, round(condition.size / _MEGABYTE))} MB",
        ),
        wording.say("overview.version", version=condition.version),
    ]
    key = "pause" if condition.rests_since is None else "resume"
    switch = PersistentButton(wording.label(f"button.all_{key}"), f"status:{key}")
    again = PersistentButton(wording.label("button.look_again"), "status:look")
    return Say(Html("\n\n".join(parts)), ((switch,), (again,)))


def pressed(context: Context, action: str) -> Turn:
    """Answer a button of /status; what changes much is asked once more."""
    condition = context.fact(CurrentStatus())
    rests = condition.rests_since is not None
    match action:
        case "look":
            told = shown(context, condition)
            return put(context, told.text, told.keyboard)
        case "pause" | "pause-yes" | "ask" if rests:
            return toast(context, "toast.answered")
        case "resume" | "resume-yes" if not rests:
            return toast(context, "toast.running")
        case "pause" | "resume":
            return put(context, *_sure(context, action))
        case "ask":  # under an alert, which stays
            return show(context, *_sure(context, "pause"))
        case "pause-yes":
            return _done(context, "overview.paused", PauseAll())
        case "resume-yes":
            return _done(context, "overview.resumed", ResumeAll())
        case _:
            return toast(context, "toast.answered")


def _sure(context: Context, action: str) -> tuple[Html, Keyboard]:
    """Return the question that is asked before much changes."""
    yes = PersistentButton(context.wording.label(f"button.{action}_yes"), f"status:{action}-yes")
    no = PersistentButton(context.wording.label("button.no_back"), "status:look")
    return context.wording.say(f"overview.{action}_sure"), ((yes,), (no,))


def listed(context: Context) -> Turn:
    """Answer /status."""
    told = shown(context, context.fact(CurrentStatus()))
    return show(context, told.text, told.keyboard)


def letters(context: Context, lane: Lane) -> Html:
    """Tell how much mail waits, for how long, and how fast it leaves."""
    wording = context.wording
    late = lane.due is not None and lane.due < context.now
    minutes = int((context.now - lane.due).total_seconds() // 60) if lane.due and late else 0
    if not lane.waiting:
        text = wording.say("overview.none_wait")
    else:
        key = "overview.wait_long" if minutes else "overview.wait"
        text = wording.say(key, count=lane.waiting, minutes=minutes)
    left = wording.say("overview.none_left", minutes=WINDOW)
    if lane.left:
        left = wording.say("overview.left", count=lane.left, minutes=WINDOW)
    return Html(f"{text} {left}")


def at(context: Context, when: datetime) -> str:
    """Return a date and a time of day."""
    return f"{context.wording.day(when.date())}, {context.wording.clock(when)}"


def _updates(context: Context, going: int) -> Html:
    if not going:
        return context.wording.say("overview.no_updates")
    return context.wording.say("overview.updates", count=going)


def _rests(context: Context, since: datetime) -> Html:
    return context.wording.say("overview.rests", at=at(context, since))


def _server(context: Context, condition: SystemStatus) -> Html:
    trouble = condition.trouble
    if trouble is None:
        return context.wording.say("overview.server")
    words = said(context.wording, trouble.smtp_code, trouble.smtp_text)
    return context.wording.say("overview.server_trouble", at=at(context, trouble.since), said=words)


def _telegram(context: Context, condition: SystemStatus) -> Html:
    wording = context.wording
    if condition.halted > 0:
        return wording.say("overview.telegram_halted", count=max(1, round(condition.halted)))
    if condition.rate is None:
        return wording.say("overview.telegram")
    return wording.say("overview.telegram_rate", count=max(1, round(condition.rate)))


def _done(context: Context, key: str, effect: Effect) -> Turn:
    again = PersistentButton(context.wording.label("button.look_again"), "status:look")
    return put(context, context.wording.say(key), ((again,),), effects=(effect,))
