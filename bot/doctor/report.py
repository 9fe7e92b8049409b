"""Findings for people: a table on a terminal, a plain list elsewhere, and the records to paste."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from bot.doctor.finding import Finding, Status

_MARKS = {Status.GOOD: "✓", Status.WARNING: "!", Status.BAD: "✗"}
_STYLES = {Status.GOOD: "green", Status.WARNING: "yellow", Status.BAD: "bold red"}

_WIDE = 110
"""Columns of a terminal from which on what a thing means, and its mend, stand beside it."""


def table(findings: Sequence[Finding], width: int) -> Table:
    """Return the findings as a table that can be read at `width` columns."""
    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, expand=True)
    shown.add_column("")
    shown.add_column("What", max_width=width // 4, overflow="fold")
    wide = width >= _WIDE
    for title in ("Seen", "What it means", "Mend") if wide else ("Seen, what it means, mend",):
        shown.add_column(title, ratio=1, overflow="fold")
    for finding in findings:
        style = _STYLES[finding.status]
        what = Text(finding.subject, "bold")
        if finding.about:
            what.append(f"\n{finding.about}", "not bold dim")
        parts = (Text(finding.observed), Text(finding.meaning), Text(_mend(finding), "cyan"))
        cells = parts if wide else (Text("\n").join(part for part in parts if part),)
        shown.add_row(Text(_MARKS[finding.status], style), what, *cells)
    return shown


def lines(findings: Sequence[Finding], *, in_table: bool) -> Iterator[str]:
    """Yield the findings as a plain list, unless they stand `in_table`; then what is to be pasted
    into DNS, on lines that can be copied, and how much is wrong.
    """
    for finding in () if in_table else findings:
        yield from finding_lines(finding)
    records = dict.fromkeys(record for finding in findings for record in finding.records)
    if records:
        yield from ("", "For DNS:")
    for record in records:
        yield from record.lines()
    bad, warnings = (
        sum(finding.status is well for finding in findings) for well in (Status.BAD, Status.WARNING)
    )
    yield ""
    yield f"Faults: {bad}. Warnings: {warnings}." if bad or warnings else "All is well."


def finding_lines(finding: Finding) -> Iterator[str]:
    """Yield a finding in plain lines, without its records."""
    about = f" ({finding.about})" if finding.about else ""
    yield f"{_MARKS[finding.status]} {finding.subject}{about}: {finding.observed}"
    yield from (f"  {part}" for part in (finding.meaning, _mend(finding)) if part)


def _mend(finding: Finding) -> str:
    return f"→ {finding.fix}" if finding.fix else ""
