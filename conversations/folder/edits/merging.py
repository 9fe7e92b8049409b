"""Merges two changes of one campaign: files, in files of texts sections, settings, and rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from conversations.folder.campaign_files import CAMPAIGN_FILE, CampaignFiles
from conversations.folder.edits.tables import KEYS, merge_tables, read_table
from conversations.folder.edits.toml_editing import NotEditable, merge_values

_HEADING = re.compile(r"^##? .*$", re.MULTILINE)
_FRONT = "front matter"
"""Names what stands above the first heading, in conflicts."""


@dataclass(frozen=True)
class Merge:
    """The result of merging two changes."""

    files: CampaignFiles

    conflicts: tuple[str, ...] = ()
    """What both changed in different ways: files, or “file: heading, key or row”. It is as in
    `mine`.
    """


def merge(base: CampaignFiles, mine: CampaignFiles, newest: CampaignFiles) -> Merge:
    """Return what `mine` and `newest` changed in `base`, put together."""
    content: dict[str, bytes] = {}
    conflicts: list[str] = []
    for name in sorted({*base.content, *mine.content, *newest.content}):
        merged, found = _merge_file(
            name, *(each.content.get(name) for each in (base, mine, newest))
        )
        conflicts += found
        if merged is not None:
            content[name] = merged
    return Merge(CampaignFiles(mine.name, content), tuple(conflicts))


def _merge_file(
    name: str, base: bytes | None, mine: bytes | None, newest: bytes | None
) -> tuple[bytes | None, list[str]]:
    """Return a file as it is after both changes, None if it is removed; and the conflicts in it."""
    if mine == newest or newest == base:
        return mine, []
    if mine == base:
        return newest, []
    if name in KEYS and base and mine and newest:
        return _merge_rows(name, base, mine, newest)
    is_text = name == CAMPAIGN_FILE or name.endswith(".md")
    if mine is None or newest is None or base is None or not is_text:
        return mine, [name]
    try:
        texts = [each.decode() for each in (base, mine, newest)]
        if name != CAMPAIGN_FILE:
            return _merge_sections(name, *map(_sections, texts))
        merged, conflicts = merge_values(*texts)
    except (UnicodeDecodeError, NotEditable):
        return mine, [name]
    return merged.encode(), [f"{name}: {each}" for each in conflicts]


def _merge_rows(
    name: str, base: bytes, mine: bytes, newest: bytes
) -> tuple[bytes | None, list[str]]:
    tables = [read_table(name, each) for each in (base, mine, newest)]
    known = [each for each in tables if each is not None]
    if len(known) < len(tables):
        return mine, [name]
    merged, conflicts = merge_tables(*known)
    return merged, [f"{name}: {each}" for each in conflicts]


def _merge_sections(
    name: str, base: Mapping[str, str], mine: Mapping[str, str], newest: Mapping[str, str]
) -> tuple[bytes, list[str]]:
    merged: list[str] = []
    conflicts: list[str] = []
    for heading in dict.fromkeys((*newest, *mine)):
        before, ours, theirs = (each.get(heading, "") for each in (base, mine, newest))
        is_conflict = ours not in (theirs, before) and theirs != before
        if is_conflict:
            conflicts.append(f"{name}: {heading.lstrip('# ') or _FRONT}")
        merged.append(theirs if ours == before else ours)
    return "".join(merged).encode(), conflicts


def _sections(content: str) -> dict[str, str]:
    """Return the parts of a file of texts, each with its heading, by heading; none is lost.

    A heading that occurs again continues the part before it.
    """
    starts = [found.start() for found in _HEADING.finditer(content)]
    parts: dict[str, str] = {"": content[: starts[0]] if starts else content}
    last = ""
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        part = content[start:end]
        heading = part.split("\n", 1)[0].strip()
        last = heading if heading not in parts else last
        parts[last] = parts.get(last, "") + part
    return parts
