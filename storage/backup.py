"""A copy of an SQLite database, made while the bot runs."""

import sqlite3
from contextlib import closing
from pathlib import Path


def copy(source: Path, target: Path) -> None:
    """Copy the database at `source` to `target`, whole and of one moment, with mode 0600.

    Raises FileNotFoundError where there is none, and sqlite3.Error.
    """
    if not source.exists():
        raise FileNotFoundError(source)
    draft = target.with_name(f"{target.name}.part")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(draft)) as kept:
        live.backup(kept)
    draft.replace(target)
