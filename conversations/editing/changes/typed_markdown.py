"""Turns a message with Telegram's formatting into Markdown, as campaigns' texts are written.

What is typed counts as Markdown already, so that a text that was copied from the bot, or from a
file, can be sent back. Formatting that Telegram's buttons made is added to it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_MARKS = {"bold": ("**", "**"), "italic": ("*", "*"), "strikethrough": ("~~", "~~")}
_ITEM = re.compile(r"\s*([-+*•]|\d{1,3}[.)])\s")
_BULLET = re.compile(r"^(\s*)[•◦▪·] ?", re.MULTILINE)
_QUOTES = ("blockquote", "expandable_blockquote")


def to_markdown(text: str, entities: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return a message as Markdown. `entities` are those of the Bot API, with UTF-16 offsets."""
    units = text.encode("utf-16-le", "surrogatepass")
    inserted: list[tuple[int, int, str]] = []
    quoted: list[tuple[int, int]] = []
    for number, entity in enumerate(entities):
        start = int(entity.get("offset", 0))
        end = start + int(entity.get("length", 0))
        if entity.get("type") in _QUOTES:
            quoted.append((start, end))
        elif marks := _marks_of(entity):
            for first, last in _segments(units, start, end):
                inserted.append((first, number, marks[0]))
                inserted.append((last, -number - 1, marks[1]))
    quotes = {
        _line_start(units, position)
        for start, end in quoted
        for position in _line_starts(units, start, end)
    }
    inserted += [(position, -1_000_000, "> ") for position in quotes]
    written = _insert(units, inserted)
    return _with_line_breaks(_BULLET.sub(r"\1- ", written.replace("\r\n", "\n").strip()))


def _marks_of(entity: Mapping[str, Any]) -> tuple[str, str] | None:
    if entity.get("type") == "text_link":
        return "[", f"]({entity.get('url', '')})"
    if entity.get("type") in ("code", "pre"):
        return "`", "`"
    return _MARKS.get(str(entity.get("type")))


def _segments(units: bytes, start: int, end: int) -> Iterable[tuple[int, int]]:
    """Yield the lines of an entity, without the spaces around them, where marks have no effect."""
    text = units[start * 2 : end * 2].decode("utf-16-le", "surrogatepass")
    position = start
    for line in text.split("\n"):
        size = _size(line)
        before = _size(line) - _size(line.lstrip())
        if line.strip():
            yield position + before, position + before + _size(line.strip())
        position += size + 1


def _line_starts(units: bytes, start: int, end: int) -> Iterable[int]:
    text = units[start * 2 : end * 2].decode("utf-16-le", "surrogatepass")
    position = start
    for line in text.split("\n"):
        yield position
        position += _size(line) + 1


def _line_start(units: bytes, position: int) -> int:
    before = units[: position * 2].decode("utf-16-le", "surrogatepass")
    return position - _size(before.rpartition("\n")[2])


def _insert(units: bytes, inserted: list[tuple[int, int, str]]) -> str:
    """Return the text with marks at their positions: what ends there, then what begins there."""
    written, position = "", 0
    for at, _, mark in sorted(inserted, key=lambda each: (each[0], each[1])):
        written += units[position * 2 : at * 2].decode("utf-16-le", "surrogatepass") + mark
        position = max(position, at)
    return written + units[position * 2 :].decode("utf-16-le", "surrogatepass")


def _with_line_breaks(text: str) -> str:
    """Return the text with a backslash at the end of each line that ends inside a paragraph."""
    lines = text.split("\n")
    written: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        ends = not line.strip() or not following.strip() or line.endswith("\\")
        is_block = _ITEM.match(following) or line.startswith(">") or following.startswith(">")
        written.append(line.rstrip() if ends or is_block else f"{line.rstrip()}\\")
    return "\n".join(written)


def _size(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
