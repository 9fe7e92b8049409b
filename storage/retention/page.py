"""How long everything is kept, for readers: the table in `docs/retention.md`.

.venv/bin/python -m storage.retention.page    writes the page again
"""

from collections.abc import Iterator
from pathlib import Path

from storage.retention.rules import RULES

PAGE = Path(__file__).parents[2] / "docs" / "retention.md"

_HEAD = """# How long data is kept

Everything that the database holds, for how long, and why. This page is written by
`.venv/bin/python -m storage.retention.page` from the rules that delete the data; a test compares
the two.

Expired data is deleted every ten minutes; `actionbot purge` does it now, and `actionbot purge
--dry-run` shows how many rows would go, and the oldest of each. `/forget` deletes a supporter's
data sooner, except where the table says that rows stay. `/mydata` shows a supporter what is held.
[Columns](columns.md) says how each value is stored.
"""

_TAIL = """
Beside the key file are `<key file>.state`, the newest roles, modes and end of the audit log, which
is replaced with each change; and `<key file>.erasures`, a copy of the table `erasures`, kept as
long. Logs belong to your system. Backups are yours: after `[keys] backup_days`, the server's keys
can't open them.
"""


def table() -> Iterator[str]:
    """Yield the lines of a table in Markdown."""
    yield "| what | table | kept | why |"
    yield "|---|---|---|---|"
    for rule in RULES:
        yield f"| {rule.what} | `{rule.table.name}` | {rule.term()} | {rule.why} |"


def page() -> str:
    """Return the page."""
    return "\n".join((_HEAD, *table(), _TAIL))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
