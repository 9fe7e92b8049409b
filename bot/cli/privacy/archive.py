"""`actionbot archive …`: details of letters that only the organisation can read."""

import base64
import binascii
import os
import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.failures import EXIT_FAILURE
from bot.cli.processes import run_command
from bot.errors import CommandError
from bot.settings import model
from conversations.model.archive_keys import PRIVATE_PREFIX, ArchiveKeyError, read_key

_HEADER = "actionbot archive 1"
"""First line of an export. One record in base64 follows in each line."""

archive = typer.Typer(
    no_args_is_help=True,
    help="An archive of letters that only the organisation can read, not this server.",
)


@archive.command("new-key")
def new_key(
    out: Annotated[Path, typer.Option(metavar="FILE", help="New file for the private key.")],
) -> None:
    """Make the keys of an archive: write the private one to a file, and print the public one.

    Run it on another machine than the bot's, or move the file away at once: anyone who has it can
    read the archive. Without it, nobody can.
    """
    from storage.crypto.archive import new_keys

    private, public = new_keys()
    note = "# Keep this file offline. It opens the archive with this public key:"
    _write_new(out, f"{note}\n# {public}\n{private}\n")
    typer.echo(f"The private key is in {out}. Store it away from the server, twice.")
    typer.echo("In campaign.toml:")
    typer.echo('archive = "sealed"')
    typer.echo(f'archive_key = "{public}"')


@archive.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="New file for the encrypted records.")],
) -> None:
    """Copy the archive's encrypted records to a file.

    Nobody can read it without the private key.
    """
    from bot.cli.database import maintenance

    records = run_command(maintenance.export_archive(model.load()))
    lines = [base64.b64encode(each).decode() for each in records]
    _write_new(file, "\n".join([_HEADER, *lines, ""]))
    typer.echo(f"Records: {len(records)}. /forget no longer reaches those in {file}.")


@archive.command("open")
def open_export(
    file: Annotated[Path, typer.Argument(metavar="EXPORT", help="A file made by export.")],
    key: Annotated[Path, typer.Option(metavar="FILE", help="The file with the private key.")],
) -> None:
    """Decrypt an export and print it as CSV: redirect it into a file. It needs no server.

    Exit status: 1 if some records belong to another key; those are left out.
    """
    from conversations.stats.csv_export import encode
    from storage.crypto.archive import ArchiveRecord, ArchiveRecordError, decrypt_record

    private, records, skipped = _private_key(key), [], 0
    for encrypted in _read_export(file):
        try:
            records.append(asdict(decrypt_record(private, encrypted)))
        except ArchiveRecordError:
            skipped += 1
    records.sort(key=lambda each: tuple(each.values()))
    sys.stdout.buffer.write(encode([each.name for each in fields(ArchiveRecord)], records))
    if skipped:
        typer.echo(f"Records of another key, or damaged: {skipped}", err=True)
        raise typer.Exit(EXIT_FAILURE)


def _write_new(path: Path, content: str) -> None:
    """Write a new file that only its owner can read. Raises OSError if it exists."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(descriptor)


def _private_key(path: Path) -> str:
    """Return the private key in a file. Raises CommandError."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    text = next((line.strip() for line in lines if line.startswith(PRIVATE_PREFIX)), "")
    try:
        read_key(PRIVATE_PREFIX, text)
    except ArchiveKeyError:
        fix = "Use the file that `actionbot archive new-key` wrote."
        raise CommandError("It has no private key.", fix=fix, where=str(path)) from None
    return text


def _read_export(path: Path) -> list[bytes]:
    """Return the encrypted records in a file. Raises CommandError."""
    header, *lines = path.read_text(encoding="utf-8", errors="replace").splitlines() or [""]
    try:
        if header == _HEADER:
            return [base64.b64decode(line, validate=True) for line in lines]
    except binascii.Error:
        pass
    fix = "Use a file made by `actionbot archive export`."
    raise CommandError("This isn't an export of an archive.", fix=fix, where=str(path))
