"""Check that roles, modes and the audit log in the database are what the bot wrote."""

from functools import partial

from bot.doctor.finding import Finding, Status
from bot.errors import CommandError
from bot.services.housekeeping.authority_watch import verify_log
from bot.settings.model import Settings
from bot.startup import open_present_database, open_vault
from storage.admin import audit, authority
from storage.admin.audit_chain import Walk
from storage.crypto.trusted_state import state_file

_ROLES, _LOG = "roles and modes", "audit log"
_FIX = "Find out who can write to the database. Then run: actionbot audit --accept"


async def authority_documents(settings: Settings) -> tuple[Finding, ...]:
    """Compare the database with what this machine knows, and verify the whole audit log.

    Finds nothing if the database or its keys can't be opened: that is for their own checks to say.
    """
    if not settings.keys.file.exists():  # opening the keys would create them
        return ()
    try:
        database = await open_present_database(settings)
    except CommandError:
        return ()
    if database is None:
        return ()
    try:
        vault = await open_vault(settings, database)
        documents = await database.read(partial(authority.committed, vault=vault))
        refused = await database.read(partial(authority.refused, vault=vault))
        walk = await verify_log(database, vault)
    except CommandError:
        return ()
    finally:
        await database.close()
    return (
        _documents(settings, refused, is_empty=not documents),
        _audit_log(walk),
    )


def _documents(settings: Settings, refused: tuple[str, ...], *, is_empty: bool) -> Finding:
    if refused:
        observed = f"Old, forged or missing in the database: {', '.join(refused)}."
        effect = "The bot goes by what it remembers beside its keys."
        return Finding(_ROLES, Status.BAD, observed, effect, _FIX)
    if is_empty:
        return Finding(_ROLES, Status.GOOD, "There are none yet.")
    if not (file := state_file(settings.keys.file)).exists():
        observed = f"There is no {file.name} yet."
        effect = "Until the bot writes it, an old database row can't be told from the newest one."
        return Finding(_ROLES, Status.WARNING, observed, effect, "Start the bot once.")
    return Finding(_ROLES, Status.GOOD, "As the bot wrote them.")


def _audit_log(walk: Walk) -> Finding:
    head = audit.describe(walk.head)
    if walk.is_broken:
        observed = f"Entries are missing, changed or forged after entry {head}."
        return Finding(_LOG, Status.BAD, observed, "It can't be trusted from there on.", _FIX)
    if not walk.head.position:
        return Finding(_LOG, Status.GOOD, "It has no entry yet.")
    return Finding(_LOG, Status.GOOD, f"Intact. Last entry {head}")
