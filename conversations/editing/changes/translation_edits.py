"""The edits that translate a campaign: sections, short texts, and a new language."""

from dataclasses import dataclass

from conversations.editing.changes.edits import (
    SetValue,
    languages_of,
    outdated_in,
    readable,
    text_of,
    with_file,
)
from conversations.editing.draft import EditRefused, one_line
from conversations.folder.campaign_files import TARGETS_FILE, CampaignFiles
from conversations.folder.edits.section_editing import read_sections, set_section
from conversations.folder.edits.short_texts import ShortText, column_of, read_short_texts
from conversations.folder.edits.tables import set_cell
from conversations.folder.edits.toml_editing import Path
from conversations.folder.edits.translation_marks import (
    changed_texts,
    mark_current,
    with_changed_texts,
)
from conversations.folder.formats.markdown_sections import parse_text_file


@dataclass(frozen=True)
class Translate:
    """Write the translation of a section, which is current then."""

    language: str
    heading: str

    text: str = ""
    """The translation; "" leaves it, and only marks it as current."""

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. A complete new language is added to the campaign's.

        Raises EditRefused.
        """
        original, content = text_of(files, languages_of(files)[0]), readable(files, self.language)
        if self.text.strip():
            content = set_section(content, self.heading, self.text)
        elif not read_sections(content).get(self.heading):
            raise EditRefused("edit.empty")
        translated = mark_current(original, content, self.heading)
        return _listed(with_file(files, f"{self.language}.md", translated.encode()), self.language)


@dataclass(frozen=True)
class TranslateShortText:
    """Write the translation of a short text, which is current then."""

    language: str
    path: Path
    """Where the text is (`ShortText.path`)."""

    in_table: bool

    text: str = ""
    """The translation; "" leaves it, and only marks it as current."""

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. A complete new language is added to the campaign's.

        Raises EditRefused.
        """
        content, text = readable(files, self.language), " ".join(self.text.split())
        marks = changed_texts(content)
        marks.pop(ShortText(self.path, {}).name, None)
        marked = with_changed_texts(content, marks)
        changed = with_file(files, f"{self.language}.md", marked.encode())
        if text and self.in_table:
            changed = SetNameInTable(self.path[1], self.language, text).apply(changed)
        elif text:
            changed = SetValue((*self.path, self.language), text).apply(changed)
        return _listed(changed, self.language)


@dataclass(frozen=True)
class SetNameInTable:
    """Set the name of a target of targets.csv in a language."""

    target: str
    language: str
    name: str

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. Raises EditRefused."""
        name = one_line(self.name)
        table, column = files.content.get(TARGETS_FILE, b""), column_of(self.language)
        changed = set_cell(TARGETS_FILE, table, self.target, column, name)
        if changed is None:
            raise EditRefused("edit.not_editable")
        return with_file(files, TARGETS_FILE, changed)


@dataclass(frozen=True)
class AddLanguage:
    """Begin the translation into another language. Supporters see it once it is complete."""

    language: str

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. Raises EditRefused."""
        name = f"{self.language}.md"
        if name in files.content:
            raise EditRefused("edit.language_exists")
        original = text_of(files, languages_of(files)[0])
        headings = "\n\n".join(
            f"{'##' if is_notice else '#'} {heading}" for heading, is_notice in _headings(original)
        )
        return with_file(files, name, f"{headings}\n".encode())


def _listed(files: CampaignFiles, language: str) -> CampaignFiles:
    """Return the files with a language among the campaign's, if it is complete now."""
    languages = languages_of(files)
    if language in languages or outdated_in(files, language):
        return files
    if read_short_texts(files).outdated_in(language):
        return files
    return SetValue(("languages",), (*languages, language)).apply(files)


def _headings(content: str) -> list[tuple[str, bool]]:
    """Return the headings of a file in their order, and whether each is a part of the notice."""
    written = parse_text_file("", content)
    notice = {each.line for each in written.notice}
    every = sorted((*written.sections, *written.notice), key=lambda each: each.line)
    return [(each.heading, each.line in notice) for each in every]
