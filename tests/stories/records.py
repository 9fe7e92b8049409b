"""Read what a dialogue test left in the database."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson
from sqlalchemy import Table

from storage.admin import campaign_modes, roles
from storage.admin.campaign_modes import Mode
from storage.admin.roles import Team
from storage.crypto.key_rotation import row_key
from storage.crypto.vault import Vault
from storage.schema.encryption import EncryptionContext
from storage.schema.tables import ENCRYPTION, counters, tallies
from tests.stage import Stage
from tests.vaults import vault_of


async def read_table(stage: Stage, table: Table) -> list[dict[str, Any]]:
    """Return all rows of a table, with what their encrypted columns contain, as far as it is JSON.

    The fields of a column with several are beside the others; `encrypted_number` is also `number`.
    """
    async with stage.bot() as app:
        rows = await app.core.database.read(lambda c: c.execute(table.select()).all())
    return [_opened(stage, table, dict(row._mapping)) for row in rows]


def _opened(stage: Stage, table: Table, row: dict[str, Any]) -> dict[str, Any]:
    place = row[row_key(table).name]
    place = place.encode() if isinstance(place, str) else place
    more: dict[str, Any] = {}
    for column in table.columns:
        if (context := column.info.get(ENCRYPTION)) is None:
            continue
        name = column.name.removeprefix("encrypted_")
        more[name] = None
        with suppress(orjson.JSONDecodeError):
            if (encrypted := row[column.name]) is not None:
                content = decrypted(stage, encrypted, context, row=place)
                more |= content if isinstance(content, dict) else {name: content}
                more[f"{name}_at"] = more.get("at")
    return more | row


async def count_letters(stage: Stage) -> tuple[int, int, int]:
    """Return the count of letters: the counter, and sent and accepted in the daily figures."""
    rows = await read_table(stage, tallies)
    by_stage = {
        name: sum(row["count"] for row in rows if row["value"] == name and row["day"])
        for name in ("sent", "accepted")
    }
    accepted = sum(row["accepted"] for row in await read_table(stage, counters))
    return accepted, by_stage["sent"], by_stage["accepted"]


async def read_team(stage: Stage) -> Team:
    """Return the team as it is saved."""
    async with stage.bot() as app:
        return await app.core.database.read(lambda c: roles.load(c, app.core.vault))


async def read_modes(stage: Stage) -> Mapping[str, Mode]:
    """Return the modes of campaigns as they are saved."""
    async with stage.bot() as app:
        modes = await app.core.database.read(lambda c: campaign_modes.load(c, app.core.vault))
    return modes.by_campaign


def vault(stage: Stage) -> Vault:
    """Return a vault with the bot's keys."""
    return vault_of(stage.settings.keys.file)


def decrypted(stage: Stage, encrypted: bytes, context: EncryptionContext, *, row: bytes) -> Any:
    """Decrypt a personal value."""
    return orjson.loads(vault(stage).decrypt(encrypted, context, row=row))
