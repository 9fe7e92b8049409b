"""A campaign's folder → the campaign, or every mistake in it."""

import hashlib
import json
import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from conversations.folder import checks, markdown_sections
from conversations.folder.markdown_sections import TextFile
from conversations.model.campaign import (
    Campaign,
    CampaignFile,
    Target,
    Texts,
)
from conversations.model.mistakes import Mistake, suggest

CAMPAIGN_FILE = "campaign.toml"
SCHEMA_FILE = "campaign.schema.json"

MAX_PICTURE_BYTES = 10 * 2**20
"""Bytes (Bot API, sendPhoto)."""

MAX_TEXT_BYTES = 1_000_000
"""Bytes of a file of words; no message holds a hundredth of it."""

ADVISED_PICTURE_BYTES = 100_000
"""Bytes. A supporter on a slow line should not wait for the first message."""

_CURLY = re.compile(r"(?<=[=\[{,\s])[“”„‟]([^“”„‟\"\n]*)[“”„‟](?=\s*(?:[\]},#=\n]|$))")
_HEADING = re.compile(r"\s*\[{1,2}\s*([\w.\"-]+)\s*\]{1,2}")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")
_PICTURE = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|RIFF.{4}WEBP", re.DOTALL)
_TAG = re.compile(r"[A-Za-z-]{2,12}")


@dataclass(frozen=True)
class LoadedCampaign:
    """What the folder of that name holds. `campaign` is None where a mistake is grave."""

    folder: str
    campaign: Campaign | None
    mistakes: tuple[Mistake, ...]


def load_campaigns(folder: Path) -> tuple[LoadedCampaign, ...]:
    """Load every campaign under `folder`, in the order of their names."""
    return tuple(load_campaign(path.parent) for path in sorted(folder.glob(f"*/{CAMPAIGN_FILE}")))


def load_campaign(folder: Path) -> LoadedCampaign:
    """Load the campaign in `folder`."""
    campaign, mistakes = _load(folder)
    return LoadedCampaign(folder.name, campaign, tuple(dict.fromkeys(mistakes)))


def _load(folder: Path) -> tuple[Campaign | None, list[Mistake]]:
    where = f"{folder.name}/{CAMPAIGN_FILE}"
    content, mistake = _read(folder / CAMPAIGN_FILE, where)
    if mistake:
        return None, [mistake]
    values, lines, mistake = _toml(content, where)
    if mistake:
        return None, [mistake]
    try:
        file = CampaignFile.model_validate(values)
    except ValidationError as error:
        explained = [_explained(detail, where, lines) for detail in _first_hand(error.errors())]
        return None, [*explained, *_texts(folder, _tags(values.get("languages")))[1]]
    place = _Places(where, lines)
    mistakes = [*checks.check_file(file, folder.name, place)]
    picture = _picture(folder, file, place, mistakes)
    texts, wrong = _texts(folder, file.languages)
    mistakes += wrong
    if any(each.is_error for each in mistakes):
        return None, mistakes
    campaign = _campaign(file, texts, picture)
    mistakes += checks.check_campaign(campaign, _lines_of(folder, file.languages))
    return None if any(each.is_error for each in mistakes) else campaign, mistakes


def _tags(given: object) -> tuple[str, ...]:
    """Return the languages whose files can be looked at although the TOML is wrong elsewhere."""
    listed = given if isinstance(given, list) else []
    return tuple(tag for tag in listed if isinstance(tag, str) and _TAG.fullmatch(tag))


def mark_translations_current(folder: Path) -> tuple[Path, ...]:
    """Note in each translation that it translates the original as it is now; return which."""
    values, _, _ = _toml(_read(folder / CAMPAIGN_FILE, CAMPAIGN_FILE)[0], CAMPAIGN_FILE)
    original, *translations = values["languages"]
    digest = markdown_sections.parse_text_file("", _read(folder / f"{original}.md", "")[0]).digest
    changed: list[Path] = []
    for language in translations:
        path = folder / f"{language}.md"
        content, mistake = _read(path, "")
        if mistake is None and markdown_sections.parse_text_file("", content).translates != digest:
            path.write_text(
                markdown_sections.with_translation_mark(content, digest), encoding="utf-8"
            )
            changed.append(path)
    return tuple(changed)


def json_schema() -> str:
    """Return the JSON Schema of `campaign.toml`, for editors."""
    shape = CampaignFile.model_json_schema()
    shape["$schema"] = "http://json-schema.org/draft-07/schema#"
    shape["title"] = "A campaign of actionbot"
    return json.dumps(shape, indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class _Places:
    """Where the keys of a TOML file stand."""

    file: str
    lines: dict[str, int]

    def __call__(self, key: str) -> str:
        line = self.lines.get(key)
        return f"{self.file}:{line} {key}" if line else f"{self.file} {key}"


def _read(path: Path, where: str) -> tuple[str, Mistake | None]:
    try:
        if path.stat().st_size > MAX_TEXT_BYTES:
            return "", Mistake("This file is over 1 MB.", "Shorten it: messages are short.", where)
        # utf-8-sig: some editors put a byte-order mark first.
        return path.read_text(encoding="utf-8-sig"), None
    except FileNotFoundError:
        return "", Mistake("There is no such file.", "Write it.", where)
    except UnicodeDecodeError:
        return "", Mistake("This is no text in UTF-8.", "Save it as UTF-8.", where)
    except OSError as error:
        what = f"It cannot be read ({type(error).__name__})."
        return "", Mistake(what, "See to its permissions.", where)


def _toml(content: str, where: str) -> tuple[dict[str, Any], dict[str, int], Mistake | None]:
    """Return values and the line of each key. Typographic quotes are taken for straight ones."""
    for tried in (content, _CURLY.sub(r'"\1"', content)):
        try:
            return tomllib.loads(tried), dict(_lines(tried)), None
        # Beside its own error, the parser raises these for brackets and digits by the thousand.
        except (ValueError, RecursionError) as error:
            why = str(error)
    line = re.search(r"line (\d+)", why)
    place = f"{where}:{line[1]}" if line else where
    if why.startswith(("Cannot overwrite", "Cannot declare")):
        return {}, {}, Mistake("This stands here for the second time.", "Remove one.", place)
    fix = 'Texts stand in quotes: key = "value"; lists in brackets: ["a", "b"]'
    return {}, {}, Mistake("From here on this is no TOML.", fix, place)


def _lines(content: str) -> Iterator[tuple[str, int]]:
    table, tables = "", 0
    for number, line in enumerate(content.splitlines(), 1):
        if heading := _HEADING.match(line):
            table = heading[1]
            if table == "targets":
                table, tables = f"targets.{tables}", tables + 1
            yield table, number
        elif key := _KEY.match(line):
            yield f"{table}.{key[1]}" if table else key[1], number


def _first_hand(details: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Leave away that a list is too short where only what is in it is wrong."""
    for detail in details:
        inside = (each["loc"][: len(detail["loc"])] for each in details if each is not detail)
        if detail["type"] != "too_short" or detail["loc"] not in inside:
            yield detail


def _unknown(key: str, known: Collection[str]) -> tuple[str, str]:
    """Return what is wrong with a key that does not belong where it stands, and the mend.

    In TOML a key belongs to the block above it, so one that is added at the end is a target's.
    """
    if key in Target.model_fields:
        return "This key belongs to a target.", "Write it under [[targets]]."
    if key in CampaignFile.model_fields:
        return "This key does not belong to a target.", "Write it above the first [[targets]]."
    return "This key is not known.", suggest(key, known)


def _explained(detail: ErrorDetails, where: str, lines: dict[str, int]) -> Mistake:
    """Return pydantic's finding in our own words."""
    path = [str(part) for part in detail["loc"]]
    key = ".".join(path)
    known = CampaignFile.model_fields if len(path) == 1 else Target.model_fields
    line = lines.get(key) or lines.get(".".join(path[:2])) or lines.get(path[0])
    place = f"{where}:{line} {key}" if line else f"{where} {key}"
    match detail["type"]:
        case "extra_forbidden":
            return Mistake(*_unknown(path[-1], known), place)
        case "missing":
            field = known.get(path[-1])
            about = f"It says {field.description}." if field and field.description else ""
            return Mistake("This key is missing.", f"Write: {path[-1]} = … {about}".strip(), place)
        case "too_short":
            return Mistake("There must be at least one.", "Write one.", place)
        case "string_pattern_mismatch":
            return Mistake("This is not written as it must be.", _pattern(path), place)
        case "timezone_aware":
            return Mistake("The time lacks its zone.", "Add it: 2030-06-30T18:00:00Z", place)
        case kind:
            fix = next((_MENDS[each] for each in _MENDS if kind.startswith(each)), "Mend it so.")
            return Mistake(f"{detail['msg']}.", fix, place)


_MENDS = {
    "int": "Write a whole number without quotes: 30",
    "bool": "Write true or false, without quotes.",
    "date_": "Write a day without quotes: 2030-12-31",
    "datetime": "Write a time with its zone, without quotes: 2030-06-30T18:00:00Z",
    "string_type": 'Write a text in quotes: "text"',
    "string_too_short": "Write it out.",
    "tuple": 'Write a list in brackets: ["a", "b"]',
    "too_short": "Write one at least.",
    "dict": 'Write it for each language: { en = "text" }',
    "enum": "Choose one of these.",
    "literal": "Choose one of these.",
}


def _pattern(path: list[str]) -> str:
    if "hours" in path:
        return "Write hours like 09:00-17:00."
    if any(name in path for name in ("country", "for_countries", "at_risk", "likely_countries")):
        return "Write a country as two capital letters, like PT."
    if any(name in path for name in ("languages", "name")):
        return "Write a language like en, pt-BR or zh-Hant."
    return "Use 1 to 30 of a-z, 0-9 and the hyphen."


def _picture(
    folder: Path, file: CampaignFile, place: _Places, mistakes: list[Mistake]
) -> bytes | None:
    if file.picture is None:
        return None
    path, where = folder / file.picture, place("picture")
    try:
        # A link may lead to another file of the folder, and nowhere else.
        real = path.resolve(strict=True)
        within = real.is_relative_to(folder.resolve()) and real.is_file()
        size = real.stat().st_size
        content = real.read_bytes() if within and size <= MAX_PICTURE_BYTES else b""
    except (OSError, ValueError):
        within, size, content = False, 0, b""
    if not within:
        mistakes.append(Mistake("There is no such picture.", "Put it beside this file.", where))
    elif size > MAX_PICTURE_BYTES:
        mistakes.append(Mistake("Telegram takes no picture over 10 MB.", "Make it smaller.", where))
    elif not _PICTURE.match(content):
        mistakes.append(Mistake("This is no picture.", "Save it as PNG, JPEG or WebP.", where))
    elif len(content) > ADVISED_PICTURE_BYTES:
        what = f"The picture has {len(content) // 1000} kB; over 100 kB it is slow on a phone."
        mistakes.append(Mistake(what, "Make it smaller.", where, is_error=False))
    return content


def _texts(
    folder: Path, languages: tuple[str, ...]
) -> tuple[dict[str, Texts], tuple[Mistake, ...]]:
    texts: dict[str, Texts] = {}
    mistakes: list[Mistake] = []
    original: TextFile | None = None
    for language in dict.fromkeys(languages):
        name = f"{folder.name}/{language}.md"
        content, mistake = _read(folder / f"{language}.md", name)
        if mistake:
            mistakes.append(mistake)
            continue
        written = markdown_sections.parse_text_file(name, content)
        read, wrong = markdown_sections.read_texts(written)
        mistakes += wrong
        if read:
            texts[language] = read
        if language == languages[0]:
            original = written
        elif original and written.translates != original.digest:
            what = f"{languages[0]}.md has changed since this was translated."
            fix = "Bring it in line, then type: actionbot campaign stamp " + folder.name
            mistakes.append(Mistake(what, fix, name, is_error=False))
    for path in sorted(folder.glob("*.md")):
        if path.stem not in languages and path.stem.lower() != "readme":
            what = "These texts are not used: their language is not listed."
            where = f"{folder.name}/{path.name}"
            mistakes.append(
                Mistake(what, f"Add it to languages in {CAMPAIGN_FILE}.", where, is_error=False)
            )
    return texts, tuple(mistakes)


def _lines_of(folder: Path, languages: tuple[str, ...]) -> dict[str, TextFile]:
    return {
        language: markdown_sections.parse_text_file(
            f"{folder.name}/{language}.md", _read(folder / f"{language}.md", "")[0]
        )
        for language in languages
    }


def _campaign(file: CampaignFile, texts: dict[str, Texts], picture: bytes | None) -> Campaign:
    values = file.model_dump(exclude={"picture"})
    shown = {tag: text.model_dump() for tag, text in texts.items()}
    whole = json.dumps([values, shown], sort_keys=True, default=str, ensure_ascii=False)
    version = hashlib.sha256(whole.encode() + (picture or b"")).hexdigest()
    return Campaign.model_validate(
        {**values, "picture": picture, "texts": texts, "version": version}
    )
