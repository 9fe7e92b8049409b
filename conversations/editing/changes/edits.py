"""The edits of a campaign's files: each is a pure function, applied to the draft as it is then."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conversations.editing.draft import EditRefused
from conversations.folder.campaign_files import CAMPAIGN_FILE, MAX_TEXT_BYTES, CampaignFiles
from conversations.folder.edits.section_editing import (
    next_variant,
    remove_section,
    set_section,
)
from conversations.folder.edits.toml_editing import NotEditable, Path, remove_value, set_value
from conversations.folder.edits.translation_marks import keep_marks, outdated_sections
from conversations.folder.formats.markdown_sections import parse_text_file
from conversations.folder.formats.toml_file import parse_toml

_PICTURES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"RIFF": "webp"}
"""How pictures begin, and how the names of their files end."""


def languages_of(files: CampaignFiles) -> tuple[str, ...]:
    """Return the languages that campaign.toml lists, the original first; () if it is broken."""
    listed = settings_of(files).get("languages")
    return tuple(map(str, listed)) if isinstance(listed, list) else ()


def settings_of(files: CampaignFiles) -> Mapping[str, Any]:
    """Return the values of campaign.toml; {} if it is broken."""
    return parse_toml(files.text(CAMPAIGN_FILE)[0], "")[0]


def text_of(files: CampaignFiles, language: str) -> str:
    """Return the file of texts in a language; "" if there is none."""
    return files.text(f"{language}.md")[0]


def outdated_in(files: CampaignFiles, language: str) -> tuple[str, ...]:
    """Return the headings whose translation is missing or outdated."""
    original = next(iter(languages_of(files)), "")
    return outdated_sections(text_of(files, original), text_of(files, language))


@dataclass(frozen=True)
class SetText:
    """Write another text below a heading. Translations of it become outdated, and only of it."""

    language: str
    heading: str
    text: str

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. Raises EditRefused."""
        if not self.text.strip():
            raise EditRefused("edit.empty")
        return _with_text(
            files, self.language, lambda content: set_section(content, self.heading, self.text)
        )


@dataclass(frozen=True)
class AddVariant:
    """Add one more subject or letter."""

    language: str
    kind: str
    """“Subject” or “Letter”."""

    text: str

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. Raises EditRefused."""
        heading = next_variant(parse_text_file("", text_of(files, self.language)), self.kind)
        return SetText(self.language, heading, self.text).apply(files)


@dataclass(frozen=True)
class RemoveText:
    """Remove a heading and its text."""

    language: str
    heading: str

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change."""
        return _with_text(
            files, self.language, lambda content: remove_section(content, self.heading)
        )


@dataclass(frozen=True)
class SetValue:
    """Set a value in campaign.toml."""

    path: Path
    value: Any
    """A TOML value; a list is a tuple here."""

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. Raises EditRefused."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return with_settings(files, lambda content: set_value(content, self.path, value))


@dataclass(frozen=True)
class RemoveValue:
    """Remove a value from campaign.toml, so that the default holds."""

    path: Path

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. Raises EditRefused."""
        return with_settings(files, lambda content: remove_value(content, self.path))


@dataclass(frozen=True)
class SetPicture:
    """Put another picture above the first message."""

    content: bytes = field(repr=False)

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. Raises EditRefused."""
        ending = next(
            (name for start, name in _PICTURES.items() if self.content.startswith(start)), ""
        )
        if not ending:
            raise EditRefused("edit.not_a_picture")
        former = settings_of(files).get("picture")
        content = {name: each for name, each in files.content.items() if name != former}
        name = f"picture.{ending}"
        changed = CampaignFiles(files.name, {**content, name: self.content}, files.unreadable)
        return SetValue(("picture",), name).apply(changed)


@dataclass(frozen=True)
class RemoveFile:
    """Remove a whole file, such as a table of recipients."""

    name: str

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change."""
        content = {name: each for name, each in files.content.items() if name != self.name}
        return CampaignFiles(files.name, content, files.unreadable)


@dataclass(frozen=True)
class RemovePicture:
    """Show no picture above the first message."""

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. Raises EditRefused."""
        former = settings_of(files).get("picture")
        content = {name: each for name, each in files.content.items() if name != former}
        return RemoveValue(("picture",)).apply(CampaignFiles(files.name, content, files.unreadable))


def _with_text(files: CampaignFiles, language: str, change: Callable[[str], str]) -> CampaignFiles:
    """Return the files with a changed file of texts.

    If it is the original, translations note first which of their sections were current.
    """
    name, original = f"{language}.md", readable(files, language)
    edited = change(original)
    if edited == original:
        return files
    if len(edited.encode()) > MAX_TEXT_BYTES:
        raise EditRefused("edit.not_editable")
    content = {**files.content, name: edited.encode()}
    first, *others = languages_of(files) or (language,)
    if language == first:
        known = re.compile(r"[A-Za-z-]{2,12}")
        translations = {*others, *files.languages} - {first}
        for each in sorted(filter(known.fullmatch, translations)):
            if f"{each}.md" in files.content:
                kept = keep_marks(original, text_of(files, each))
                content[f"{each}.md"] = kept.encode()
    return CampaignFiles(files.name, content, files.unreadable)


def readable(files: CampaignFiles, language: str) -> str:
    """Return the file of texts in a language. Raises EditRefused for one that can't be read, whose
    other sections would be lost.
    """
    text, mistake = files.text(f"{language}.md")
    if mistake and f"{language}.md" in files.content:
        raise EditRefused("edit.not_editable")
    return text


def with_settings(files: CampaignFiles, change: Callable[[str], str]) -> CampaignFiles:
    """Return the files with a changed campaign.toml. Raises EditRefused."""
    try:
        changed = change(files.text(CAMPAIGN_FILE)[0])
    except NotEditable:
        raise EditRefused("edit.not_editable") from None
    return with_file(files, CAMPAIGN_FILE, changed.encode())


def with_file(files: CampaignFiles, name: str, content: bytes) -> CampaignFiles:
    """Return the files with another content of one of them."""
    return CampaignFiles(files.name, {**files.content, name: content}, files.unreadable)
