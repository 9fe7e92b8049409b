"""Keyed hashes of a person's Telegram user id: one for each purpose.

A table finds a person's rows by the hash of its own purpose. Without the key, nobody can tell that
rows of two purposes belong to the same person.
"""

from storage.crypto.vault import Vault

# Kinds of keyed hashes. They are stored in effect, so they never change.
_CHAT = "person"


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
        """Key in the table of chats."""
        return self._key(_CHAT)

    @property
    def subscriptions(self) -> bytes:
        """Key in subscriptions, in ledgers of broadcasts, and in consents to broadcasts."""
        return self._key(_CHAT)

    @property
    def staff(self) -> bytes:
        """Key of what belongs to a person with a role: audit log, alerts, digests, broadcasts."""
        return self._key(_CHAT)

    @property
    def limits(self) -> bytes:
        """Key in codes and blocked senders."""
        return self._key(_CHAT)

    def __repr__(self) -> str:
        """Show nothing of the person."""
        return "PersonKeys()"

    def _key(self, kind: str) -> bytes:
        if kind not in self._cached:
            self._cached[kind] = self._vault.keyed_hash(kind, str(self.chat_id))
        return self._cached[kind]
