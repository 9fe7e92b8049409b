"""The parts of a Word document that are read: its styles, its lists, and its text.

The elements are those of ISO/IEC 29500-1, section 17. A name is the namespace, a space, and the
local name, as expat gives it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from conversations.folder.page_import.paragraphs import (
    MAX_CHARACTERS,
    MAX_PARAGRAPHS,
    Kind,
    Paragraph,
    clean,
    is_heading_length,
    too_long,
)

_NAMESPACES = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"

_SKIPPED = {"del", "moveFrom", "pPrChange", "rPrChange", "instrText", "delText"}
"""Elements with what was deleted, moved away or changed, and with the codes of fields."""

_OFF = ("0", "false", "off", "none")
_BODY_LEVEL = 9
"""The outline level of text that is no heading."""

_MAX_LEVEL = 6
_MAX_STYLES = 5_000
_MAX_BASES = 20
"""How many styles may build on each other."""


class Part(Protocol):
    """Receives the elements and the text of an XML file."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Receive the start of an element."""

    def end(self, name: str) -> None:
        """Receive the end of an element."""

    def text(self, data: str) -> None:
        """Receive text in the current element."""


def _local(name: str) -> str:
    """Return the local name of an element of WordprocessingML, "" for any other."""
    namespace, _, local = name.rpartition(" ")
    return local if namespace in _NAMESPACES else ""


def _attribute(attributes: dict[str, str], wanted: str) -> str:
    return next((value for name, value in attributes.items() if _local(name) == wanted), "")


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else default


@dataclass(frozen=True)
class _Format:
    """How a paragraph or a style is formatted, as far as it says so itself."""

    style: str = ""
    """The style that it has, or builds on."""

    outline: int | None = None
    """Its level in the outline, from 0."""

    list_: str | None = None
    """The id of the list that it is an item of; "0" takes it out of a list."""

    depth: int = 0
    """How deep it is in the list."""

    def with_element(self, local: str, value: str) -> "_Format":
        """Return the format with what an element says about it."""
        match local:
            case "pStyle" | "basedOn":
                return replace(self, style=value)
            case "outlineLvl":
                return replace(self, outline=_number(value, _BODY_LEVEL))
            case "numId":
                return replace(self, list_=value)
            case "ilvl":
                return replace(self, depth=_number(value, 0))
            case _:
                return self


class StylesPart:
    """Reads `word/styles.xml`: which styles are headings, and which are items of lists."""

    def __init__(self) -> None:
        """Start without any style."""
        self._formats: dict[str, _Format] = {}
        self._current = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note what an element says about the current style."""
        local, value = _local(name), _attribute(attributes, "val")
        if local == "style" and len(self._formats) < _MAX_STYLES:
            self._current = _attribute(attributes, "styleId")
            self._formats[self._current] = _Format()
        elif local == "name" and self._current:
            self._note("outlineLvl", _outline_of_name(value))
        elif self._current:
            self._note(local, value)

    def end(self, name: str) -> None:
        """Leave a style."""
        if _local(name) == "style":
            self._current = ""

    def text(self, data: str) -> None:
        """Ignore text."""

    def _note(self, local: str, value: str) -> None:
        if value:
            self._formats[self._current] = self._formats[self._current].with_element(local, value)

    def complete(self, own: _Format) -> _Format:
        """Return a paragraph's format with what its style adds."""
        style = own.style
        for _ in range(_MAX_BASES):
            base = self._formats.get(style)
            if base is None:
                break
            own = replace(
                own,
                outline=base.outline if own.outline is None else own.outline,
                list_=base.list_ if own.list_ is None else own.list_,
            )
            style = base.style
        return own


def _outline_of_name(name: str) -> str:
    """Return the outline level of a built-in style: these names are in English everywhere."""
    folded = name.lower()
    if folded == "title":
        return "0"
    number = _number(folded.removeprefix("heading "), 0)
    return str(number - 1) if folded.startswith("heading ") and number else ""


class ListsPart:
    """Reads `word/numbering.xml`: which lists are numbered."""

    def __init__(self) -> None:
        """Start without any list."""
        self._bullets: set[tuple[str, int]] = set()
        self._kinds: dict[str, str] = {}
        self._abstract = self._list = ""
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note what an element says about the current list."""
        value = _attribute(attributes, "val")
        match _local(name):
            case "abstractNum":
                self._abstract = _attribute(attributes, "abstractNumId")
            case "lvl":
                self._depth = _number(_attribute(attributes, "ilvl"), 0)
            case "numFmt" if value in ("bullet", "none"):
                self._bullets.add((self._abstract, self._depth))
            case "num":
                self._list = _attribute(attributes, "numId")
            case "abstractNumId":
                self._kinds[self._list] = value

    def end(self, name: str) -> None:
        """Ignore where elements end."""

    def text(self, data: str) -> None:
        """Ignore text."""

    def is_numbered(self, list_: str, depth: int) -> bool:
        """Whether the items of a list have numbers at this depth."""
        return list_ in self._kinds and (self._kinds[list_], depth) not in self._bullets


@dataclass
class _Open:
    """A paragraph that is being read."""

    format: _Format = field(default_factory=_Format)
    pieces: list[str] = field(default_factory=list)
    is_bold: bool = True
    """Whether all its text is bold so far."""


class DocumentPart:
    """Reads `word/document.xml`: the paragraphs of the text."""

    def __init__(self, styles: StylesPart, lists: ListsPart) -> None:
        """Start with the formats that paragraphs refer to."""
        self.paragraphs: list[Paragraph] = []
        self._styles = styles
        self._lists = lists
        self._open: list[_Open] = []
        self._skipped = 0
        self._length = 0
        self._in_text = self._in_run = self._is_bold = self._is_hidden = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Receive the start of an element."""
        local = _local(name)
        if self._skipped or local in _SKIPPED or name == f"{_COMPATIBILITY} Fallback":
            self._skipped += 1
        elif local == "p":
            self._open.append(_Open())
        elif self._open:
            self._start_in_paragraph(local, attributes)

    def _start_in_paragraph(self, local: str, attributes: dict[str, str]) -> None:
        value = _attribute(attributes, "val")
        match local:
            case "r":
                self._in_run, self._is_bold, self._is_hidden = True, False, False
            case "b" if self._in_run:
                self._is_bold = value not in _OFF
            case "vanish" if self._in_run:
                self._is_hidden = value not in _OFF
            case "t":
                self._in_text = True
            case "br" | "cr":
                self._add("\n")
            case "tab":
                self._add(" ")
            case "noBreakHyphen":
                self._add("-")
            case _ if value:
                current = self._open[-1]
                current.format = current.format.with_element(local, value)

    def end(self, name: str) -> None:
        """Receive the end of an element."""
        if self._skipped:
            self._skipped -= 1
            return
        match _local(name):
            case "p" if self._open:
                self.paragraphs += self._finished(self._open.pop())
                if len(self.paragraphs) > MAX_PARAGRAPHS:
                    raise too_long()
            case "r":
                self._in_run = False
            case "t":
                self._in_text = False

    def text(self, data: str) -> None:
        """Receive text."""
        if self._in_text and not self._skipped and not self._is_hidden:
            self._add(data)

    def _add(self, text: str) -> None:
        if not self._open:
            return
        self._length += len(text)
        if self._length > MAX_CHARACTERS:
            raise too_long()
        current = self._open[-1]
        current.pieces.append(text)
        if text.strip():
            current.is_bold = current.is_bold and self._is_bold

    def _finished(self, read: _Open) -> Iterator[Paragraph]:
        """Yield a paragraph; a line break divides it."""
        if not read.pieces:
            return
        form = self._styles.complete(read.format)
        for line in "".join(read.pieces).split("\n"):
            text = clean(line)
            if not text:
                continue
            is_bold = read.is_bold and is_heading_length(text)
            if form.outline is not None and form.outline < _BODY_LEVEL:
                yield Paragraph(text, Kind.HEADING, min(form.outline + 1, _MAX_LEVEL))
            elif form.list_ not in (None, "", "0"):
                numbered = self._lists.is_numbered(str(form.list_), form.depth)
                yield Paragraph(text, Kind.ITEM, is_numbered=numbered)
            else:
                yield Paragraph(text, Kind.HEADING if is_bold else Kind.TEXT)
