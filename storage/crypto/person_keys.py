"""Keyed hashes of a person's Telegram user id: one for each purpose.

A table finds a person's rows by the hash of its own purpose. Without the keys, nobody can tell that
rows of two purposes belong to the same person.
"""

from storage.crypto.vault import Vault

# Kinds of keyed hashes. Hashes are stored, so the kinds never change.
_CHAT = "person"
_SUBSCRIPTIONS = "person: subscriptions"
_STAFF = "person: staff"
_LIMITS = "person: limits"
_SCHEDULED = "person: scheduled message"
_BLOCKED = "person: blocked sender"
_ACTION = "person: action"
_TARGET = "person: target"
_CLEARED = "person: cleared action"
_CLEARED_CONSENT = "person: cleared consent"


class PersonKeys:
    """The keys of the person in a private chat, 32 bytes each. Each is computed when it is used."""

    __slots__ = ("_cached", "_vault", "chat_id")

    def __init__(self, vault: Vault, chat_id: int) -> None:
        """`chat_id` is the Telegram id of the chat, which is that of the person too."""
        self._vault = vault
        self.chat_id = chat_id
        self._cached: dict[str, bytes] = {}

    @property
    def chat(self) -> bytes:
        """Key in the table of chats, and in consents to remember details."""
        return self._key(_CHAT)

    @property
    def subscriptions(self) -> bytes:
        """Key in subscriptions, in ledgers of broadcasts, and in consents to broadcasts."""
        return self._key(_SUBSCRIPTIONS)

    @property
    def staff(self) -> bytes:
        """Key of what belongs to a person with a role: audit log, alerts, digests, broadcasts."""
        return self._key(_STAFF)

    @property
    def limits(self) -> bytes:
        """Key in codes, whose number is limited."""
        return self._key(_LIMITS)

    @property
    def scheduled(self) -> bytes:
        """Key in messages that the person asked for, which are sent later."""
        return self._key(_SCHEDULED)

    @property
    def blocked(self) -> bytes:
        """Key in blocked senders. Takes milliseconds: the row may stay when all else is erased, and
        nobody should find the person by trying all user ids.
        """
        return self._vault.slow_hash(_BLOCKED, str(self.chat_id))

    def action(self, campaign_key: bytes) -> bytes:
        """Return the key in a campaign's actions, and in consents to send its letter."""
        return self._vault.keyed_hash(_ACTION, f"{campaign_key.hex()} {self.chat_id}")

    def target(self, campaign_key: bytes, target: str, round_: int) -> bytes:
        """Return the key of the person's letter to a campaign's target in a round, 16 bytes."""
        place = f"{campaign_key.hex()} {self.chat_id} {round_} {target}"
        return self._vault.keyed_hash(_TARGET, place)[:16]

    @property
    def cleared(self) -> bytes:
        """Key in consents, other than to send letters, whose discreet chat was cleared."""
        return self._key(_CLEARED_CONSENT)

    def cleared_action(self, campaign_key: bytes) -> bytes:
        """Return the key in actions and consents whose discreet chat was cleared. Only a person who
        proved an address is told what is found with it.
        """
        return self._vault.keyed_hash(_CLEARED, f"{campaign_key.hex()} {self.chat_id}")

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return "PersonKeys()"

    def _key(self, kind: str) -> bytes:
        if kind not in self._cached:
            self._cached[kind] = self._vault.keyed_hash(kind, str(self.chat_id))
        return self._cached[kind]
