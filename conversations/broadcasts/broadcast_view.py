"""What stands around an update: its buttons, and how far it came, in words before the bar."""

from datetime import datetime, timedelta
from typing import assert_never
from urllib.parse import quote

from conversations.core.buttons.journey import EndUpdatesHere
from conversations.core.facts import Deployment
from conversations.core.replies import (
    Button,
    Keyboard,
    LinkButton,
    PersistentButton,
    Say,
)
from conversations.model.broadcast import (
    UNSENT,
    Broadcast,
    BroadcastState,
    BroadcastStatus,
    ButtonKind,
    RecipientState,
    UpdateButton,
)
from conversations.text import typed_times
from conversations.text.html import Html
from conversations.text.wording import (
    DEFAULT,
    Wording,
    match,
    offered,
    raw,
)

LEAVE = EndUpdatesHere()
"""What the button under every update says, also under those of years ago: it must stay."""

RECALL = timedelta(hours=48)
"""How long an update can be taken back (Bot API, deleteMessages)."""

PREFIX = 12
"""How many digits of an update's id its buttons carry: they have 64 bytes for everything."""

_BAR = 10


def spoken(deployment: Deployment, language: str) -> Wording:
    """Return the bot's words for somebody who speaks `language`."""
    return Wording(match(language, offered()) or DEFAULT, deployment.show_keys)


def keyboard(deployment: Deployment, broadcast: Broadcast, language: str) -> Keyboard:
    """Return the buttons under an update: its own, and always the one that ends updates."""
    own = tuple((_button(deployment, broadcast, each),) for each in broadcast.buttons)
    leave = PersistentButton(spoken(deployment, language).label("update.unsubscribe"), LEAVE)
    return (*own, (leave,))


def _button(deployment: Deployment, broadcast: Broadcast, button: UpdateButton) -> Button:
    link = f"https://t.me/{deployment.username}?start={button.to}__{broadcast.source}"
    match button.kind:
        case ButtonKind.LINK:
            return LinkButton(button.label, button.to)
        case ButtonKind.ACT:
            return LinkButton(button.label, link)
        case ButtonKind.SHARE:
            return LinkButton(button.label, f"https://t.me/share/url?url={quote(link, safe='')}")
        case unreachable:
            assert_never(unreachable)


def progress(wording: Wording, facts: BroadcastState) -> Say:
    """Return how far an update came, with the buttons that its state allows."""
    taking = facts.state is BroadcastStatus.RECALLED and not facts.written
    key = "taking_back" if taking else str(facts.state)
    ended = facts.state in (BroadcastStatus.STOPPED, BroadcastStatus.DONE)
    counted = {"count": facts.acted} if ended else {}
    text = wording.say(f"update.{key}", **_values(wording, facts), **counted)
    if facts.state is BroadcastStatus.SENDING:
        full = min(_BAR, done(facts) * _BAR // max(1, facts.total))
        text = Html(f"{text}\n{'▓' * full}{'░' * (_BAR - full)}")
    return Say(text, buttons(wording, facts))


def buttons(wording: Wording, facts: BroadcastState) -> Keyboard:
    """Return what can be done with an update now."""
    if facts.state in UNSENT:
        return _of_waiting(wording, facts)
    deeds: dict[BroadcastStatus, tuple[str, ...]] = {
        BroadcastStatus.SENDING: ("pause", "halt"),
        BroadcastStatus.PAUSED: ("resume", "halt"),
        BroadcastStatus.STOPPED: ("recall",),
        BroadcastStatus.DONE: ("retry", "recall")
        if facts.counts.get(RecipientState.FAILED)
        else ("recall",),
    }
    failed = facts.counts.get(RecipientState.FAILED, 0)
    row = tuple(
        PersistentButton(
            wording.label(f"button.update_{deed}", many=failed), f"update:{deed}:{facts.id}"
        )
        for deed in deeds.get(facts.state, ())
    )
    return (row,) if row else ()


def _of_waiting(wording: Wording, facts: BroadcastState) -> Keyboard:
    """Return what can be done with an update that waits: a colleague can look, and stop it."""
    mine = (("see", "change"), ("time", "hurry"), ("drop",))
    rows: tuple[tuple[str, ...], ...] = mine if facts.mine else (("see", "drop"),)
    return tuple(
        tuple(
            PersistentButton(
                wording.label(f"button.update_{deed}"), f"b:{facts.id[:PREFIX]}:{deed}"
            )
            for deed in row
        )
        for row in rows
    )


def done(facts: BroadcastState) -> int:
    """Return for how many people it is decided what became of it."""
    return facts.total - facts.counts.get(RecipientState.PENDING, 0)


def _values(wording: Wording, facts: BroadcastState) -> dict[str, str | int]:
    counts = facts.counts
    pending, rate = counts.get(RecipientState.PENDING, 0), facts.rate
    took = facts.ended - facts.began if facts.ended and facts.began else timedelta()
    others = [
        wording.say(f"update.counted_{fate}", count=counts[fate])
        for fate in (RecipientState.BLOCKED, RecipientState.FAILED, RecipientState.UNCERTAIN)
        if counts.get(fate)
    ]
    return {
        "done": done(facts),
        "total": facts.total,
        "sent": counts.get(RecipientState.SENT, 0),
        "others": raw(Html("".join(f" · {each}" for each in others))),
        "rate": round(rate),
        "left": clock(timedelta(seconds=pending / rate)) if rate else "…",
        "took": clock(took),
        "why": raw(wording.say(f"update.why_{facts.why}")) if facts.why else "",
        "time": moment(wording, facts.at, facts.zone) if facts.at else "",
    }


def moment(wording: Wording, at: datetime, zone: str) -> str:
    """Return a time as it is in `zone`, which is named: June 1, 2030, 18:00 (UTC+08:00)."""
    here = at.astimezone(typed_times.zone(zone or "UTC"))
    return f"{wording.day(here.date())}, {here:%H:%M} ({zone or 'UTC'})"


def clock(time: timedelta) -> str:
    """Return a span of time as hours, minutes and seconds: 4:52, 1:02:30."""
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
