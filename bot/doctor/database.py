"""Where everything is kept: the database, and whether the keys are those of what is in it."""

import shutil
import time

from bot.doctor.finding import Finding, Status, check_failed
from bot.errors import CommandError
from bot.settings.model import Settings
from bot.startup import not_opened, open_vault, other_version
from storage.crypto import key_rotation
from storage.database_health import DatabaseHealth, check_health
from storage.engine.database import Database
from storage.engine.urls import open_database
from storage.schema import migrations

_WHAT = "database"

_LITTLE, _TOO_LITTLE = 10**9, 10**8
"""Bytes that are free: what is little for a database that grows, and what it cannot work with."""

_SLOW = 0.05
"""Seconds. An answer to a supporter takes several ways to the database and back."""


async def database(settings: Settings) -> tuple[Finding, ...]:
    """Open the database, but make nothing; look at its condition, its room and its keys."""
    file = settings.database.file
    if file is not None and not file.parent.is_dir():
        seen, fix = f"There is no folder {file.parent}.", "Make it, or set another database.url."
        return (Finding(_WHAT, Status.BAD, seen, "The bot cannot start.", fix),)
    room = () if file is None else (check_disk(shutil.disk_usage(file.parent).free),)
    if file is not None and not file.exists():
        seen = "There is none yet: the first start makes it."
        return (Finding(_WHAT, Status.GOOD, seen), *room)
    try:
        opened = await open_database(settings.database.url.get_secret_value())
        try:
            return (*await _opened(settings, opened), *room)
        finally:
            await opened.close()
    except CommandError as mistaken:
        return (check_failed(_WHAT, mistaken), *room)
    except Exception as error:
        return (check_failed(_WHAT, not_opened(error)), *room)


async def _opened(settings: Settings, opened: Database) -> tuple[Finding, ...]:
    # In a transaction that could change something: that it can be written to is seen, too.
    now = await opened.transact(check_health)
    if now.revision is None:
        return (Finding(_WHAT, Status.GOOD, f"{now.engine}, empty: the first start fills it."),)
    if now.revision != migrations.latest():
        raise other_version(now.revision)
    before = time.perf_counter()
    await opened.read(migrations.current_revision)
    seconds = time.perf_counter() - before
    return (describe(now, seconds), await _keys(settings, opened))


def describe(now: DatabaseHealth, seconds: float) -> Finding:
    """Return what a condition means; a read took `seconds`."""
    seen = f"{now.engine}, of this version; it answers in {seconds * 1000:.1f} ms."
    if not now.writable:
        means, fix = "No answer can be kept.", "Name the server that others follow."
        return Finding(_WHAT, Status.BAD, f"{seen} It cannot be written to.", means, fix)
    if not now.lasts:
        means = "A loss of power may lose what was promised, and send letters twice."
        fix = "SQLite: keep it on a local disk. PostgreSQL: set fsync and synchronous_commit on."
        return Finding(_WHAT, Status.BAD, f"{seen} Its commits do not last.", means, fix)
    if seconds > _SLOW:
        means, fix = "The bot answers slowly.", "Run it near its database."
        return Finding(_WHAT, Status.WARNING, seen, means, fix)
    return Finding(_WHAT, Status.GOOD, seen)


def check_disk(free: int) -> Finding:
    """Return what it means that so many bytes are free where the database is."""
    seen = f"{free / 10**9:.1f} GB are free where the database is."
    if free >= _LITTLE:
        return Finding("disk", Status.GOOD, seen)
    means, fix = "Once the disk is full, nothing can be kept.", "Make room, or move the database."
    well = Status.BAD if free < _TOO_LITTLE else Status.WARNING
    return Finding("disk", well, seen, means, fix)


async def _keys(settings: Settings, opened: Database) -> Finding:
    """Look whether the keys open what is stored."""
    if not settings.keys.file.exists() and not await opened.read(key_rotation.sample_value):
        return Finding("keys", Status.GOOD, "There are none yet: the first start makes them.")
    try:
        await open_vault(settings, opened)
    except CommandError as mistaken:
        return check_failed("keys", mistaken)
    return Finding("keys", Status.GOOD, "They open what is in the database.")
