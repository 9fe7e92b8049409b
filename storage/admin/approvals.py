"""Approvals: what the bot may send to many people, exactly as somebody confirmed it.

An approval stands in a document of authority, so that a row that is changed in the database, or put
back from a copy, is not approved. It ends with `revoke` once the messages were sent.
"""

from collections.abc import Collection

from sqlalchemy import Connection

from storage.admin import authority
from storage.crypto.vault import Vault

_KIND = "approval"
"""Kind of the keyed hash. It never changes."""


def approve(connection: Connection, vault: Vault, about: str, content: bytes) -> None:
    """Approve `content` for `about`, such as the id of a broadcast, in place of any before.

    `content` has everything that must stay as it is: text, audience, time, and who confirmed it.
    """
    authority.lock(connection)
    approved = _approved(connection, vault)
    authority.write(
        connection,
        vault,
        authority.APPROVALS,
        {**approved, about: _digest(vault, about, content)},
    )


def is_approved(connection: Connection, vault: Vault, about: str, content: bytes) -> bool:
    """Whether exactly this content was approved for `about`, and the approval has not ended."""
    return _approved(connection, vault).get(about) == _digest(vault, about, content)


def revoke(connection: Connection, vault: Vault, about: str) -> None:
    """End the approval for `about`, if there is one."""
    authority.lock(connection)
    approved = _approved(connection, vault)
    if about in approved:
        left = {each: digest for each, digest in approved.items() if each != about}
        authority.write(connection, vault, authority.APPROVALS, left)


def keep_only(connection: Connection, vault: Vault, about: Collection[str]) -> None:
    """End all approvals but those for `about`."""
    if not _approved(connection, vault).keys() <= set(about):
        authority.lock(connection)
        approved = _approved(connection, vault)
        left = {each: digest for each, digest in approved.items() if each in about}
        authority.write(connection, vault, authority.APPROVALS, left)


def revoke_all(connection: Connection, vault: Vault) -> None:
    """End all approvals: nothing more is sent to many people until it is confirmed again."""
    authority.lock(connection)
    if _approved(connection, vault):
        authority.write(connection, vault, authority.APPROVALS, {})


def _approved(connection: Connection, vault: Vault) -> dict[str, str]:
    """Return the digests of what was approved, by what it is for."""
    return dict(authority.read(connection, vault, authority.APPROVALS).content or {})


def _digest(vault: Vault, about: str, content: bytes) -> str:
    return vault.keyed_hash(_KIND, f"{about}\n{content.hex()}").hex()
