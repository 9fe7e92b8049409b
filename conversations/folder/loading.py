"""Load a campaign from its files: `campaign.toml`, the texts in each language, a picture."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from conversations.folder.campaign_files import (
    CAMPAIGN_FILE,
    TARGETS_FILE,
    CampaignFiles,
    read_folder,
)
from conversations.folder.checks.file_checks import check_file
from conversations.folder.checks.question_checks import check_answers
from conversations.folder.checks.target_checks import too_many_letters
from conversations.folder.checks.text_checks import check_campaign
from conversations.folder.checks.value_checks import Locate
from conversations.folder.edits.translation_marks import changed_texts
from conversations.folder.formats import markdown_sections
from conversations.folder.formats.markdown_sections import TextFile
from conversations.folder.formats.target_table import (
    TargetTable,
    first_few,
    read_areas,
    read_targets,
)
from conversations.folder.formats.toml_file import KeyLocations, block_ids, parse_toml
from conversations.folder.formats.value_errors import explain_values
from conversations.model.campaigns.campaign import (
    Campaign,
    CampaignFile,
    Texts,
)
from conversations.model.campaigns.target_index import TargetIndex
from conversations.model.mistakes import Mistake

SCHEMA_FILE = "campaign.schema.json"

ADVISED_PICTURE_BYTES = 100_000
"""A larger picture makes supporters with a slow connection wait for the first message."""

_PICTURE_START = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|RIFF.{4}WEBP", re.DOTALL)
_LANGUAGE_TAG = re.compile(r"[A-Za-z-]{2,12}")


@dataclass(frozen=True)
class LoadedCampaign:
    """The result of loading one campaign."""

    files: CampaignFiles

    campaign: Campaign | None
    """None if there is an error."""

    mistakes: tuple[Mistake, ...]
    """Errors and warnings."""

    @property
    def folder(self) -> str:
        """The name of the campaign's folder."""
        return self.files.name


def load_campaigns(folder: Path, today: date | None = None) -> tuple[LoadedCampaign, ...]:
    """Load every campaign under `folder`, in the order of their names.

    With `today`, dates in the past are mistakes. A running bot leaves that out: when the day comes,
    the campaign ends by itself.
    """
    files = sorted(folder.glob(f"*/{CAMPAIGN_FILE}"))
    return tuple(load_campaign(path.parent, today) for path in files)


def load_campaign(folder: Path, today: date | None = None) -> LoadedCampaign:
    """Load the campaign in `folder`. With `today`, dates in the past are mistakes."""
    return load_files(read_folder(folder), today)


def load_files(files: CampaignFiles, today: date | None = None) -> LoadedCampaign:
    """Load a campaign from its files. With `today`, dates in the past are mistakes."""
    campaign, mistakes = _load(files, today)
    found = first_few(tuple(dict.fromkeys(mistakes)), files.where(TARGETS_FILE))
    return LoadedCampaign(files, campaign, tuple(found))


def _load(files: CampaignFiles, today: date | None) -> tuple[Campaign | None, list[Mistake]]:
    where = files.where(CAMPAIGN_FILE)
    content, mistake = files.text(CAMPAIGN_FILE)
    if mistake:
        return None, [mistake]
    values, lines, mistake = parse_toml(content, where)
    if mistake:
        return None, [mistake]
    table = _with_table(files, values)
    if table.mistakes:
        return None, [*table.mistakes]
    ids = block_ids(values)
    in_file = len(ids["targets"]) - len(table.rows)
    locate = KeyLocations(where, lines, ids, _rows(files, table, in_file))
    try:
        file = CampaignFile.model_validate(values)
    except ValidationError as error:
        explained = explain_values(error.errors(), locate)
        return None, [*explained, *_texts(files, _languages(values.get("languages")))[1]]
    mistakes = [*check_file(file, files.name, locate, today)]
    picture = _picture(files, file.picture, locate, mistakes)
    texts, wrong = _texts(files, file.languages)
    mistakes += wrong
    areas, wrong = read_areas(files)
    index = TargetIndex(file.targets, areas)
    mistakes += [*wrong, *too_many_letters(file, index, locate)]
    if any(each.is_error for each in mistakes):
        return None, mistakes
    campaign = _campaign(file, texts, picture, areas)
    written = _parsed_texts(files, file.languages)
    mistakes += [*check_campaign(campaign, written), *check_answers(campaign, written, locate)]
    return None if any(each.is_error for each in mistakes) else campaign, mistakes


def _with_table(files: CampaignFiles, values: dict[str, Any]) -> TargetTable:
    """Add the targets of `targets.csv` to the values of `campaign.toml`, and return the table."""
    defaults = values.get("target_defaults")
    languages = _languages(values.get("languages"))
    known = {"languages": [*languages]} | (defaults if isinstance(defaults, dict) else {})
    table = read_targets(files, known, languages)
    if table.values:
        listed = values.get("targets", [])
        values["targets"] = [*(listed if isinstance(listed, list) else []), *table.values]
    return table


def _rows(files: CampaignFiles, table: TargetTable, before: int) -> Callable[[int, str], str]:
    """Return the function that places a value of a target: "" for the first ones, in the file."""
    where = files.where(TARGETS_FILE)

    def place(number: int, key: str) -> str:
        return table.place(where, number - before, key) if number >= before and table.rows else ""

    return place


def _languages(given: object) -> tuple[str, ...]:
    """Return the listed languages, from TOML values that may be wrong elsewhere."""
    listed = given if isinstance(given, list) else []
    return tuple(tag for tag in listed if isinstance(tag, str) and _LANGUAGE_TAG.fullmatch(tag))


def mark_translations_current(folder: Path) -> tuple[Path, ...]:
    """Mark each translation as up to date with the original; return the files that changed."""
    files = read_folder(folder)
    values, _, _ = parse_toml(files.text(CAMPAIGN_FILE)[0], CAMPAIGN_FILE)
    original, *translations = values["languages"]
    digest = _parsed(files, original).digest
    changed: list[Path] = []
    for language in translations:
        content, mistake = files.text(f"{language}.md")
        is_current = markdown_sections.parse_text_file("", content).translates == digest
        if mistake is None and (not is_current or changed_texts(content)):
            path = folder / f"{language}.md"
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


def _picture(
    files: CampaignFiles, name: str | None, locate: Locate, mistakes: list[Mistake]
) -> bytes | None:
    """Return the picture's content, if there is one; add what is wrong to `mistakes`."""
    if name is None:
        return None
    where, content = locate("picture"), files.content.get(name, b"")
    if name in files.unreadable:
        mistakes.append(Mistake(*files.unreadable[name], where))
    elif name not in files.content:
        mistakes.append(Mistake("There is no such picture.", "Put it into this folder.", where))
    elif not _PICTURE_START.match(content):
        mistakes.append(
            Mistake("This isn't a valid picture.", "Save it as PNG, JPEG or WebP.", where)
        )
    elif len(content) > ADVISED_PICTURE_BYTES:
        problem = (
            f"The picture has {len(content) // 1000} kB; over 100 kB, it loads slowly on phones."
        )
        mistakes.append(Mistake(problem, "Make it smaller.", where, is_error=False))
    return content


def _texts(
    files: CampaignFiles, languages: tuple[str, ...]
) -> tuple[dict[str, Texts], tuple[Mistake, ...]]:
    texts: dict[str, Texts] = {}
    mistakes: list[Mistake] = []
    original: TextFile | None = None
    for language in dict.fromkeys(languages):
        content, mistake = files.text(f"{language}.md")
        if mistake:
            mistakes.append(mistake)
            continue
        written = _parsed(files, language)
        read, wrong = markdown_sections.read_texts(written)
        mistakes += wrong
        if read:
            texts[language] = read
        if language == languages[0]:
            original = written
        elif original and written.translates != original.digest:
            mistakes.append(_outdated(written, f"{languages[0]}.md", files.name))
        elif original and (older := changed_texts(content)):
            problem = f"Its names or questions are older than the original: {', '.join(older)}."
            fix = f"Update them, then run: actionbot campaign stamp {files.name}"
            mistakes.append(Mistake(problem, fix, written.name, is_error=False))
    for language in files.languages:
        if language not in languages:
            problem = "These texts aren't used: their language isn't listed."
            fix = f"Add it to languages in {CAMPAIGN_FILE}."
            mistakes.append(Mistake(problem, fix, files.where(f"{language}.md"), is_error=False))
    return texts, tuple(mistakes)


def _outdated(translation: TextFile, original: str, slug: str) -> Mistake:
    """Return the warning that a translation isn't marked as one of the current original."""
    problem = f"{original} has changed since this was translated."
    fix = f"Update the translation, then run: actionbot campaign stamp {slug}"
    if not translation.translates:
        problem = "Not stamped yet."
        fix = f"Once it matches {original}, run: actionbot campaign stamp {slug}"
    return Mistake(problem, fix, translation.name, is_error=False)


def _parsed_texts(files: CampaignFiles, languages: tuple[str, ...]) -> dict[str, TextFile]:
    return {language: _parsed(files, language) for language in languages}


def _parsed(files: CampaignFiles, language: str) -> TextFile:
    name = f"{language}.md"
    return markdown_sections.parse_text_file(files.where(name), files.text(name)[0])


def _campaign(
    file: CampaignFile, texts: dict[str, Texts], picture: bytes | None, areas: dict[str, str]
) -> Campaign:
    values = {**file.model_dump(exclude={"picture", "target_defaults"}), "areas": areas}
    shown = {tag: text.model_dump() for tag, text in texts.items()}
    whole = json.dumps([values, shown], sort_keys=True, default=str, ensure_ascii=False)
    version = hashlib.sha256(whole.encode() + (picture or b"")).hexdigest()
    return Campaign.model_validate(
        {**values, "picture": picture, "texts": texts, "version": version}
    )
