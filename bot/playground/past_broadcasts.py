"""The invented history's broadcasts: one that was sent, and one that is scheduled."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.playground.invented_people import InventedPerson
from bot.playground.telegram import Person
from conversations.core.effects import Effect
from conversations.core.effects.broadcasts import ConfirmBroadcast, SaveDraft
from conversations.core.effects.journey import MarkBlocked
from conversations.model.broadcast import (
    Audience,
    Broadcast,
    BroadcastButton,
    BroadcastStatus,
    ButtonKind,
    Media,
    Part,
    RecipientState,
)
from conversations.model.campaigns.campaign import Campaign
from conversations.model.journey import Journey
from storage import apply_effects
from storage.broadcasts import lease, ledger, progress
from storage.broadcasts.ledger import BatchRequest, Claim
from storage.broadcasts.recipients import audiences
from storage.broadcasts.results import RecipientOutcome
from storage.chats import chats
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault

SENT_DAYS_AGO, SENT_HOUR = 2, 10
SCHEDULED_HOUR = 17
"""Hours by UTC; the scheduled broadcast goes tomorrow."""

DURATION = timedelta(seconds=4)
"""How long the sent broadcast took."""

_RATE = 28.0
"""Messages per second that the sent broadcast reached."""

_LEASE = "history"
_CLAIM_LIMIT = 200
_MESSAGE_ID = 2
"""The broadcast is the second message in an invented person's chat, after Start."""

_BLOCKED_SHARE = 24
"""One of so many invented people has blocked the bot."""

_SENT = {
    "en": "More than a hundred letters are on their way. Thank you for yours! "
    "Please send this link to one friend today.",
    "zh-Hant": "已有一百多封信寄出。謝謝你寫的信！今天就把這個連結轉發給一位朋友吧。",
}
_SCHEDULED = {
    "en": "Two weeks of letters: tonight we write about the answers we got. Stay with us.",
    "zh-Hant": "寫信行動已兩星期：今晚我們會告訴大家收到了甚麼回覆。請繼續關注。",
}


def has_blocked(person: InventedPerson) -> bool:
    """Whether the invented person has blocked the bot."""
    return person.chat % _BLOCKED_SHARE == 0


def audit_name(person: Person) -> str:
    """Return the name of a person with a role, as in the audit log."""
    return f"{person.first_name} {person.last_name} ({person.id})"


class PastBroadcasts:
    """Writes the campaigner's broadcasts."""

    def __init__(self, vault: Vault, campaign: Campaign, campaigner: Person, now: datetime) -> None:
        """Plan the broadcasts; `now` is when the demo starts."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.sent_at = midnight + timedelta(days=-SENT_DAYS_AGO, hours=SENT_HOUR)
        self.sent = _broadcast("5e" * 16, campaign, _SENT, "Write the letter")
        self._at = midnight + timedelta(days=1, hours=SCHEDULED_HOUR)
        self._scheduled = _broadcast("7a" * 16, campaign, _SCHEDULED, "Write the letter")
        self._vault = vault
        self._campaigner = campaigner
        self._now = now
        self._keys = PersonKeys(vault, campaigner.id)

    def send(
        self, connection: Connection, people: Iterable[InventedPerson]
    ) -> frozenset[InventedPerson]:
        """Store a broadcast that was sent; return which of `people` got it."""
        journey = Journey("5a" * 16, self._campaigner.language_code)
        chats.save(connection, self._vault, self._keys, journey, self.sent_at)
        self._confirm(connection, self.sent, self.sent_at)
        by_key = {PersonKeys(self._vault, person.chat).subscriptions: person for person in people}
        ended = self.sent_at + DURATION
        ledger.take_lease(connection, _LEASE, self.sent_at, timedelta(minutes=1))
        results: list[RecipientOutcome] = []
        reached: set[InventedPerson] = set()
        while True:
            claimed = ledger.record_and_claim(
                connection,
                self._vault,
                self.sent,
                results,
                BatchRequest(_LEASE, _CLAIM_LIMIT, ended, ended, idle=True, rate=_RATE),
            )
            if claimed is None or claimed.state is not BroadcastStatus.SENDING:
                break
            results = [_result(claim, by_key[claim.person]) for claim in claimed.claims]
            reached |= {by_key[r.person] for r in results if r.state is RecipientState.SENT}
        lease.release(connection, _LEASE)
        for person in filter(has_blocked, by_key.values()):
            blocked = [MarkBlocked(blocked=True)]
            keys = PersonKeys(self._vault, person.chat)
            apply_effects.apply(connection, self._vault, keys, blocked, now=ended)
        return frozenset(reached)

    def schedule(self, connection: Connection) -> None:
        """Store a broadcast that waits for its time."""
        confirmed = self._now - timedelta(hours=1)
        self._confirm(connection, self._scheduled, confirmed, self._at)

    def mark_as_shown(self, connection: Connection) -> None:
        """Note that the campaigner has seen the report, so that none is sent."""
        for shown in progress.claim(connection, self._vault, self._now, timedelta()):
            progress.record_shown(connection, shown, None)

    def message(self, account: Person, language: str) -> dict[str, Any]:
        """Return the sent broadcast as a message in an invented person's chat."""
        (part,) = self.sent.version(language)
        return {
            "message_id": account.next_id(),
            "date": int(self.sent_at.timestamp()),
            "chat": account.as_chat(),
            "from": account.telegram.me(),
            "text": part.text,
        }

    def _confirm(
        self,
        connection: Connection,
        broadcast: Broadcast,
        now: datetime,
        at: datetime | None = None,
    ) -> None:
        people = audiences.count(connection, self._vault, broadcast.audience)
        effects: list[Effect] = [
            SaveDraft(broadcast, broadcast.id),
            ConfirmBroadcast(broadcast.id, broadcast.id, people, at),
        ]
        who = audit_name(self._campaigner)
        apply_effects.apply(connection, self._vault, self._keys, effects, now=now, who=who)


def _broadcast(id_: str, campaign: Campaign, texts: dict[str, str], label: str) -> Broadcast:
    return Broadcast(
        id=id_,
        audience=Audience(campaign.slug),
        versions={language: (Part(Media.TEXT, text),) for language, text in texts.items()},
        default="en",
        buttons=(BroadcastButton(ButtonKind.ACT, label, campaign.slug),),
    )


def _result(claim: Claim, person: InventedPerson) -> RecipientOutcome:
    if has_blocked(person):
        return RecipientOutcome(claim.person, RecipientState.BLOCKED, "")
    return RecipientOutcome(claim.person, RecipientState.SENT, str(_MESSAGE_ID))
