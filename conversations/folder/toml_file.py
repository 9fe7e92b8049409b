"""Read `campaign.toml`: its values, the line of each key, and its syntax errors."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from conversations.folder.toml_syntax import explain_syntax_error, line_of
from conversations.model.mistakes import Mistake

_CURLY_QUOTES = re.compile(r"(?<=[=\[{,\s])[“”„‟]([^“”„‟\"\n]*)[“”„‟](?=\s*(?:[\]},#=\n]|$))")
_HEADING = re.compile(r"\s*\[{1,2}\s*([\w.\"-]+)\s*\]{1,2}")
_KEY = re.compile(r"""\s*((?:["']?[\w-]+["']?\s*\.\s*)*["']?[\w-]+["']?)\s*=""")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


@dataclass(frozen=True)
class KeyLocations:
    """Where the keys of a TOML file are."""

    file: str
    """The file's name, with its folder."""

    lines: dict[str, int]
    """The line of each key, from 1; a target's key is `targets.0.name`."""

    targets: tuple[str, ...] = ()
    """The id of each target, as far as it is known."""

    def __call__(self, key: str) -> str:
        """Return where `key` is: the file, the line of it or of what contains it, and its name."""
        parts = key.split(".")
        longest_first = (".".join(parts[:size]) for size in range(len(parts), 0, -1))
        line = next((self.lines[each] for each in longest_first if each in self.lines), None)
        name = self._name(parts)
        return f"{self.file}:{line} {name}" if line else f"{self.file} {name}"

    def _name(self, parts: Sequence[str]) -> str:
        """Return a key's name in words, such as “first target (minister): address”."""
        number = parts[1] if len(parts) > 1 else ""
        if not number.isdecimal():
            return ".".join(parts)
        index, rest = int(number), ".".join(parts[2:])
        if parts[0] != "targets":
            return f"{parts[0]}, item {index + 1}"
        ordinal = f"{_ORDINALS[index]} target" if index < len(_ORDINALS) else f"target {index + 1}"
        id_ = self.targets[index] if index < len(self.targets) else ""
        name = f"{ordinal} ({id_})" if id_ else ordinal
        return f"{name}: {rest}" if rest else name


def target_ids(values: dict[str, Any]) -> tuple[str, ...]:
    """Return the id of each target in the values of `campaign.toml`, "" if there is none."""
    listed = values.get("targets")
    targets = listed if isinstance(listed, list) else []
    return tuple(
        id_ if isinstance(target, dict) and isinstance(id_ := target.get("id"), str) else ""
        for target in targets
    )


def parse_toml(content: str, where: str) -> tuple[dict[str, Any], dict[str, int], Mistake | None]:
    """Return the values and the line of each key, or what is wrong with the file.

    Typographic quotes around a value are accepted.
    """
    for tried in (content, _straight(content)):
        try:
            return tomllib.loads(tried), _first_lines(tried), None
        # The parser raises RecursionError, too, for thousands of nested brackets.
        except (ValueError, RecursionError) as error:
            why = str(error)
    line = line_of(why)
    problem, fix = explain_syntax_error(tried, why)
    return {}, {}, Mistake(problem, fix, f"{where}:{line}" if line else where)


def normalised(content: str) -> str:
    """Return the content with straight quotes around values, if it isn't valid as it is."""
    try:
        tomllib.loads(content)
    except (ValueError, RecursionError):
        return _straight(content)
    return content


def _straight(content: str) -> str:
    return _CURLY_QUOTES.sub(r'"\1"', content)


def _first_lines(content: str) -> dict[str, int]:
    """Return the first line of each key: dotted keys may name a table several times."""
    lines: dict[str, int] = {}
    for key, number in _key_lines(content):
        lines.setdefault(key, number)
    return lines


def _key_lines(content: str) -> Iterator[tuple[str, int]]:
    """Yield each key with its line; the keys of the first target begin with `targets.0.`"""
    table, tables = "", 0
    for number, line in enumerate(content.splitlines(), 1):
        if heading := _HEADING.match(line):
            table = heading[1]
            if table == "targets":
                table, tables = f"targets.{tables}", tables + 1
            elif table.startswith("targets."):
                table = f"targets.{tables - 1}.{table.removeprefix('targets.')}"
            yield table, number
        elif key := _KEY.match(line):
            name = ".".join(part.strip(" \t\"'") for part in key[1].split("."))
            yield f"{table}.{name}" if table else name, number
            # A dotted key also places the table that it is in.
            if "." in name:
                parent = name.rpartition(".")[0]
                yield f"{table}.{parent}" if table else parent, number
