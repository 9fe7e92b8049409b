"""The parts of a campaign that can be edited: texts, settings and the picture, by short codes.

title, story …      the text below a heading; s1, s2 … the subjects, l1, l2 … the letters
s+, l+              one more subject, one more letter
org, goal …         a setting of campaign.toml
tXXXXXX.address …   a setting of a target, whose code is in `block_codes`
d.kind …            a setting of targets in targets.csv that have no column of their own
qXXXX.label …       a setting of a question; qXXXX.oYYYY one of its options
t+, q+, qXXXX.o+    one more target, question, or option
picture             the picture
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conversations.editing.changes.block_codes import (
    BLOCK_CODE,
    OPTION_CODE,
    array_of,
    find_block,
    find_option,
)
from conversations.editing.changes.blocks import blocks_of
from conversations.editing.changes.edits import languages_of, settings_of, text_of
from conversations.editing.typed_settings import path_in, written
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.edits.section_editing import kind_of, read_sections
from conversations.folder.edits.toml_editing import Path
from conversations.folder.formats.markdown_sections import NOTICE, RICH
from conversations.folder.formats.toml_file import QUESTIONS, TARGETS
from conversations.model.campaigns.settings import (
    ALL,
    OF_DEFAULTS,
    OF_QUESTIONS,
    OF_TARGETS,
    OPTION,
    Setting,
)
from conversations.model.campaigns.text_headings import CODES, HEADINGS, NUMBERED

PICTURE = "picture"

_VARIANT = re.compile(r"([sl])(\d{1,2}|\+)")
_IN_BLOCK = re.compile(rf"({BLOCK_CODE})\.([a-z]+)")
_OPTION = re.compile(OPTION_CODE)
_NEW = re.compile(r"[tq]\+|(q[\w-]{4})\.o\+")

TEXT_GROUPS: Mapping[str, tuple[str, ...]] = {
    "first": ("label", "title", "story", "more", "ask"),
    "letter": ("s", "l", "demands", "prompt", "prompt2"),
    "privacy": ("consent", "who", "contact", "recipient", "kept", "rights", "age"),
    "after": ("thanks", "share", "reminder", "resubject"),
    "safety": ("safety", "atrisk"),
}
"""The codes of texts by their groups, whose labels are `edit.group_NAME`."""


@dataclass(frozen=True)
class TextPart:
    """The text below a heading of a language's file."""

    code: str
    language: str

    heading: str
    """The heading; for one more subject or letter, the kind of it."""

    is_new: bool = False
    """Whether it is one more subject or letter, which is not written yet."""

    @property
    def is_rich(self) -> bool:
        """Whether it may have formatting."""
        return self.heading in RICH or self.heading in NOTICE

    @property
    def name(self) -> str:
        """Return what the audit log calls it."""
        return f"{self.language}: {self.heading}"


@dataclass(frozen=True)
class SettingPart:
    """A setting of campaign.toml."""

    code: str
    setting: Setting
    path: Path

    @property
    def name(self) -> str:
        """Return what the audit log calls it."""
        return ".".join(self.path)


@dataclass(frozen=True)
class RowPart:
    """The name of a target of targets.csv in a language."""

    code: str
    target: str
    """The target's id."""

    language: str
    text: str

    @property
    def name(self) -> str:
        """Return what the audit log calls it."""
        return f"{TARGETS}.{self.target}.name.{self.language}"


@dataclass(frozen=True)
class PicturePart:
    """The picture above the first message."""

    code: str = PICTURE
    name: str = PICTURE


@dataclass(frozen=True)
class NewPart:
    """One more target, question, or option, which begins with its text in a language."""

    code: str
    language: str

    question: str = ""
    """The question that gets an option; "" for a target or question."""

    @property
    def name(self) -> str:
        """Return what the audit log calls it."""
        if self.question:
            return f"{QUESTIONS}.{self.question}.options"
        return array_of(self.code)


Part = TextPart | SettingPart | RowPart | PicturePart | NewPart


def find_part(files: CampaignFiles, code: str, language: str) -> Part | None:
    """Return the part with a code; None if the campaign has none.

    `language` is that of the text; for a text in campaign.toml, the original without one.
    """
    if code == PICTURE:
        return PicturePart()
    if heading := HEADINGS.get(code):
        return TextPart(code, language, heading)
    if found := _VARIANT.fullmatch(code):
        return _variant(files, code, language, found)
    if code in ALL:
        return SettingPart(code, ALL[code], (ALL[code].key,))
    if code[:2] == "d." and code[2:] in OF_DEFAULTS:
        setting = OF_DEFAULTS[code[2:]]
        return SettingPart(code, setting, ("target_defaults", setting.key))
    tag = language or next(iter(languages_of(files)), "")
    if found := _IN_BLOCK.fullmatch(code):
        return _in_block(files, code, tag, found)
    if found := _OPTION.fullmatch(code):
        return _option(files, code, tag, found)
    if found := _NEW.fullmatch(code):
        if not found[1]:
            return NewPart(code, tag)
        block = find_block(files, found[1])
        return NewPart(code, tag, block[1][0]) if block else None
    return None


def _in_block(
    files: CampaignFiles, code: str, language: str, found: re.Match[str]
) -> SettingPart | None:
    """Return a setting of a target or question; None if there is none."""
    block = find_block(files, found[1])
    if block is None:
        return None
    array, (id_, _) = block
    setting = (OF_TARGETS if array == TARGETS else OF_QUESTIONS).get(found[2])
    return SettingPart(code, setting, path_in((array, id_), setting, language)) if setting else None


def _option(
    files: CampaignFiles, code: str, language: str, found: re.Match[str]
) -> SettingPart | None:
    """Return an option of a question; None if there is none."""
    block = find_block(files, found[1])
    option = find_option(block[1], found[2]) if block else None
    if block is None or option is None:
        return None
    return SettingPart(code, OPTION, (QUESTIONS, block[1][0], "options", option, language))


def part_of_heading(files: CampaignFiles, heading: str, language: str) -> TextPart:
    """Return the part that a heading of a text file begins."""
    code = CODES.get(heading) or next(
        (
            f"{letter}{number}"
            for letter, kind in NUMBERED.items()
            for number, each in enumerate(variants(files, language, kind), 1)
            if each == heading
        ),
        "",
    )
    return TextPart(code, language, heading)


def variants(files: CampaignFiles, language: str, kind: str) -> tuple[str, ...]:
    """Return the headings of all subjects, or of all letters, in a language."""
    return tuple(each for each in read_sections(text_of(files, language)) if kind_of(each) == kind)


def content_of(files: CampaignFiles, part: Part) -> str:
    """Return the present content of a part as text; "" if there is none."""
    match part:
        case TextPart(_, language, heading, is_new):
            return "" if is_new else read_sections(text_of(files, language)).get(heading, "")
        case SettingPart(_, setting, path):
            return written(setting, value_of(files, path))
        case RowPart(text=text):
            return text
        case PicturePart():
            return str(settings_of(files).get("picture", ""))
        case NewPart():
            return ""


def value_of(files: CampaignFiles, path: Path) -> Any:
    """Return the value at a path of campaign.toml; None if there is none."""
    values: Any = settings_of(files)
    if path[0] in (TARGETS, QUESTIONS):
        values, path = dict(blocks_of(files, path[0])).get(path[1], {}), path[2:]
    for key in path:
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def fingerprint(files: CampaignFiles, part: Part) -> str:
    """Return a hash of a part's content, to notice that somebody else changed it."""
    content = content_of(files, part).encode()
    if isinstance(part, PicturePart):
        content += files.content.get(content.decode(), b"")
    return hashlib.sha256(content).hexdigest()[:16]


def _variant(
    files: CampaignFiles, code: str, language: str, found: re.Match[str]
) -> TextPart | None:
    kind = NUMBERED[found[1]]
    if found[2] == "+":
        return TextPart(code, language, kind, is_new=True)
    headings, number = variants(files, language, kind), int(found[2])
    return TextPart(code, language, headings[number - 1]) if 0 < number <= len(headings) else None
