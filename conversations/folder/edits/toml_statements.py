"""Finds where the statements of a valid TOML file are, down to the first and last character."""

import re
import tomllib
from dataclasses import dataclass

_HEADER = re.compile(r"[ \t]*\[{1,2}([^\]\n]*)\]{1,2}[^\n]*(?:\n|\Z)")
_KEY = re.compile(r"""((?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[\w\-. \t])+)=[ \t]*""")
_PART = re.compile(r"""("(?:\\.|[^"\\])*")|'([^']*)'|([\w-]+)""")
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*|[\[{]|[\]}]|\n|[^\"'\#\[\]{}\n]+",
    re.DOTALL,
)
"""A string, a comment, a bracket, the end of a line, or what is between them."""


@dataclass(frozen=True)
class Statement:
    """A key with its value, or the header of a table."""

    table: tuple[str, ...]
    """The path of the table that it is in, or begins; tables of arrays have their id in it."""

    path: tuple[str, ...]
    """The path of the value; for a header that of its table."""

    start: int
    """Where its line begins."""

    end: int
    """Where the line after it begins."""

    value_start: int = 0
    value_end: int = 0

    is_header: bool = False


def read_statements(content: str) -> list[Statement]:
    """Return the statements of a valid TOML file, in order."""
    found: list[Statement] = []
    position = 0
    while position < len(content):
        line_end = content.find("\n", position) + 1 or len(content)
        if header := _HEADER.match(content, position):
            name = _split(header[1])
            is_array = header[0].lstrip().startswith("[[")
            found.append(Statement(name, name, position, header.end(), is_header=True))
            if is_array:
                id_ = _id_of(content, header.end())
                found[-1] = Statement(
                    (*name, id_), (*name, id_), position, header.end(), is_header=True
                )
            elif parent := _array_above(found, name):
                path = (*parent, *name[1:])
                found[-1] = Statement(path, path, position, header.end(), is_header=True)
            position = header.end()
        elif key := _KEY.match(content, position):
            table = next((each.table for each in reversed(found) if each.is_header), ())
            value_end, end = _value_end(content, key.end())
            path = (*table, *_split(key[1]))
            found.append(Statement(table, path, position, end, key.end(), value_end))
            position = end
        else:
            position = line_end
    return found


def _split(name: str) -> tuple[str, ...]:
    """Return the parts of a dotted key."""
    return tuple(
        tomllib.loads(f"x = {quoted}")["x"] if quoted else literal or bare
        for quoted, literal, bare in _PART.findall(name)
    )


def _array_above(found: list[Statement], name: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the path of the table in an array that the table `name`, like targets.name, is in."""
    if len(name) < 2:
        return None
    for each in reversed(found[:-1]):
        if each.is_header and len(each.table) == 2 and each.table[0] == name[0]:
            return each.table
    return None


def _id_of(content: str, start: int) -> str:
    """Return the id in the table of an array whose header ends at `start`; "" if it has none."""
    position = start
    while position < len(content) and not _HEADER.match(content, position):
        if key := _KEY.match(content, position):
            value_end, end = _value_end(content, key.end())
            if _split(key[1]) == ("id",):
                value = tomllib.loads(f"x = {content[key.end() : value_end]}")["x"]
                return str(value)
            position = end
        else:
            position = content.find("\n", position) + 1 or len(content)
    return ""


def _value_end(content: str, start: int) -> tuple[int, int]:
    """Return where the value that begins at `start` ends, and where the next line begins."""
    depth, position, value_end = 0, start, start
    while position < len(content):
        token = _TOKEN.match(content, position)
        if token is None:
            return len(content), len(content)
        text = token[0]
        if text == "\n" and depth == 0:
            return value_end, token.end()
        depth += (text in "[{") - (text in "]}") if len(text) == 1 else 0
        if not text.startswith("#") and text.strip():
            value_end = position + len(text.rstrip())
        position = token.end()
    return value_end, len(content)
