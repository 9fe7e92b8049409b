"""The states of a letter, and the one place where they change.

    queued ───┐
    deferred ─┼─ claimed ─▶ sending ─┬─ taken ──────▶ accepted ─ returned ─▶ bounced
    unknown ──┘                      ├─ refused ────▶ failed
                                     ├─ put off ────▶ deferred
                                     ├─ not sent ───▶ queued
                                     └─ broken off ─▶ unknown ── returned ─▶ bounced
    queued, deferred, and sending while it is not begun ─ withdrawn ─▶ cancelled

Only a mail server's 250 is *taken*. What broke off after its content began is *unknown* (RFC 1047);
it may be claimed once more, and is then a possible duplicate.
"""

from enum import StrEnum


class LetterState(StrEnum):
    """How a letter fares."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"


class DeliveryEvent(StrEnum):
    """What can happen to a letter."""

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
    # Claimed, but not begun: the claim is void then.
    (LetterState.SENDING, DeliveryEvent.WITHDRAWN): LetterState.CANCELLED,
    (LetterState.ACCEPTED, DeliveryEvent.RETURNED): LetterState.BOUNCED,
    (LetterState.UNKNOWN, DeliveryEvent.RETURNED): LetterState.BOUNCED,
}

FINAL_STATES = frozenset(
    (LetterState.ACCEPTED, LetterState.FAILED, LetterState.CANCELLED, LetterState.BOUNCED)
)
"""The states in which nothing more is sent."""

WITHDRAWABLE = frozenset((LetterState.QUEUED, LetterState.DEFERRED))
"""The states in which a letter has not left: no server has taken it, and none is being asked."""


TIME_IS_OVER = "it could not be delivered in time"
"""What stands in place of a mail server's words where a letter was given up."""


def after(state: LetterState, happening: DeliveryEvent) -> LetterState:
    """Return the state that `happening` leads to. KeyError where it cannot happen in `state`."""
    return _AFTER[state, happening]


def states_before(happening: DeliveryEvent) -> frozenset[LetterState]:
    """Return the states in which it can happen."""
    return frozenset(state for state, what in _AFTER if what is happening)
