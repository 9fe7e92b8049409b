"""The states of a letter, and the transitions between them.

    queued ───┐
    deferred ─┼─ claimed ─▶ sending ─┬─ taken ──────▶ accepted ─ returned ─▶ bounced
    unknown ──┘                      ├─ refused ────▶ failed
                                     ├─ put off ────▶ deferred
                                     ├─ not sent ───▶ queued
                                     └─ broken off ─▶ unknown ── returned ─▶ bounced
    queued, deferred, and sending while it is not begun ─ withdrawn ─▶ cancelled

Only a mail server's 250 counts as *taken*. If the connection is lost after the content began, the
letter is *unknown* (RFC 1047). It can be claimed once more, and is then a possible duplicate.
"""

from enum import StrEnum


class LetterState(StrEnum):
    """The state of a letter."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"


class DeliveryEvent(StrEnum):
    """An event that changes the state of a letter. The values become labels of metrics."""

    CLAIMED = "claimed"
    TAKEN = "taken"
    PUT_OFF = "put off"
    REFUSED = "refused"
    NOT_SENT = "not sent"
    BROKEN_OFF = "broken off"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"


_AFTER = {
    (LetterState.QUEUED, DeliveryEvent.CLAIMED): LetterState.SENDING,
    (LetterState.DEFERRED, DeliveryEvent.CLAIMED): LetterState.SENDING,
    (LetterState.UNKNOWN, DeliveryEvent.CLAIMED): LetterState.SENDING,
    (LetterState.SENDING, DeliveryEvent.TAKEN): LetterState.ACCEPTED,
    (LetterState.SENDING, DeliveryEvent.PUT_OFF): LetterState.DEFERRED,
    (LetterState.SENDING, DeliveryEvent.REFUSED): LetterState.FAILED,
    (LetterState.SENDING, DeliveryEvent.NOT_SENT): LetterState.QUEUED,
    (LetterState.SENDING, DeliveryEvent.BROKEN_OFF): LetterState.UNKNOWN,
    (LetterState.QUEUED, DeliveryEvent.WITHDRAWN): LetterState.CANCELLED,
    (LetterState.DEFERRED, DeliveryEvent.WITHDRAWN): LetterState.CANCELLED,
    # Claimed, but its content has not begun: the claim becomes void.
    (LetterState.SENDING, DeliveryEvent.WITHDRAWN): LetterState.CANCELLED,
    (LetterState.ACCEPTED, DeliveryEvent.RETURNED): LetterState.BOUNCED,
    (LetterState.UNKNOWN, DeliveryEvent.RETURNED): LetterState.BOUNCED,
}

FINAL_STATES = frozenset(
    (LetterState.ACCEPTED, LetterState.FAILED, LetterState.CANCELLED, LetterState.BOUNCED)
)
"""The states in which the letter is not sent again."""

LEFT_STATES = frozenset(
    (LetterState.ACCEPTED, LetterState.FAILED, LetterState.UNKNOWN, LetterState.BOUNCED)
)
"""The states in which the letter has left, or never will: it can't be withdrawn any more."""

REACHED_NOBODY = frozenset((LetterState.FAILED, LetterState.BOUNCED, LetterState.CANCELLED))
"""The states of a letter that may be written again."""

WITHDRAWABLE_STATES = frozenset((LetterState.QUEUED, LetterState.DEFERRED))
"""The states in which the letter is waiting: no server has accepted it, and none is asked."""


def after(state: LetterState, event: DeliveryEvent) -> LetterState:
    """Return the state after `event`. Raises KeyError if it cannot happen in `state`."""
    return _AFTER[state, event]


def states_before(event: DeliveryEvent) -> frozenset[LetterState]:
    """Return the states in which `event` can happen."""
    return frozenset(state for state, possible in _AFTER if possible is event)
