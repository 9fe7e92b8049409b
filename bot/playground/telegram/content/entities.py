"""Converts Telegram's HTML to entities and back (Bot API, "Formatting options", "HTML style").

Offsets and lengths of entities are UTF-16 code units (Bot API, MessageEntity).
"""

import html
import re
from dataclasses import dataclass
from typing import Any

from bot.playground.telegram.refusal import bad_request

_ENTITY_OF_TAG = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-time": "date_time",
}
_TAG_OF_ENTITY = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote expandable",
}
_TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")
"""Formatting options, "Date-time entity formatting": r, or w, then d or D, then t or T."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s[^<>]*)?)>")
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_ENTITY = re.compile(r"&(lt|gt|amp|quot|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")


@dataclass
class _OpenTag:
    tag: str
    start: int
    attributes: dict[str, str]


def parse(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the plain text and its entities. Raises ApiRefusal for invalid HTML."""
    if "<" not in text and "&" not in text:
        return text, []
    plain: list[str] = []
    entities: list[dict[str, Any]] = []
    stack: list[_OpenTag] = []
    length = position = 0
    while position < len(text):
        char = text[position]
        if char == "<":
            match = _TAG.match(text, position)
            if match is None:
                raise _error("Unsupported start tag", text, position)
            if match[1]:
                entities += _closed(stack, match, length, text, position)
            else:
                stack.append(_opened(match, length, text, position))
            position = match.end()
            continue
        end = position + 1
        if char == "&" and (found := _ENTITY.match(text, position)):
            char, end = html.unescape(found[0]), found.end()
        plain.append(char)
        length += utf16_length(char)
        position = end
    if stack:
        tag = stack[-1].tag
        raise bad_request(
            f"can't parse entities: Can't find end tag corresponding to start tag \"{tag}\""
        )
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return "".join(plain), entities


def utf16_length(text: str) -> int:
    """Return the length of `text` in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_entities(text: str, entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Check and return explicit entities (sendMessage, entities). Raises ApiRefusal."""
    for entity in entities:
        kind, offset, length = (entity.get(name) for name in ("type", "offset", "length"))
        if not isinstance(kind, str) or not isinstance(offset, int) or not isinstance(length, int):
            raise bad_request("can't parse MessageEntity: type, offset and length are needed")
        if offset < 0 or length < 1 or offset + length > utf16_length(text):
            raise bad_request("ENTITY_BOUNDS_INVALID")
        if kind == "text_link" and not isinstance(entity.get("url"), str):
            raise bad_request("can't parse MessageEntity: Can't find field \"url\"")
        if kind == "date_time" and not isinstance(entity.get("unix_time"), int):
            raise bad_request("can't parse MessageEntity: Can't find field \"unix_time\"")
    return entities


def trim(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Remove white space at both ends, as Telegram does, and move the entities."""
    stripped = text.strip()
    if stripped == text:
        return text, entities
    before = utf16_length(text[: len(text) - len(text.lstrip())])
    length = utf16_length(stripped)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - before, 0)
        end = min(entity["offset"] + entity["length"] - before, length)
        if start < end:
            kept.append({**entity, "offset": start, "length": end - start})
    return stripped, kept


def to_html(text: str, entities: list[dict[str, Any]]) -> str:
    """Return `text` as HTML with the tags of `entities`; everything else is escaped."""
    opening: dict[int, list[str]] = {}
    closing: dict[int, list[str]] = {}
    for entity in entities:
        before, after = _tags(entity)
        start, end = entity["offset"], entity["offset"] + entity["length"]
        opening.setdefault(start, []).append(before)
        closing.setdefault(end, []).insert(0, after)
    units, shown, done = text.encode("utf-16-le"), list[str](), 0
    for at in sorted(opening.keys() | closing.keys()):
        shown.append(_escaped(units[2 * done : 2 * at]))
        shown += closing.get(at, []) + opening.get(at, [])
        done = at
    return "".join((*shown, _escaped(units[2 * done :])))


def _escaped(units: bytes) -> str:
    return html.escape(units.decode("utf-16-le", errors="replace"))


def _tags(entity: dict[str, Any]) -> tuple[str, str]:
    if entity["type"] == "text_link":
        return f'<a href="{html.escape(entity["url"])}">', "</a>"
    if entity["type"] == "date_time":
        form = html.escape(entity.get("date_time_format", ""))
        return f'<tg-time unix="{entity["unix_time"]}" format="{form}">', "</tg-time>"
    tag = _TAG_OF_ENTITY.get(entity["type"])
    return (f"<{tag}>", f"</{tag.partition(' ')[0]}>") if tag else ("", "")


def _opened(match: re.Match[str], length: int, text: str, position: int) -> _OpenTag:
    tag = match[2].lower()
    attributes = {
        name.lower(): html.unescape(value.strip("\"'"))
        for name, value in _ATTRIBUTE.findall(match[3])
    }
    if tag not in _ENTITY_OF_TAG or (tag == "span" and attributes.get("class") != "tg-spoiler"):
        raise bad_request(
            f'can\'t parse entities: Unsupported start tag "{match[2]}" '
            f"at byte offset {_bytes(text, position)}"
        )
    return _OpenTag(tag, length, attributes)


def _closed(
    stack: list[_OpenTag], match: re.Match[str], length: int, text: str, position: int
) -> list[dict[str, Any]]:
    tag, at = match[2].lower(), _bytes(text, position)
    if not stack:
        raise bad_request(f"can't parse entities: Unexpected end tag at byte offset {at}")
    opened = stack.pop()
    if opened.tag != tag:
        raise bad_request(
            f"can't parse entities: Unmatched end tag at byte offset {at}, "
            f'expected "</{opened.tag}>", found "</{tag}>"'
        )
    kind, size = _ENTITY_OF_TAG[tag], length - opened.start
    if size == 0:
        return []
    entity: dict[str, Any] = {"type": kind, "offset": opened.start, "length": size}
    if kind == "text_link":
        url = opened.attributes.get("href", "")
        if not url.startswith(("http://", "https://", "tg://")):
            return []
        entity["url"] = url
    if kind == "date_time":
        entity |= _time_fields(opened.attributes, at)
    if kind == "blockquote" and "expandable" in opened.attributes:
        entity["type"] = "expandable_blockquote"
    return [entity]


def _time_fields(attributes: dict[str, str], at: int) -> dict[str, Any]:
    """Return the fields of a time that each reader sees in their own time zone.

    Bot API 9.5, MessageEntity: unix_time and date_time_format.
    """
    unix, form = attributes.get("unix", ""), attributes.get("format", "")
    if not unix.isdecimal() or not _TIME_FORMAT.fullmatch(form):
        raise bad_request(f"can't parse entities: Invalid date-time at byte offset {at}")
    return {"unix_time": int(unix), "date_time_format": form}


def _error(what: str, text: str, position: int) -> Exception:
    name = re.match(r"[^\s<>]*", text[position + 1 :])
    at = _bytes(text, position)
    found = name[0] if name else ""
    return bad_request(f'can\'t parse entities: {what} "{found}" at byte offset {at}')


def _bytes(text: str, position: int) -> int:
    return len(text[:position].encode("utf-8", "surrogatepass"))
