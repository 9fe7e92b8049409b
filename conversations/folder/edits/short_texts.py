"""Short texts that supporters read besides the files of texts: in campaign.toml and targets.csv.

These are the names of targets, and of questions the label, the text, the purpose and the options.
Each has one text for each language.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conversations.folder.campaign_files import CAMPAIGN_FILE, TARGETS_FILE, CampaignFiles
from conversations.folder.edits.tables import read_table
from conversations.folder.edits.toml_editing import ID, Path
from conversations.folder.edits.translation_marks import (
    changed_texts,
    digest_of,
    with_changed_texts,
)
from conversations.folder.formats.toml_file import QUESTIONS, TARGETS, parse_toml

NAME_COLUMN = "name"
"""The column of targets.csv with the name in all languages that have no column of their own."""

_OF_QUESTIONS = ("label", "text", "purpose")


@dataclass(frozen=True)
class ShortText:
    """A short text in each language."""

    path: Path
    """Where it is, without the language: ("targets", "minister", "name")."""

    texts: Mapping[str, str]

    in_table: bool = False
    """Whether it is in targets.csv."""

    @property
    def name(self) -> str:
        """Return the path as files of texts note it."""
        return ".".join(self.path)


@dataclass(frozen=True)
class ShortTexts:
    """The short texts of a campaign."""

    every: tuple[ShortText, ...] = ()

    by_language: Mapping[str, "Translated"] = field(default_factory=dict)
    """How far they are translated into each language but the original."""

    def outdated_in(self, language: str) -> tuple[ShortText, ...]:
        """Return those that are missing in a language, or older than the original."""
        return self.by_language.get(language, _NOTHING).outdated

    def current_in(self, language: str) -> tuple[ShortText, ...]:
        """Return those whose translation is not known to be older than the original."""
        return self.by_language.get(language, _NOTHING).current


@dataclass(frozen=True)
class Translated:
    """The short texts of a campaign, by whether their translation is up to date."""

    outdated: tuple[ShortText, ...] = ()
    current: tuple[ShortText, ...] = ()


_NOTHING = Translated()


def column_of(language: str) -> str:
    """Return the column of targets.csv that has the names in a language."""
    return f"{NAME_COLUMN}_{language}"


def read_short_texts(files: CampaignFiles) -> ShortTexts:
    """Return the short texts of a campaign, in the order of its files.

    It reads the whole table of targets, so don't call it on the event loop.
    """
    values = parse_toml(files.text(CAMPAIGN_FILE)[0], "")[0]
    languages = _languages(values)
    if not languages:
        return ShortTexts()
    known = tuple(dict.fromkeys((*languages, *files.languages)))
    every = tuple(_every(files, values, known))
    return ShortTexts(
        every,
        {
            language: _divided(every, known[0], language, files.text(f"{language}.md")[0])
            for language in known[1:]
        },
    )


def note_changes(before: CampaignFiles, after: CampaignFiles) -> CampaignFiles:
    """Return the files after an edit; translations note which short texts are older now.

    A text is older once its original has changed and it has not.
    """
    names = (CAMPAIGN_FILE, TARGETS_FILE)
    if all(before.content.get(each) == after.content.get(each) for each in names):
        return after
    languages = _languages(parse_toml(after.text(CAMPAIGN_FILE)[0], "")[0])
    was = _languages(parse_toml(before.text(CAMPAIGN_FILE)[0], "")[0])
    if not languages or languages[:1] != was[:1]:
        return after
    content, new = dict(after.content), read_short_texts(after).every
    former = {each.name: each.texts for each in read_short_texts(before).every}
    for language in {*languages, *after.languages} - {languages[0]}:
        text, mistake = after.text(f"{language}.md")
        if mistake:
            continue
        marks = _marks(changed_texts(text), former, new, languages[0], language)
        noted = with_changed_texts(text, marks)
        if noted != text:
            content[f"{language}.md"] = noted.encode()
    return CampaignFiles(after.name, content, after.unreadable)


def _marks(
    marked: Mapping[str, str],
    former: Mapping[str, Mapping[str, str]],
    new: tuple[ShortText, ...],
    original: str,
    language: str,
) -> dict[str, str]:
    """Return the digest of the original of each translation that is older than it, by name."""
    marks: dict[str, str] = {}
    for each in new:
        before, source = former.get(each.name, {}), each.texts.get(original, "")
        translated = each.texts.get(language)
        if not translated or translated != before.get(language):
            continue
        made_from = marked.get(each.name) or digest_of(before.get(original, ""))
        if made_from != digest_of(source):
            marks[each.name] = made_from
    return marks


def _divided(
    every: tuple[ShortText, ...], original: str, language: str, content: str
) -> Translated:
    """Divide texts by whether their translation is up to date; those without an original are out.

    `content` is the language's file of texts, which notes what is older.
    """
    marked = changed_texts(content)
    outdated: list[ShortText] = []
    current: list[ShortText] = []
    for each in every:
        if not (source := each.texts.get(original)):
            continue
        made_from = marked.get(each.name) if marked else None
        is_older = made_from is not None and made_from != digest_of(source)
        is_current = bool(each.texts.get(language)) and not is_older
        (current if is_current else outdated).append(each)
    return Translated(tuple(outdated), tuple(current))


def _every(
    files: CampaignFiles, values: Mapping[str, Any], known: tuple[str, ...]
) -> Iterator[ShortText]:
    for id_, block in _blocks(values, TARGETS):
        yield ShortText((TARGETS, id_, NAME_COLUMN), _texts(block.get(NAME_COLUMN)))
    yield from _of_table(files, known)
    for id_, block in _blocks(values, QUESTIONS):
        for key in _OF_QUESTIONS:
            yield ShortText((QUESTIONS, id_, key), _texts(block.get(key)))
        options = block.get("options")
        for option, texts in (options if isinstance(options, dict) else {}).items():
            yield ShortText((QUESTIONS, id_, "options", option), _texts(texts))


def _of_table(files: CampaignFiles, known: tuple[str, ...]) -> Iterator[ShortText]:
    table = read_table(TARGETS_FILE, files.content.get(TARGETS_FILE, b""))
    columns = {language: column_of(language) for language in known}
    for id_, cells in (table.rows if table else {}).items():
        common = cells.get(NAME_COLUMN, "")
        texts = {language: cells.get(column, common) for language, column in columns.items()}
        yield ShortText((TARGETS, id_, NAME_COLUMN), texts, in_table=True)


def _blocks(values: Mapping[str, Any], array: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    listed = values.get(array)
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and each.get(ID):
            yield str(each[ID]), each


def _texts(given: object) -> dict[str, str]:
    found = given if isinstance(given, dict) else {}
    return {tag: text for tag, text in found.items() if isinstance(text, str)}


def _languages(values: Mapping[str, Any]) -> tuple[str, ...]:
    listed = values.get("languages")
    return tuple(map(str, listed)) if isinstance(listed, list) else ()
