"""Read `campaign.toml`: its values, the line of each key, and its syntax errors."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conversations.folder.formats.toml_syntax import explain_syntax_error, line_of
from conversations.model.mistakes import Mistake

_CURLY_QUOTES = re.compile(r"(?<=[=\[{,\s])[“”„‟]([^“”„‟\"\n]*)[“”„‟](?=\s*(?:[\]},#=\n]|$))")
_HEADING = re.compile(r"\s*\[{1,2}\s*([\w.\"-]+)\s*\]{1,2}")
_KEY = re.compile(r"""\s*((?:["']?[\w-]+["']?\s*\.\s*)*["']?[\w-]+["']?)\s*=""")
TARGETS, QUESTIONS = "targets", "questions"

BLOCKS = {TARGETS: "target", QUESTIONS: "question"}
"""The keys whose blocks may come several times, and what one of them is called."""

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


@dataclass(frozen=True)
class KeyLocations:
    """Where the keys of a TOML file are."""

    file: str
    """The file's name, with its folder."""

    lines: dict[str, int]
    """The line of each key, from 1; a target's key is `targets.0.name`."""

    ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The id of each target and each question, as far as it is known."""

    place: Callable[[int, str], str] = lambda number, key: ""
    """Returns where a value of a target with this number is, if it stands in a table; else ""."""

    def __call__(self, key: str) -> str:
        """Return where `key` is: the file, the line of it or of what contains it, and its name."""
        parts = key.split(".")
        is_target = parts[0] == "targets" and len(parts) > 1 and parts[1].isdecimal()
        if is_target and (place := self.place(int(parts[1]), ".".join(parts[2:]))):
            return place
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
        if parts[0] not in BLOCKS:
            return f"{parts[0]}, item {index + 1}"
        what, ids = BLOCKS[parts[0]], self.ids.get(parts[0], ())
        ordinal = f"{_ORDINALS[index]} {what}" if index < len(_ORDINALS) else f"{what} {index + 1}"
        id_ = ids[index] if index < len(ids) else ""
        name = f"{ordinal} ({id_})" if id_ else ordinal
        return f"{name}: {rest}" if rest else name


def block_ids(values: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the ids of targets and questions in the values of `campaign.toml`; "" for none."""
    return {key: tuple(map(_id_of, _listed(values.get(key)))) for key in BLOCKS}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _id_of(block: object) -> str:
    id_ = block.get("id") if isinstance(block, dict) else None
    return id_ if isinstance(id_, str) else ""


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
    table, blocks = "", dict.fromkeys(BLOCKS, 0)
    for number, line in enumerate(content.splitlines(), 1):
        if heading := _HEADING.match(line):
            table = heading[1]
            block, _, rest = table.partition(".")
            if block in BLOCKS:
                blocks[block] += not rest
                table = ".".join(filter(None, (block, str(blocks[block] - 1), rest)))
            yield table, number
        elif key := _KEY.match(line):
            name = ".".join(part.strip(" \t\"'") for part in key[1].split("."))
            yield f"{table}.{name}" if table else name, number
            # A dotted key also places the table that it is in.
            if "." in name:
                parent = name.rpartition(".")[0]
                yield f"{table}.{parent}" if table else parent, number
