"""Check the database: that it opens, its health and free space, and that the keys fit it."""

import shutil
import time

from bot.database_errors import database_error
from bot.doctor.finding import Finding, Status, check_failed
from bot.errors import CommandError
from bot.settings.model import Settings
from bot.startup import open_vault, other_version
from storage.crypto import key_rotation
from storage.database_health import DatabaseHealth, check_health
from storage.engine.database import Database
from storage.engine.urls import open_database
from storage.schema import migrations

_SUBJECT = "database"

_LOW_SPACE_BYTES = 10**9
"""Below this, a growing database may soon fill the disk."""

_MIN_SPACE_BYTES = 10**8
"""Below this, the database cannot work."""

_SLOW_READ_SECONDS = 0.05
"""An answer to a supporter needs several round trips to the database."""


async def database(settings: Settings) -> tuple[Finding, ...]:
    """Open the database without creating anything; check its health, free space and keys."""
    file = settings.database.file
    if file is not None and not file.parent.is_dir():
        observed, fix = f"There is no folder {file.parent}.", "Create it, or change database.url."
        return (Finding(_SUBJECT, Status.BAD, observed, "The bot can't start.", fix),)
    space = () if file is None else (check_disk(shutil.disk_usage(file.parent).free),)
    if file is not None and not file.exists():
        observed = "There is none yet: the bot creates it when it first starts."
        return (Finding(_SUBJECT, Status.GOOD, observed), *space)
    url = settings.database.url.get_secret_value()
    try:
        opened = await open_database(url)
        try:
            return (*await _check_opened(settings, opened), *space)
        finally:
            await opened.close()
    except CommandError as error:
        return (check_failed(_SUBJECT, error), *space)
    except Exception as error:
        return (check_failed(_SUBJECT, database_error(error, url)), *space)


async def _check_opened(settings: Settings, opened: Database) -> tuple[Finding, ...]:
    # In a write transaction, so that a read-only database is noticed.
    health = await opened.transact(check_health)
    if health.revision is None:
        observed = f"{health.engine}, empty: the bot sets it up when it first starts."
        return (Finding(_SUBJECT, Status.GOOD, observed),)
    if health.revision != migrations.latest():
        raise other_version(health.revision)
    start = time.perf_counter()
    await opened.read(migrations.current_revision)
    read_seconds = time.perf_counter() - start
    return (describe(health, read_seconds), await _check_keys(settings, opened))


def describe(health: DatabaseHealth, read_seconds: float) -> Finding:
    """Return what the health of a database means; `read_seconds` is how long one read took."""
    observed = f"{health.engine}, of this version; it answers in {read_seconds * 1000:.1f} ms."
    if not health.writable:
        meaning, fix = "Nothing can be saved.", "Use the primary server."
        return Finding(_SUBJECT, Status.BAD, f"{observed} It's read-only.", meaning, fix)
    if not health.lasts:
        meaning = "A power cut could lose confirmed data and send letters twice."
        fix = "SQLite: keep it on a local disk. PostgreSQL: set fsync and synchronous_commit on."
        return Finding(
            _SUBJECT, Status.BAD, f"{observed} Its commits aren't durable.", meaning, fix
        )
    if read_seconds > _SLOW_READ_SECONDS:
        meaning, fix = "The bot answers slowly.", "Run it near its database."
        return Finding(_SUBJECT, Status.WARNING, observed, meaning, fix)
    return Finding(_SUBJECT, Status.GOOD, observed)


def check_disk(free_bytes: int) -> Finding:
    """Return what the free space on the database's disk means."""
    observed = f"{free_bytes / 10**9:.1f} GB are free where the database is."
    if free_bytes >= _LOW_SPACE_BYTES:
        return Finding("disk", Status.GOOD, observed)
    meaning = "Once the disk is full, nothing can be saved."
    fix = "Free some space, or move the database."
    status = Status.BAD if free_bytes < _MIN_SPACE_BYTES else Status.WARNING
    return Finding("disk", status, observed, meaning, fix)


async def _check_keys(settings: Settings, opened: Database) -> Finding:
    """Check that the keys can decrypt what is stored: one value of each column."""
    samples = await opened.read(key_rotation.sample_values)
    if not settings.keys.file.exists() and not samples:
        observed = "There are none yet: the bot creates them when it first starts."
        return Finding("keys", Status.GOOD, observed)
    try:
        vault = await open_vault(settings, opened)
    except CommandError as error:
        return check_failed("keys", error)
    places = [sample.context for sample in samples if not sample.can_decrypt(vault)]
    if places:
        names = ", ".join(f"{place.table} ({place.column})" for place in places)
        observed = f"They don't decrypt all values in: {names}."
        meaning = "Those values are damaged, or someone else wrote them."
        fix = "Find out who can write to the database. If need be, restore a backup."
        return Finding("keys", Status.BAD, observed, meaning, fix)
    return Finding("keys", Status.GOOD, "They match the database.")
