"""Adds and removes whole blocks of a TOML file, such as one of `[[targets]]`.

Comments, order and everything else stay as they are. As with single values, each result is parsed
again and compared with what it should be.
"""

from collections.abc import Mapping
from typing import Any

from conversations.folder.edits.toml_editing import ID, NotEditable, parsed, write_pair
from conversations.folder.edits.toml_statements import Statement, read_statements
from conversations.folder.formats.toml_file import normalised


def add_block(content: str, array: str, values: Mapping[str, Any]) -> str:
    """Return the file with one more block, after the others of its array. Raises NotEditable.

    `values` has the block's id.
    """
    text = normalised(content)
    before, block = parsed(text), (array, str(values[ID]))
    if any(path[:2] == block for path in before):
        raise NotEditable
    lines = "".join(f"{write_pair(key, value)}\n" for key, value in values.items())
    at = _end_of_array(read_statements(text), array, len(text))
    head, rest = text[:at].rstrip("\n"), text[at:].lstrip("\n")
    above, below = f"{head}\n\n" if head else "", f"\n{rest}" if rest else ""
    edited = f"{above}[[{array}]]\n{lines}{below}"
    added = {path: value for path, value in parsed(edited).items() if path[:2] == block}
    if not added or parsed(edited) != {**before, **added}:
        raise NotEditable
    return edited


def remove_block(content: str, array: str, id_: str) -> str:
    """Return the file without a block of an array. Raises NotEditable."""
    text = normalised(content)
    before, block = parsed(text), (array, id_)
    inside = [each for each in read_statements(text) if each.table[:2] == block]
    if not inside or not inside[0].is_header:
        raise NotEditable
    start, end = inside[0].start, inside[-1].end
    rest = text[end:].lstrip("\n")
    edited = text[:start] + rest if rest else text[:start].rstrip("\n") + "\n"
    if parsed(edited) != {path: value for path, value in before.items() if path[:2] != block}:
        raise NotEditable
    return edited


def _end_of_array(statements: list[Statement], array: str, end: int) -> int:
    """Return where the last block of an array ends; `end` if there is none."""
    return max((each.end for each in statements if each.table[:1] == (array,)), default=end)
