"""Check that roles, modes and the audit log in the database are what the bot wrote."""

from functools import partial

from bot.doctor.finding import Finding, Status
from bot.services.housekeeping.authority_watch import verify_log
from bot.settings.model import Settings
from bot.startup import open_present_database, open_vault
from storage.admin import audit, authority
from storage.crypto.trusted_state import state_file

_ROLES, _LOG = "roles and modes", "audit log"
_FIX = "Find out who can write to the database. Then run: actionbot audit --accept"


async def authority_documents(settings: Settings) -> tuple[Finding, ...]:
    """Compare the database with what this machine knows, and verify the whole audit log."""
    if not settings.keys.file.exists():  # opening the keys would create them
        return ()
    database = await open_present_database(settings)
    if database is None:
        return ()
    try:
        vault = await open_vault(settings, database)
        refused = await database.read(partial(authority.refused, vault=vault))
        walk = await verify_log(database, vault)
    finally:
        await database.close()
    return _documents(settings, refused), _audit_log(walk.is_broken, audit.describe(walk.head))


def _documents(settings: Settings, refused: tuple[str, ...]) -> Finding:
    if refused:
        observed = f"Old, forged or missing in the database: {', '.join(refused)}."
        effect = "The bot goes by what it remembers beside its keys."
        return Finding(_ROLES, Status.BAD, observed, effect, _FIX)
    if not (file := state_file(settings.keys.file)).exists():
        observed = f"There is no {file.name} yet."
        effect = "Until the bot writes it, an old database row can't be told from the newest one."
        return Finding(_ROLES, Status.WARNING, observed, effect, "Start the bot once.")
    return Finding(_ROLES, Status.GOOD, "As the bot wrote them.")


def _audit_log(is_broken: bool, head: str) -> Finding:
    if is_broken:
        observed = f"Entries are missing, changed or forged after entry {head}."
        return Finding(_LOG, Status.BAD, observed, "It can't be trusted from there on.", _FIX)
    return Finding(_LOG, Status.GOOD, f"Intact. Last entry {head}")
