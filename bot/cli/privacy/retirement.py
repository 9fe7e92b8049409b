"""The steps of `actionbot retire`: they can be repeated, and go on where they were interrupted.

    nothing ─▶ announced ─ the day comes ─▶ wiping ─▶ nothing, and a report
                   └── called off ─▶ nothing

What was done is noted in a file beside the key file. Keys are destroyed first: whatever happens
after that, nobody can read what is left.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from bot.cli.database import maintenance
from bot.cli.serving import FIRST_ADMIN_FILE
from bot.errors import CommandError
from bot.settings.model import Settings
from bot.startup import open_present_database
from storage.crypto import keys
from storage.erasure import wipe

LEFT = (
    "Backups. The server's keys are gone, so only a copy of the key file opens one, and only one "
    "made on {first_day} or later. Destroy all copies of the key file, then the backups.",
    "Exports: files of `actionbot export` and `actionbot archive`, files that the bot sent to "
    "people in the chat, and whatever was made of them.",
    "Mailboxes: letters that were delivered, answers that were forwarded, alerts, and copies that "
    "supporters asked for.",
    "The mail server: its logs and its queue.",
    "Telegram: the messages in people's chats. Delete the bot with @BotFather: /deletebot.",
    "This server: logs, the settings file with its passwords, the key that signs mail, and what "
    "the database server keeps of its own, such as archived logs.",
)
"""What no command can wipe, in the words of the report."""


@dataclass(frozen=True)
class Retirement:
    """How far a retirement has come."""

    wipe_on: date
    """The first day on which everything is wiped."""

    notice: str
    """The id of the announcement."""

    announced: bool = False
    """Whether people were told."""

    wiping: bool = False
    """Whether the wipe has begun: there is no way back."""

    rows: Mapping[str, int] | None = None
    """The number of rows that each table had; None: they were not counted yet."""

    first_day: str = ""
    """The first day that the keys opened; "" if there was no key file."""


def state_file(settings: Settings) -> Path:
    """Return the file that says how far a retirement has come."""
    return settings.keys.file.with_name(f"{settings.keys.file.name}.retirement")


def load(settings: Settings) -> Retirement | None:
    """Return how far the retirement has come; None if none has begun."""
    file = state_file(settings)
    if not file.exists():
        return None
    saved = json.loads(file.read_text("utf-8"))
    return Retirement(**{**saved, "wipe_on": date.fromisoformat(saved["wipe_on"])})


def save(settings: Settings, retirement: Retirement) -> None:
    """Write how far the retirement has come, so that a crash loses nothing."""
    file = state_file(settings)
    draft = file.with_name(f"{file.name}.draft")
    draft.unlink(missing_ok=True)
    keys.write_private(draft, json.dumps(asdict(retirement), default=str))
    draft.replace(file)


def call_off(settings: Settings) -> None:
    """Forget the retirement."""
    state_file(settings).unlink(missing_ok=True)


async def begin_wipe(settings: Settings, retirement: Retirement) -> Retirement:
    """Count what there is, and note that the wipe has begun. Raises CommandError."""
    async with maintenance.open_existing_database(settings) as database:
        if not await database.lock_exclusively():
            raise CommandError("The bot is running.", fix="Stop it on every machine first.")
        rows = await database.read(wipe.count_rows)
    first_day = ""
    if settings.keys.file.exists():
        first_day = keys.load(settings.keys.file).first_day.isoformat()
    begun = replace(retirement, wiping=True, rows=rows, first_day=first_day)
    save(settings, begun)
    return begun


def destroy_keys(settings: Settings) -> None:
    """Overwrite and delete the key file and the files beside it: trusted state, invitation."""
    file, kept = settings.keys.file, state_file(settings)
    for each in (*sorted(file.parent.glob(f"{file.name}*")), file.with_name(FIRST_ADMIN_FILE)):
        if each == kept or not each.is_file():
            continue
        with each.open("r+b") as opened:
            opened.write(bytes(each.stat().st_size))
            opened.flush()
            os.fsync(opened.fileno())
        each.unlink()


async def delete_database(settings: Settings) -> None:
    """Delete the database, if there is one. Raises CommandError."""
    if settings.database.file is not None:
        wipe.delete_sqlite(settings.database.file)
    elif (database := await open_present_database(settings)) is not None:
        try:
            await database.transact(wipe.drop_tables)
        finally:
            await database.close()


def write_report(settings: Settings, begun: Retirement, report: Path) -> None:
    """Write what was wiped, and what could not be. This ends the retirement."""
    report.write_text("".join(f"{line}\n" for line in _lines(settings, begun)), "utf-8")
    call_off(settings)


def _lines(settings: Settings, begun: Retirement) -> Iterator[str]:
    yield "# What was wiped when the bot was retired"
    yield ""
    yield f"- The keys that open personal data: {settings.keys.file}, with the files beside it."
    for table, count in sorted((begun.rows or {}).items()):
        yield f"- Table `{table}`: {count} rows."
    yield ""
    yield "# What could not be wiped"
    yield ""
    for line in LEFT:
        yield f"- {line.format(first_day=begun.first_day or 'any day')}"
