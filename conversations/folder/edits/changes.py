"""Finds out what a version of a campaign changes: by key, by heading, and by row of a table."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conversations.folder.campaign_files import CAMPAIGN_FILE, CampaignFiles
from conversations.folder.edits.section_editing import kind_of
from conversations.folder.edits.short_texts import NAME_COLUMN
from conversations.folder.edits.tables import KEYS, read_table
from conversations.folder.formats.markdown_sections import parse_text_file
from conversations.folder.formats.toml_file import BLOCKS, parse_toml
from conversations.model.campaigns.text_headings import NUMBERED
from conversations.model.campaigns.versions import Change


def find_changes(before: CampaignFiles, after: CampaignFiles) -> tuple[Change, ...]:
    """Return what differs: settings first, then texts in the order of the files."""
    names = {CAMPAIGN_FILE: None} | dict.fromkeys(sorted({*before.content, *after.content}))
    return tuple(
        change
        for name in names
        if before.content.get(name) != after.content.get(name)
        for change in _file_changes(name, before, after)
    )


def _file_changes(name: str, before: CampaignFiles, after: CampaignFiles) -> Iterator[Change]:
    if name in KEYS and name in before.content and name in after.content:
        yield from _rows(name, before.content[name], after.content[name])
        return
    is_text = name == CAMPAIGN_FILE or name.endswith(".md")
    if not is_text or name not in before.content or name not in after.content:
        yield Change(name, "", "", "")
        return
    read = _settings if name == CAMPAIGN_FILE else _sections
    old, new = read(before.text(name)[0]), read(after.text(name)[0])
    names = _names({**old, **new})
    for part in {**new, **old}:
        if old.get(part) != new.get(part):
            values = old.get(part, ""), new.get(part, "")
            block = names.get(".".join(part.split(".")[:2]), {})
            yield Change(name, part, *values, block, _number(part, new if part in new else old))


def _rows(name: str, before: bytes, after: bytes) -> Iterator[Change]:
    """Yield the rows of a table that were added or removed, and the cells that were changed."""
    old, new = read_table(name, before), read_table(name, after)
    if old is None or new is None:
        yield Change(name, "", "", "")
        return
    for row in {**new.rows, **old.rows}:
        cells, former = new.rows.get(row, {}), old.rows.get(row, {})
        names = _names_in_row(cells or former)
        if not cells or not former:
            key = KEYS[name]
            gone, added = (
                ", ".join(cell for column, cell in each.items() if column != key)
                for each in (former, cells)
            )
            yield Change(name, row, gone, added, names)
            continue
        for column in {**cells, **former}:
            if cells.get(column) != former.get(column):
                value = former.get(column, ""), cells.get(column, "")
                yield Change(name, f"{row}.{column}", *value, names)


def _names(settings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the name of each recipient, and the label of each question, by its place."""
    names: dict[str, dict[str, str]] = {}
    for part, text in settings.items():
        match part.split("."):
            case [("targets" | "questions") as array, id_, "name" | "label", language] if text:
                names.setdefault(f"{array}.{id_}", {})[language] = text
    return names


def _names_in_row(cells: Mapping[str, str]) -> dict[str, str]:
    """Return the name of a recipient in a table by language; by "" the one for all of them."""
    return {
        column.partition("_")[2]: cell
        for column, cell in cells.items()
        if column.partition("_")[0] == NAME_COLUMN
    }


def _number(part: str, parts: Iterable[str]) -> int:
    """Return the number of a subject or letter among those of its file; 0 for anything else."""
    kind = kind_of(part)
    if kind not in NUMBERED.values():
        return 0
    return [each for each in parts if kind_of(each) == kind].index(part) + 1


def _sections(content: str) -> dict[str, str]:
    written = parse_text_file("", content)
    return {each.heading: each.text for each in (*written.sections, *written.notice)}


def _settings(content: str) -> dict[str, str]:
    return dict(_flat(parse_toml(content, "")[0]))


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield the full name of each key, such as “targets.mayor.kind”, and its value as text."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        elif key in BLOCKS and isinstance(value, list):
            for block in value:
                if isinstance(block, dict):
                    yield from _flat(block, f"{above}{key}.{block.get('id', '')}.")
        elif isinstance(value, list):
            yield f"{above}{key}", ", ".join(map(str, value))
        elif isinstance(value, bool):
            yield f"{above}{key}", str(value).lower()
        else:
            yield f"{above}{key}", str(value)
