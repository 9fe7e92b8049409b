"""Random keys of campaigns. Hashes of people and addresses in a campaign's actions depend on them.

A key is created when it is first needed, and destroyed with the last data of its campaign. After
that, nobody can find out whether a person acted in the campaign, even with all other keys.
"""

import secrets

from sqlalchemy import Connection, bindparam, delete, exists, select, text

from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine import memory
from storage.engine.dialects import insert
from storage.schema.encryption import CAMPAIGN_KEY
from storage.schema.tables import OF_CAMPAIGN, actions, campaign_keys, consents

_KEY_SIZE = 32
"""Size of a key, in bytes."""

_REMEMBERED = "campaign keys"

_ALL = select(campaign_keys)
# On PostgreSQL, FOR SHARE: the key isn't destroyed before the transaction ends.
_KEPT = _ALL.where(campaign_keys.c.campaign == bindparam("of")).with_for_update(read=True)


def find_or_create(connection: Connection, vault: Vault, campaign: str) -> bytes:
    """Return the key of a campaign, and keep it from being destroyed in this transaction."""
    place = campaign.encode()
    row = connection.execute(_KEPT, {"of": campaign}).one_or_none()
    if row is None:
        memory.forget(connection, _REMEMBERED)
        new = vault.encrypt(secrets.token_bytes(_KEY_SIZE), CAMPAIGN_KEY, row=place)
        added = insert(connection.dialect.name, campaign_keys).on_conflict_do_nothing()
        connection.execute(added, {"campaign": campaign, "encrypted_key": new})
        # Of another transaction, if that was first.
        row = connection.execute(_KEPT, {"of": campaign}).one()
    return vault.decrypt(row.encrypted_key, CAMPAIGN_KEY, row=place)


def find_all(connection: Connection, vault: Vault) -> dict[str, bytes]:
    """Return the keys of all campaigns that have data, by slug. They are read once."""

    def read() -> dict[str, bytes]:
        return {
            row.campaign: vault.decrypt(row.encrypted_key, CAMPAIGN_KEY, row=row.campaign.encode())
            for row in connection.execute(_ALL)
        }

    return memory.remember(connection, _REMEMBERED, read)


def keys_of_person(connection: Connection, vault: Vault, person: PersonKeys) -> list[bytes]:
    """Return the keys by which a person's actions are found, one for each campaign."""
    return [person.action(key) for key in find_all(connection, vault).values()]


def cleared_keys_of_person(connection: Connection, vault: Vault, person: PersonKeys) -> list[bytes]:
    """Return the keys of a person's actions whose discreet chat was cleared."""
    return [person.cleared_action(key) for key in find_all(connection, vault).values()]


def destroy_unused(connection: Connection) -> None:
    """Destroy the keys of campaigns without any action or consent."""
    slug = campaign_keys.c.campaign
    used = (
        exists().where(text(OF_CAMPAIGN), actions.c.campaign == slug),
        exists().where(consents.c.scope == slug, consents.c.kind == "send"),
    )
    unused = select(slug).where(*(~each for each in used))
    memory.forget(connection, _REMEMBERED)
    # Locked first: whoever is about to add an action holds the key.
    locked = connection.execute(unused.with_for_update()).scalars().all()
    gone = delete(campaign_keys).where(slug.in_(locked), *(~each for each in used))
    connection.execute(gone)
