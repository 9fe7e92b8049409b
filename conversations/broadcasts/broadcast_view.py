"""Shows a broadcast that was confirmed: the buttons that subscribers see, and its progress."""

from datetime import datetime, timedelta
from typing import assert_never
from urllib.parse import quote

from conversations.core.buttons.broadcasts import (
    DRAFT_ID_DIGITS,
    ControlAction,
    ControlButton,
    DraftAction,
    DraftButton,
)
from conversations.core.buttons.persistent import EndUpdatesHere
from conversations.core.facts import Deployment
from conversations.core.replies import (
    Button,
    Keyboard,
    LinkButton,
    PersistentButton,
    Say,
)
from conversations.model.broadcast import (
    WAITING_STATES,
    Broadcast,
    BroadcastButton,
    BroadcastState,
    BroadcastStatus,
    ButtonKind,
    RecipientState,
)
from conversations.text.html import Html
from conversations.text.typed import times as typed_times
from conversations.text.wording import Wording, raw

RECALL_PERIOD = timedelta(hours=48)
"""How long a broadcast can be recalled (Bot API, deleteMessages)."""

UNRELEASED, UNAPPROVED = "unreleased", "unapproved"
"""Why a broadcast pauses (`BroadcastState.why`): its record was changed outside the bot; nobody
approved it, and more people would get it than are allowed without that. They are stored.
"""

BAR_LENGTH = 10
"""How many characters the progress bar has."""

_OWN_BUTTONS = (
    (DraftAction.SEE, DraftAction.CHANGE),
    (DraftAction.RESCHEDULE, DraftAction.SEND_NOW),
    (DraftAction.DISCARD,),
)
"""The buttons under a scheduled broadcast for its author."""

_HELD_BUTTONS = ((DraftAction.STOP_HELD, DraftAction.CHANGE),)
"""The buttons under a broadcast that is held because nobody else can approve it."""

_COLLEAGUE_BUTTONS = ((DraftAction.SEE, DraftAction.DISCARD),)
"""The buttons under a scheduled broadcast for everyone else."""


# --- for subscribers ------------------------------------------------------------------------------


def keyboard(deployment: Deployment, broadcast: Broadcast, language: str) -> Keyboard:
    """Return the buttons under a broadcast: its own, and always the one that unsubscribes."""
    own = tuple((_button(deployment, broadcast, each),) for each in broadcast.buttons)
    label = deployment.wording(language).label("update.unsubscribe")
    return (*own, (PersistentButton(label, EndUpdatesHere()),))


def _button(deployment: Deployment, broadcast: Broadcast, button: BroadcastButton) -> Button:
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


# --- for campaigners ------------------------------------------------------------------------------


def progress(wording: Wording, state: BroadcastState) -> Say:
    """Return how far a broadcast came, with the buttons that its state allows."""
    recalling = state.state is BroadcastStatus.RECALLED and not state.written
    key = "taking_back" if recalling else "held" if state.held else str(state.state)
    ended = state.state in (BroadcastStatus.STOPPED, BroadcastStatus.DONE)
    counted = {"count": state.acted} if ended else {}
    text = wording.say(f"update.{key}", **_values(wording, state), **counted)
    if state.state is BroadcastStatus.SENDING:
        full = min(BAR_LENGTH, done(state) * BAR_LENGTH // max(1, state.total))
        text = Html(f"{text}\n{'▓' * full}{'░' * (BAR_LENGTH - full)}")
    return Say(text, buttons(wording, state))


def buttons(wording: Wording, state: BroadcastState) -> Keyboard:
    """Return the buttons for what can be done with a broadcast now."""
    if state.state in WAITING_STATES:
        return _buttons_of_scheduled(wording, state)
    failed = state.counts.get(RecipientState.FAILED, 0)
    row = tuple(
        PersistentButton(
            wording.label(f"button.update_{action}", many=failed), ControlButton(action, state.id)
        )
        for action in _possible_actions(state)
    )
    return (row,) if row else ()


def _possible_actions(state: BroadcastState) -> tuple[ControlAction, ...]:
    match state.state:
        case BroadcastStatus.SENDING:
            return (ControlAction.PAUSE, ControlAction.ASK_STOP)
        case BroadcastStatus.PAUSED if state.why == UNRELEASED:
            return (ControlAction.ASK_STOP,)
        case BroadcastStatus.PAUSED:
            return (ControlAction.RESUME, ControlAction.ASK_STOP)
        case BroadcastStatus.DONE if state.counts.get(RecipientState.FAILED):
            return (ControlAction.RETRY, ControlAction.RECALL)
        case BroadcastStatus.STOPPED | BroadcastStatus.DONE:
            return (ControlAction.RECALL,)
        case _:
            return ()


def _buttons_of_scheduled(wording: Wording, state: BroadcastState) -> Keyboard:
    """Return the buttons under a scheduled broadcast: a colleague can see and discard it."""
    id_ = state.id[:DRAFT_ID_DIGITS]
    rows = (_HELD_BUTTONS if state.held else _OWN_BUTTONS) if state.mine else _COLLEAGUE_BUTTONS
    return tuple(
        tuple(
            PersistentButton(wording.label(f"button.update_{action}"), DraftButton(id_, action))
            for action in row
        )
        for row in rows
    )


def done(state: BroadcastState) -> int:
    """Return for how many people sending has ended, whatever came of it."""
    return state.total - state.counts.get(RecipientState.PENDING, 0)


def _values(wording: Wording, state: BroadcastState) -> dict[str, str | int]:
    """Return the values of the texts about progress."""
    counts = state.counts
    pending, rate = counts.get(RecipientState.PENDING, 0), state.rate
    took = state.ended - state.began if state.ended and state.began else timedelta()
    others = [
        wording.say(f"update.counted_{outcome}", count=counts[outcome])
        for outcome in (RecipientState.BLOCKED, RecipientState.FAILED, RecipientState.UNCERTAIN)
        if counts.get(outcome)
    ]
    return {
        "done": done(state),
        "total": state.total,
        "sent": counts.get(RecipientState.SENT, 0),
        "others": raw(Html("".join(f" · {each}" for each in others))),
        "rate": round(rate),
        "left": duration(timedelta(seconds=pending / rate)) if rate else "…",
        "took": duration(took),
        "why": raw(wording.say(f"update.why_{state.why}")) if state.why else "",
        "time": moment(wording, state.at, state.zone) if state.at else "",
        "id": state.id[:DRAFT_ID_DIGITS],
    }


def moment(wording: Wording, at: datetime, zone: str) -> str:
    """Return a time in a time zone, with the zone's name: June 1, 2030, 18:00 (UTC+08:00)."""
    local = at.astimezone(typed_times.zone(zone or "UTC"))
    return f"{wording.day(local.date())}, {local:%H:%M} ({zone or 'UTC'})"


def duration(time: timedelta) -> str:
    """Return a duration as hours, minutes and seconds: 4:52, 1:02:30."""
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
