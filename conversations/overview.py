"""/status: how everything is at this moment, and the switch that lets all sending rest."""

from dataclasses import dataclass
from datetime import datetime

from conversations.alerts import said
from conversations.effects import Effect, PauseAll, ResumeAll
from conversations.known import AlertFacts
from conversations.moves import put, show, toast
from conversations.replies import Keyboard, Show, Standing
from conversations.rich import Html
from conversations.scene import Scene, Turn

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
class Condition:
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


def shown(scene: Scene, condition: Condition) -> Show:
    """Return how everything is, and the switch."""
    wording = scene.wording
    parts = [] if condition.rests_since is None else [_rests(scene, condition.rests_since)]
    parts += [
        letters(scene, condition.queue),
        _server(scene, condition),
        _telegram(scene, condition),
        _updates(scene, condition.going),
        wording.say(
            "overview.database",
            engine=condition.engine,
            size=f"{max(1, round(condition.size / _MEGABYTE))} MB",
        ),
        wording.say("overview.version", version=condition.version),
    ]
    key = "pause" if condition.rests_since is None else "resume"
    switch = Standing(wording.label(f"button.all_{key}"), f"status:{key}")
    again = Standing(wording.label("button.look_again"), "status:look")
    return Show(Html("\n\n".join(parts)), ((switch,), (again,)))


def pressed(scene: Scene, action: str, condition: Condition) -> Turn:
    """Answer a button of /status; what changes much is asked once more."""
    rests = condition.rests_since is not None
    match action:
        case "look":
            told = shown(scene, condition)
            return put(scene, told.text, told.keyboard)
        case "pause" | "pause-yes" | "ask" if rests:
            return toast(scene, "toast.answered")
        case "resume" | "resume-yes" if not rests:
            return toast(scene, "toast.running")
        case "pause" | "resume":
            return put(scene, *_sure(scene, action))
        case "ask":  # under an alert, which stays
            return show(scene, *_sure(scene, "pause"))
        case "pause-yes":
            return _done(scene, "overview.paused", PauseAll())
        case "resume-yes":
            return _done(scene, "overview.resumed", ResumeAll())
        case _:
            return toast(scene, "toast.answered")


def _sure(scene: Scene, action: str) -> tuple[Html, Keyboard]:
    """Return the question that is asked before much changes."""
    yes = Standing(scene.wording.label(f"button.{action}_yes"), f"status:{action}-yes")
    no = Standing(scene.wording.label("button.no_back"), "status:look")
    return scene.wording.say(f"overview.{action}_sure"), ((yes,), (no,))


def listed(scene: Scene, condition: Condition) -> Turn:
    """Answer /status."""
    told = shown(scene, condition)
    return show(scene, told.text, told.keyboard)


def letters(scene: Scene, lane: Lane) -> Html:
    """Tell how much mail waits, for how long, and how fast it leaves."""
    wording = scene.wording
    late = lane.due is not None and lane.due < scene.now
    minutes = int((scene.now - lane.due).total_seconds() // 60) if lane.due and late else 0
    if not lane.waiting:
        text = wording.say("overview.none_wait")
    else:
        key = "overview.wait_long" if minutes else "overview.wait"
        text = wording.say(key, count=lane.waiting, minutes=minutes)
    left = wording.say("overview.none_left", minutes=WINDOW)
    if lane.left:
        left = wording.say("overview.left", count=lane.left, minutes=WINDOW)
    return Html(f"{text} {left}")


def at(scene: Scene, when: datetime) -> str:
    """Return a date and a time of day."""
    return f"{scene.wording.day(when.date())}, {scene.wording.clock(when)}"


def _updates(scene: Scene, going: int) -> Html:
    if not going:
        return scene.wording.say("overview.no_updates")
    return scene.wording.say("overview.updates", count=going)


def _rests(scene: Scene, since: datetime) -> Html:
    return scene.wording.say("overview.rests", at=at(scene, since))


def _server(scene: Scene, condition: Condition) -> Html:
    trouble = condition.trouble
    if trouble is None:
        return scene.wording.say("overview.server")
    words = said(scene.wording, trouble.smtp_code, trouble.smtp_text)
    return scene.wording.say("overview.server_trouble", at=at(scene, trouble.since), said=words)


def _telegram(scene: Scene, condition: Condition) -> Html:
    wording = scene.wording
    if condition.halted > 0:
        return wording.say("overview.telegram_halted", count=max(1, round(condition.halted)))
    if condition.rate is None:
        return wording.say("overview.telegram")
    return wording.say("overview.telegram_rate", count=max(1, round(condition.rate)))


def _done(scene: Scene, key: str, effect: Effect) -> Turn:
    again = Standing(scene.wording.label("button.look_again"), "status:look")
    return put(scene, scene.wording.say(key), ((again,),), effects=(effect,))
