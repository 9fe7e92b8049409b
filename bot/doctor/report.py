"""Print findings: as a table on a terminal, as a plain list elsewhere, with the DNS records."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from bot.doctor.finding import Finding, Status

_MARKS = {Status.GOOD: "✓", Status.WARNING: "!", Status.BAD: "✗"}
_STYLES = {Status.GOOD: "green", Status.WARNING: "yellow", Status.BAD: "bold red"}

_WIDE_TERMINAL = 110
"""From this many columns on, found, meaning and fix get a table column each."""


def table(findings: Sequence[Finding], width: int) -> Table:
    """Return the findings as a table that is readable at `width` columns."""
    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, expand=True)
    shown.add_column("")
    shown.add_column("What", max_width=width // 4, overflow="fold")
    wide = width >= _WIDE_TERMINAL
    narrow_title = "Found, what it means, what to do"
    for title in ("Found", "What it means", "What to do") if wide else (narrow_title,):
        shown.add_column(title, ratio=1, overflow="fold")
    for finding in findings:
        style = _STYLES[finding.status]
        subject = Text(finding.subject, "bold")
        if finding.about:
            subject.append(f"\n{finding.about}", "not bold dim")
        parts = (Text(finding.observed), Text(finding.meaning), Text(_fix(finding), "cyan"))
        cells = parts if wide else (Text("\n").join(part for part in parts if part),)
        shown.add_row(Text(_MARKS[finding.status], style), subject, *cells)
    return shown


def lines(findings: Sequence[Finding], *, in_table: bool) -> Iterator[str]:
    """Yield the findings as a list, the DNS records, and how many problems there are.

    With `in_table`, the list is left out. Records are not wrapped, so that they can be copied.
    """
    for finding in () if in_table else findings:
        yield from finding_lines(finding)
    records = dict.fromkeys(record for finding in findings for record in finding.records)
    if records:
        yield from ("", "Add to your DNS:")
    for record in records:
        yield from record.lines()
    bad, warnings = (
        sum(finding.status is status for finding in findings)
        for status in (Status.BAD, Status.WARNING)
    )
    yield ""
    if bad or warnings:
        yield f"Problems: {bad}. Warnings: {warnings}."
    else:
        yield "Everything looks fine."


def finding_lines(finding: Finding) -> Iterator[str]:
    """Yield a finding in plain lines, without its records."""
    about = f" ({finding.about})" if finding.about else ""
    yield f"{_MARKS[finding.status]} {finding.subject}{about}: {finding.observed}"
    yield from (f"  {part}" for part in (finding.meaning, _fix(finding)) if part)


def _fix(finding: Finding) -> str:
    return f"→ {finding.fix}" if finding.fix else ""
