"""Buttons of campaigners: composing, approving and controlling a broadcast."""

from dataclasses import dataclass
from enum import StrEnum

from conversations.core.buttons.packing import StaffButtonData

DRAFT_ID_DIGITS = 12
"""How many digits of a draft's id its buttons carry, to leave room for their value."""


class DraftAction(StrEnum):
    """What a button of the composer does. `value` is what it is about, for those that need one."""

    CANCEL = "cancel"
    GO = "go"
    """Turn to a page; `value` is a DraftPage."""
    WRITE = "write"
    """Write the version in the language `value`."""
    ACT = "act"
    """Add a button that opens the campaign `value`."""
    SHARE = "share"
    """Add a button that shares the campaign `value`."""
    NO_BUTTONS = "plain"
    TEST = "test"
    """Show the broadcast to the author as subscribers get it."""
    ASK_APPROVAL = "eyes"
    AT_ONCE = "now"
    RETRY_UNCERTAIN = "again"
    """Choose whether a message that may have arrived is sent once more."""
    COST = "cost"
    SEND = "send"
    """Send the broadcast; `value` is the token of the confirmation."""

    SCOPE = "scope"
    """Choose the subscribers of the campaign `value`, or of all ("*")."""
    ACTED = "acted"
    """Choose people who acted (`value` is yes), who did not (no), or both (any)."""
    LANGUAGE = "lang"
    """Add or remove people who speak the language `value`."""
    COUNTRY = "country"
    """Add or remove people of the country `value`."""
    SINCE = "since"
    """Choose people who subscribed in the last `value` days; 0: at any time."""

    SEE = "see"
    CHANGE = "change"
    RESCHEDULE = "time"
    SEND_NOW = "hurry"
    DISCARD = "drop"
    """Discard a scheduled broadcast: asks first, unless `value` is yes."""
    KEEP = "keep"
    STOP_HELD = "halt"
    """Discard a broadcast that is held for approval, without a question."""


@dataclass(frozen=True)
class DraftButton(StaffButtonData, prefix="draft"):
    """A button of the composer, or under a scheduled broadcast."""

    draft: str
    """The first `DRAFT_ID_DIGITS` digits of the broadcast's id."""

    action: DraftAction
    value: str = ""

    page: int = 1
    """The page of the choices to show."""


@dataclass(frozen=True)
class ApproveButton(StaffButtonData, prefix="approve"):
    """The button with which a colleague approves a draft."""

    draft: str
    """The first `DRAFT_ID_DIGITS` digits of the broadcast's id."""

    content: str
    """The digest of what the colleague saw (`Broadcast.digest`)."""


class NoticeAction(StrEnum):
    """What a button under a notice that is being written does."""

    TRANSLATE = "write"
    """Write the version in the language `value`."""
    ASK_APPROVAL = "ask"
    MORE = "more"
    """Turn to a page of the languages."""
    CANCEL = "cancel"
    APPROVE = "send"
    """Approve and send it; `value` is the digest of what the admin saw (`Broadcast.digest`)."""


@dataclass(frozen=True)
class NoticeButton(StaffButtonData, prefix="notice"):
    """A button under a notice that is being written."""

    notice: str
    """The first `DRAFT_ID_DIGITS` digits of the notice's id."""

    action: NoticeAction
    value: str = ""

    page: int = 1
    """The page of the languages to turn to."""


class ControlAction(StrEnum):
    """What a button under the progress of a broadcast does."""

    PAUSE = "pause"
    RESUME = "resume"
    ASK_STOP = "halt"
    """Ask whether to stop."""
    STOP = "stop"
    RETRY = "retry"
    RECALL = "recall"
    SHOW = "show"
    """Show the progress again."""


@dataclass(frozen=True)
class ControlButton(StaffButtonData, prefix="broadcast"):
    """A button under the progress of a broadcast."""

    action: ControlAction
    broadcast: str
    """The broadcast's id."""
