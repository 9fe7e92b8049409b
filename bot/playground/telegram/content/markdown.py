"""Converts Telegram's two kinds of Markdown to entities (Bot API, "Formatting options").

Errors are worded as in the source code of tdlib, MessageEntity.cpp.
"""

import re
from dataclasses import dataclass
from typing import Any

from bot.playground.telegram.content.entities import utf16_length
from bot.playground.telegram.refusal import bad_request

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
"""MarkdownV2 style: these characters "must be escaped with the preceding character '\\'"."""

_MARKS = {"__": "underline", "_": "italic", "*": "bold", "~": "strikethrough", "||": "spoiler"}
"""What stands at both ends of an entity, the longest first."""

_NAMES = {"text_link": "TextUrl", "blockquote": "BlockQuote"}
"""Names of entities in errors, where they aren't the capitalised type."""

_LINK = re.compile(r"\((?P<url>(?:\\.|[^\\)])*)\)", re.DOTALL)
_ESCAPED = re.compile(r"\\([\x01-\x7e])")
_PRE = re.compile(r"```(?:(?P<language>[^\s`]+)(?=\s))?\n?(?P<code>(?:\\.|[^\\])*?)```", re.DOTALL)
_CODE = re.compile(r"`(?P<code>(?:\\.|[^\\`])*)`", re.DOTALL)
_OLD = re.compile(
    r"```(?:(?P<language>[^\s`]+)(?=\s))?\n?(?P<pre>.*?)```|`(?P<code>[^`]*)`|_(?P<italic>[^_]*)_"
    r"|\*(?P<bold>[^*]*)\*|\[(?P<text_link>[^\]]*)\](?:\((?P<url>[^)]*)\))?",
    re.DOTALL,
)

Entities = list[dict[str, Any]]


@dataclass
class _Open:
    kind: str
    start: int
    at: int


class _Writer:
    """Collects plain text and entities. Offsets are UTF-16 code units."""

    def __init__(self) -> None:
        self.plain: list[str] = []
        self.entities: Entities = []
        self.length = 0

    def write(self, text: str) -> None:
        self.plain.append(text)
        self.length += utf16_length(text)

    def mark(self, kind: str, start: int, **fields: str | None) -> None:
        """Add an entity from `start` to here, unless it is empty or a link that leads nowhere."""
        url = fields.get("url") or "https://"
        safe = url.startswith(("http://", "https://", "tg://"))
        if safe and self.length > start:
            kept = {name: value for name, value in fields.items() if value}
            span = {"offset": start, "length": self.length - start}
            self.entities.append({"type": kind, **span, **kept})

    def result(self) -> tuple[str, Entities]:
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.plain), self.entities


def parse_old(text: str) -> tuple[str, Entities]:
    """Parse "Markdown style", the legacy one. Raises ApiRefusal."""
    writer, position = _Writer(), 0
    while position < len(text):
        if text[position] == "\\" and text[position + 1 : position + 2] in tuple("_*`["):
            writer.write(text[position + 1])
            position += 2
        elif text[position] not in "_*`[":
            writer.write(text[position])
            position += 1
        else:
            found = _OLD.match(text, position)
            if found is None:
                raise _error(f"Can't find end of the entity starting at {_at(text, position)}")
            _write_old(writer, found)
            position = found.end()
    return writer.result()


def _write_old(writer: _Writer, found: re.Match[str]) -> None:
    groups, start = found.groupdict(), writer.length
    kind = next(
        kind for kind in ("pre", "code", "italic", "bold", "text_link") if groups[kind] is not None
    )
    writer.write(groups[kind])
    if kind == "text_link":
        writer.mark(kind, start, url=groups["url"] or groups[kind])
    else:
        writer.mark(kind, start, language=groups["language"])


def parse(text: str) -> tuple[str, Entities]:
    """Parse "MarkdownV2 style". Raises ApiRefusal."""
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._writer = _Writer()
        self._open: list[_Open] = []
        self._position = 0

    def parse(self) -> tuple[str, Entities]:
        while self._position < len(self._text):
            self._step()
        if self._open and self._open[-1].kind == "blockquote":
            self._close()
        if self._open:
            last = self._open[-1]
            name = _NAMES.get(last.kind, last.kind.capitalize())
            raise _error(f"Can't find end of {name} entity at {_at(self._text, last.at)}")
        return self._writer.result()

    def _step(self) -> None:
        if self._quote():
            return
        escaped = _ESCAPED.match(self._text, self._position)
        char = self._text[self._position]
        if escaped:
            self._writer.write(escaped[1])
            self._position = escaped.end()
        elif char not in _RESERVED:
            self._writer.write(char)
            self._position += 1
        elif char == "`":
            self._code()
        elif mark := next((m for m in _MARKS if self._text.startswith(m, self._position)), ""):
            self._mark(_MARKS[mark])
            self._position += len(mark)
        elif char == "[":
            self._mark("text_link")
            self._position += 1
        elif char == "]" and self._open and self._open[-1].kind == "text_link":
            self._link()
        else:
            raise _error(
                f"Character '{char}' is reserved and must be escaped with the preceding '\\'"
            )

    def _mark(self, kind: str) -> None:
        """Close the innermost entity if it is of this kind, or open another."""
        if self._open and self._open[-1].kind == kind != "text_link":
            self._close()
        else:
            self._open.append(_Open(kind, self._writer.length, self._position))

    def _close(self, **fields: str) -> None:
        closed = self._open.pop()
        self._writer.mark(closed.kind, closed.start, **fields)

    def _quote(self) -> bool:
        """Begin or end a quotation at the beginning of a line; return whether a mark was read."""
        if self._position and self._text[self._position - 1] != "\n":
            return False
        is_quoted = self._text[self._position] == ">"
        is_open = bool(self._open) and self._open[-1].kind == "blockquote"
        if is_open and not is_quoted:
            self._close()
        elif is_quoted and not is_open:
            self._mark("blockquote")
        self._position += is_quoted
        return is_quoted

    def _code(self) -> None:
        kind = "pre" if self._text.startswith("```", self._position) else "code"
        found = (_PRE if kind == "pre" else _CODE).match(self._text, self._position)
        if found is None:
            at = _at(self._text, self._position)
            raise _error(f"Can't find end of {kind.capitalize()} entity at {at}")
        start = self._writer.length
        self._writer.write(_ESCAPED.sub(r"\1", found["code"]))
        self._writer.mark(kind, start, language=found["language"] if kind == "pre" else "")
        self._position = found.end()

    def _link(self) -> None:
        found = _LINK.match(self._text, self._position + 1)
        label = "".join(self._writer.plain).encode("utf-16-le", "surrogatepass")
        written = label[2 * self._open[-1].start :].decode("utf-16-le", "surrogatepass")
        self._close(url=_ESCAPED.sub(r"\1", found["url"]) if found else written)
        self._position = found.end() if found else self._position + 1


def _error(problem: str) -> Exception:
    return bad_request(f"can't parse entities: {problem}")


def _at(text: str, position: int) -> str:
    return f"byte offset {len(text[:position].encode('utf-8', 'surrogatepass'))}"
