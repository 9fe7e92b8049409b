"""Changes single values of a TOML file; comments, order and everything else stay as they are.

A path names a value: ("goal",), or ("targets", "minister", "address") in the table of an array
whose id is “minister”. Each result is parsed again and compared with what it should be, so that a
file that is written in an unforeseen way is refused and never damaged.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from conversations.folder.edits.toml_statements import Statement, read_statements
from conversations.folder.formats.toml_file import normalised

Path = tuple[str, ...]

ID = "id"
"""The key by which the tables of an array are told apart."""


class NotEditable(Exception):
    """A value can't be changed without changing more."""


def flatten(values: Mapping[str, Any], above: Path = ()) -> dict[Path, Any]:
    """Return each value by its path: tables are opened, and arrays of tables by their ids."""
    found: dict[Path, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            found |= flatten(value, (*above, key))
        elif _is_array_of_tables(value):
            for table in value:
                found |= flatten(table, (*above, key, str(table[ID])))
        else:
            found[*above, key] = value
    return found


def set_value(content: str, path: Path, value: Any) -> str:
    """Return the file with another value at `path`. Raises NotEditable."""
    return _edited(content, path, value, lambda text: _set(text, path, value))


def remove_value(content: str, path: Path) -> str:
    """Return the file without the value at `path`. Raises NotEditable."""
    return _edited(content, path, None, lambda text: _remove(text, path))


def merge_values(base: str, mine: str, newest: str) -> tuple[str, tuple[str, ...]]:
    """Return both changes of a file put together, and the keys that both changed in different ways.

    Those are as in `mine`. Raises NotEditable where a change is more than one of single values.
    """
    before, ours, theirs = (parsed(normalised(each)) for each in (base, mine, newest))
    changed = {path for path in {*before, *ours} if before.get(path) != ours.get(path)}
    conflicts = [
        ".".join(path)
        for path in changed
        if theirs.get(path) not in (before.get(path), ours.get(path))
    ]
    merged = newest
    for path in (each for each in {**before, **ours} if each in changed):
        value = ours.get(path)
        merged = remove_value(merged, path) if value is None else set_value(merged, path, value)
    return merged, tuple(sorted(conflicts))


def write_value(value: Any) -> str:
    """Return a value as TOML. Raises NotEditable."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case list() | tuple():
            return f"[{', '.join(map(write_value, value))}]"
        case dict():
            pairs = (write_pair(name, each) for name, each in value.items())
            return f"{{ {', '.join(pairs)} }}" if value else "{}"
        case _:
            raise NotEditable


def write_pair(key: str, value: Any) -> str:
    """Return a key with its value as TOML. Raises NotEditable."""
    return f"{_key(key)} = {write_value(value)}"


def _edited(content: str, path: Path, value: Any, edit: Callable[[str], str]) -> str:
    text = normalised(content)
    before = parsed(text)
    if value is None and path not in before:
        return content
    if path in before and before[path] == value:
        return content
    edited = edit(text)
    expected = {key: each for key, each in before.items() if key != path}
    if value is not None:
        expected[path] = value
    if parsed(edited) != expected:
        raise NotEditable
    return edited


def parsed(content: str) -> dict[Path, Any]:
    """Return each value of a file by its path. Raises NotEditable for a broken file."""
    try:
        return flatten(tomllib.loads(content))
    except (ValueError, RecursionError):
        raise NotEditable from None


def _set(content: str, path: Path, value: Any) -> str:
    statements = read_statements(content)
    for each in statements:
        if each.path == path and not each.is_header:
            return content[: each.value_start] + write_value(value) + content[each.value_end :]
    if inline := _inline_table(content, statements, path):
        found, table = inline
        changed = write_value(_with_value(table, path[len(found.path) :], value))
        return content[: found.value_start] + changed + content[found.value_end :]
    if len(path) > 1 and not any(each.table == path[:-1] for each in statements):
        return _set(content, path[:-1], {path[-1]: value})
    at = _place_for(content, statements, path)
    line = f"{write_pair(path[-1], value)}\n"
    gap = "" if content[:at].endswith("\n") or not at else "\n"
    return f"{content[:at]}{gap}{line}{content[at:]}"


def _remove(content: str, path: Path) -> str:
    statements = read_statements(content)
    for each in statements:
        if each.path == path and not each.is_header:
            return content[: each.start] + content[each.end :]
    if inline := _inline_table(content, statements, path):
        found, table = inline
        rest = _with_value(table, path[len(found.path) :], None)
        if not rest:
            return content[: found.start] + content[found.end :]
        return content[: found.value_start] + write_value(rest) + content[found.value_end :]
    raise NotEditable


def _inline_table(
    content: str, statements: list[Statement], path: Path
) -> tuple[Statement, dict[str, Any]] | None:
    """Return the statement whose value is the inline table that `path` lies in, and the table."""
    for each in statements:
        if each.path == path[: len(each.path)] != path and not each.is_header:
            table = tomllib.loads(f"x = {content[each.value_start : each.value_end]}")["x"]
            return (each, table) if isinstance(table, dict) else None
    return None


def _with_value(table: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Return a table with another value at a path in it; None removes it, and what is empty then.

    Raises NotEditable.
    """
    key, rest = path[0], path[1:]
    if rest:
        inner = table.get(key, {})
        if not isinstance(inner, dict):
            raise NotEditable
        value = _with_value(inner, rest, value) or None
    others = {**table, key: value}
    return {name: each for name, each in others.items() if each is not None}


def _place_for(content: str, statements: list[Statement], path: Path) -> int:
    """Return where a new key begins: after the others of its table, or after a comment that has
    it.
    """
    table = path[:-1]
    in_table = [each for each in statements if each.table == table]
    if not in_table and table:
        raise NotEditable
    first = in_table[0].start if in_table and in_table[0].is_header else 0
    after = [each.start for each in statements if each.is_header and each.start > first]
    end = min(after, default=len(content))
    position = first
    for line in content[first:end].splitlines(keepends=True):
        position += len(line)
        if line.startswith("#") and line.lstrip("# \t").partition("=")[0].strip() == path[-1]:
            return position
    return in_table[-1].end if in_table else end


def _key(name: str) -> str:
    bare = name.replace("-", "").replace("_", "").isalnum() and name.isascii()
    return name if bare else json.dumps(name, ensure_ascii=False)


def _is_array_of_tables(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, dict) and ID in each for each in value)
    )
