"""Make a broadcast's calls for one recipient at a time, and collect the outcomes."""

import structlog

from bot.logs import error_fields
from bot.services.backoff import Backoff
from bot.services.ports import (
    BlockedByUser,
    BroadcastCall,
    BroadcastPort,
    CallRefused,
    ChatLimited,
    KindRefused,
    NotReached,
    Uncertain,
)
from conversations.model.broadcast import Broadcast, RecipientState
from storage.broadcasts.ledger import Claim
from storage.broadcasts.results import RecipientOutcome

log = structlog.get_logger()

MAX_FAILURES = 20
"""Calls that may fail in a row before the broadcast pauses itself. Blocked ones don't count."""


class RecipientCalls:
    """Makes the calls of one broadcast."""

    def __init__(self, port: BroadcastPort, broadcast: Broadcast) -> None:
        """Make the calls of `broadcast` with `port`."""
        self._port = port
        self._broadcast = broadcast
        self._prepared: dict[tuple[str, bool], tuple[BroadcastCall, ...]] = {}
        """The broadcast's calls, by language and whether they are covered."""
        self.outcomes: list[RecipientOutcome] = []
        """Outcomes that are not recorded yet."""
        self.blocked: list[int] = []
        """Chats of recipients who have blocked the bot, and are not marked yet."""
        self.backoff = Backoff(0.5, 30)
        """How long to wait while Telegram is not reached."""
        self.is_unreachable = False
        """Whether a call did not reach Telegram since this was last reset."""
        self._failures = 0

    @property
    def has_failed(self) -> bool:
        """Whether so many calls failed in a row that the broadcast must pause."""
        return self._failures >= MAX_FAILURES

    async def make_next(self, claim: Claim) -> None:
        """Make the next call to one recipient, and note the outcome."""
        done = claim.messages.count(";") + 1 if claim.messages else 0
        state, messages = RecipientState.SENT, claim.messages
        try:
            calls = self._prepare(claim)
            # A recipient who has changed the language may have no further call.
            for call in calls[done : done + 1]:
                ids = ",".join(map(str, await self._port.send(claim.chat, call)))
                messages = f"{messages};{ids}" if messages else ids
            if done + 1 < len(calls):
                state = RecipientState.PENDING
            self._failures = 0
            self.backoff.reset()
        except BlockedByUser:
            state = RecipientState.BLOCKED
            self.blocked.append(claim.chat)
        except NotReached:
            state, self.is_unreachable = RecipientState.PENDING, True
        except KindRefused:  # it concerns this recipient only
            state = RecipientState.FAILED
        except ChatLimited:
            state = RecipientState.FAILED  # a campaigner can have those who failed tried again
        except CallRefused:
            state = RecipientState.FAILED
            self._failures += 1
        except Exception as error:
            if not isinstance(error, Uncertain):
                log.error("broadcast call failed", **error_fields(error))
            state = RecipientState.UNCERTAIN
            self._failures += 1
        self.outcomes.append(RecipientOutcome(claim.person, state, messages, claim.sent_twice))

    def give_back(self, claims: list[Claim]) -> None:
        """Note that no call was made for `claims`."""
        pending = RecipientState.PENDING
        self.outcomes += [
            RecipientOutcome(each.person, pending, each.messages, each.sent_twice)
            for each in claims
        ]

    def _prepare(self, claim: Claim) -> tuple[BroadcastCall, ...]:
        """Return the calls. Raises CallRefused if they cannot be made."""
        try:
            kind = (claim.language, claim.covered)
            if kind not in self._prepared:
                prepare = self._port.prepare_covered if claim.covered else self._port.prepare
                self._prepared[kind] = prepare(self._broadcast, claim.language)
            return self._prepared[kind]
        except Exception as error:  # one broken recipient must not stop the others
            log.error("broadcast call not prepared", **error_fields(error))
            raise CallRefused from None
