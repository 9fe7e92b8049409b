"""A section of a document about data protection, as Markdown or as JSON."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A heading, paragraphs, and a table."""

    title: str

    level: int = 2
    """Level of the heading: 1 for a document, 2 for a section of one."""

    paragraphs: tuple[str, ...] = ()

    columns: tuple[str, ...] = ()

    rows: tuple[tuple[str, ...], ...] = ()

    def markdown(self) -> str:
        """Return the section as Markdown, with an empty line at its end."""
        lines = [f"{'#' * self.level} {self.title}", ""]
        for paragraph in self.paragraphs:
            lines += [_flat(paragraph), ""]
        if self.columns:
            lines += [_row(self.columns), "|" + "---|" * len(self.columns)]
            lines += [*map(_row, self.rows), ""]
        return "\n".join(lines)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(_flat(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def _flat(text: str) -> str:
    """Return the text on one line: a value of a file can't begin a heading or another row."""
    return " ".join(text.split())
