"""Read `campaign.toml`: its values, the line of each key, and what is wrong with its format."""

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import ErrorDetails

from conversations.model.campaign import CampaignFile, Target
from conversations.model.mistakes import Mistake, suggest

MAX_TEXT_BYTES = 1_000_000
"""The largest file of texts; no message is a hundredth as long."""

_CURLY_QUOTES = re.compile(r"(?<=[=\[{,\s])[“”„‟]([^“”„‟\"\n]*)[“”„‟](?=\s*(?:[\]},#=\n]|$))")
_HEADING = re.compile(r"\s*\[{1,2}\s*([\w.\"-]+)\s*\]{1,2}")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")


@dataclass(frozen=True)
class KeyLocations:
    """Where the keys of a TOML file are."""

    file: str
    """The file's name, with its folder."""

    lines: dict[str, int]
    """The line of each key, from 1; a target's key is `targets.0.name`."""

    def __call__(self, key: str) -> str:
        """Return where `key` is: the file, its line if known, and the key."""
        line = self.lines.get(key)
        return f"{self.file}:{line} {key}" if line else f"{self.file} {key}"


def read_text(path: Path, where: str) -> tuple[str, Mistake | None]:
    """Return the content of a text file, or "" and why it can't be read."""
    try:
        if path.stat().st_size > MAX_TEXT_BYTES:
            return "", Mistake("This file is over 1 MB.", "Shorten it: messages are short.", where)
        # utf-8-sig: some editors put a byte-order mark first.
        return path.read_text(encoding="utf-8-sig"), None
    except FileNotFoundError:
        return "", Mistake("There is no such file.", "Create it.", where)
    except UnicodeDecodeError:
        return "", Mistake("This isn't a valid UTF-8 text file.", "Save it as UTF-8.", where)
    except OSError as error:
        problem = f"Can't read it ({type(error).__name__})."
        return "", Mistake(problem, "Check its permissions.", where)


def parse_toml(content: str, where: str) -> tuple[dict[str, Any], dict[str, int], Mistake | None]:
    """Return the values and the line of each key, or what is wrong with the file.

    Typographic quotes around a value are accepted.
    """
    for tried in (content, _CURLY_QUOTES.sub(r'"\1"', content)):
        try:
            return tomllib.loads(tried), dict(_key_lines(tried)), None
        # The parser raises RecursionError, too, for thousands of nested brackets.
        except (ValueError, RecursionError) as error:
            why = str(error)
    line = re.search(r"line (\d+)", why)
    place = f"{where}:{line[1]}" if line else where
    if why.startswith(("Cannot overwrite", "Cannot declare")):
        return {}, {}, Mistake("This appears twice.", "Remove one.", place)
    fix = 'Put text in straight quotes: key = "value", and lists in brackets: ["a", "b"]'
    return {}, {}, Mistake("This isn't valid TOML from here on.", fix, place)


def _key_lines(content: str) -> Iterator[tuple[str, int]]:
    """Yield each key with its line; the keys of the first target begin with `targets.0.`"""
    table, tables = "", 0
    for number, line in enumerate(content.splitlines(), 1):
        if heading := _HEADING.match(line):
            table = heading[1]
            if table == "targets":
                table, tables = f"targets.{tables}", tables + 1
            yield table, number
        elif key := _KEY.match(line):
            yield f"{table}.{key[1]}" if table else key[1], number


def explain(details: list[ErrorDetails], where: str, lines: dict[str, int]) -> Iterator[Mistake]:
    """Yield what pydantic found wrong with the values, in our own words.

    `where` is the file's name, and `lines` has the line of each key.
    """
    for detail in _without_consequences(details):
        yield _explain(detail, where, lines)


def _without_consequences(details: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Leave out that a list is too short if one of its items is wrong: pydantic drops the item."""
    for detail in details:
        inside = (each["loc"][: len(detail["loc"])] for each in details if each is not detail)
        if detail["type"] != "too_short" or detail["loc"] not in inside:
            yield detail


def _explain(detail: ErrorDetails, where: str, lines: dict[str, int]) -> Mistake:
    """Return the mistake for one error of pydantic."""
    path = [str(part) for part in detail["loc"]]
    key = ".".join(path)
    known = CampaignFile.model_fields if len(path) == 1 else Target.model_fields
    line = lines.get(key) or lines.get(".".join(path[:2])) or lines.get(path[0])
    place = f"{where}:{line} {key}" if line else f"{where} {key}"
    match detail["type"]:
        case "extra_forbidden":
            return Mistake(*_unknown_key(path[-1], known), place)
        case "missing":
            field = known.get(path[-1])
            about = f"It says {field.description}." if field and field.description else ""
            return Mistake("This key is missing.", f"Write: {path[-1]} = … {about}".strip(), place)
        case "too_short":
            return Mistake("There must be at least one.", "Add one.", place)
        case "string_pattern_mismatch":
            return Mistake("This has the wrong format.", _pattern_fix(path), place)
        case "timezone_aware":
            return Mistake("This time has no time zone.", "Add it: 2030-06-30T18:00:00Z", place)
        case kind:
            fix = next((_FIXES[each] for each in _FIXES if kind.startswith(each)), "Fix it.")
            return Mistake(f"{detail['msg']}.", fix, place)


def _unknown_key(key: str, known: Collection[str]) -> tuple[str, str]:
    """Return what is wrong with a misplaced or unknown key, and the fix.

    In TOML, a key belongs to the block above it, so a key added at the end is a target's.
    """
    if key in Target.model_fields:
        return "This key belongs to a target.", "Write it under [[targets]]."
    if key in CampaignFile.model_fields:
        return "This key does not belong to a target.", "Write it above the first [[targets]]."
    return "This key is not known.", suggest(key, known)


_FIXES = {
    "int": "Write a whole number without quotes: 30",
    "bool": "Write true or false, without quotes.",
    "date_": "Write a day without quotes: 2030-12-31",
    "datetime": "Write a time with its zone, without quotes: 2030-06-30T18:00:00Z",
    "string_type": 'Write a text in quotes: "text"',
    "string_too_short": "Fill it in.",
    "tuple": 'Write a list in brackets: ["a", "b"]',
    "too_short": "Write at least one.",
    "dict": 'Write it for each language: { en = "text" }',
    "enum": "Choose one of them.",
    "literal": "Choose one of them.",
}
"""Fixes by the beginning of pydantic's error type."""


def _pattern_fix(path: list[str]) -> str:
    """Return how to write the key at `path`, whose value has the wrong format."""
    if "hours" in path:
        return "Write hours like 09:00-17:00."
    if any(name in path for name in ("country", "for_countries", "at_risk", "likely_countries")):
        return "Write a country as two capital letters, like PT."
    if any(name in path for name in ("languages", "name")):
        return "Write a language like en, pt-BR or zh-Hant."
    return "Use 1 to 30 of a-z, 0-9 and hyphens."
