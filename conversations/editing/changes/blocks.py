"""The edits of whole blocks of campaign.toml: recipients, questions, and options of questions."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from conversations.editing.changes.edits import RemoveValue, SetValue, settings_of, with_settings
from conversations.editing.draft import EditRefused, one_line
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.edits.toml_blocks import add_block, remove_block
from conversations.folder.formats.toml_file import QUESTIONS, TARGETS
from conversations.model.letters.letter import LETTER_PLACEHOLDERS

_NAMES = {TARGETS: "recipient", QUESTIONS: "question"}
"""How an id begins that can't be made of what was typed."""

_MAX_ID = 24
"""How long an id is that is made here."""

MIN_OPTIONS = 2
"""How many options a choice needs."""

Block = tuple[str, Mapping[str, Any]]
"""The id and the values of a block."""


def blocks_of(files: CampaignFiles, array: str) -> tuple[Block, ...]:
    """Return the blocks of an array of campaign.toml that have an id."""
    listed = settings_of(files).get(array)
    return tuple(
        (str(each["id"]), each)
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict) and each.get("id")
    )


def options_of(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of the options of a question."""
    found = values.get("options")
    return tuple(found) if isinstance(found, Mapping) else ()


def has_options(files: CampaignFiles, question: str) -> bool:
    """Whether a question that is a choice has as many options as it needs."""
    return len(options_of(dict(blocks_of(files, QUESTIONS)).get(question, {}))) >= MIN_OPTIONS


@dataclass(frozen=True)
class AddBlock:
    """Begin one more recipient or question, with the first thing that is known of it."""

    array: str
    key: str
    """The key of the text that was typed."""

    language: str
    text: str

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. Raises EditRefused."""
        text = one_line(self.text)
        taken = {*LETTER_PLACEHOLDERS, *(id_ for id_, _ in blocks_of(files, self.array))}
        values = {
            "id": new_id(text, taken, _NAMES[self.array]),
            self.key: {self.language: text},
        }
        return with_settings(files, lambda content: add_block(content, self.array, values))


@dataclass(frozen=True)
class RemoveBlock:
    """Remove a recipient or a question."""

    array: str
    id_: str

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. Raises EditRefused."""
        return with_settings(files, lambda content: remove_block(content, self.array, self.id_))


@dataclass(frozen=True)
class AddOption:
    """Add an option to a question that is a choice."""

    question: str
    language: str
    text: str

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. Raises EditRefused."""
        text = one_line(self.text)
        values = dict(blocks_of(files, QUESTIONS)).get(self.question, {})
        id_ = new_id(text, options_of(values), "option")
        path = (QUESTIONS, self.question, "options", id_, self.language)
        return SetValue(path, text).apply(files)


@dataclass(frozen=True)
class RemoveOption:
    """Remove an option of a question, in all languages."""

    question: str
    option: str

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. Raises EditRefused."""
        values = dict(blocks_of(files, QUESTIONS)).get(self.question, {})
        if self.option not in options_of(values):
            return files
        texts = values["options"][self.option]
        for language in texts if isinstance(texts, Mapping) else ():
            path = (QUESTIONS, self.question, "options", self.option, language)
            files = RemoveValue(path).apply(files)
        if self.option in options_of(dict(blocks_of(files, QUESTIONS))[self.question]):
            raise EditRefused("edit.not_editable")
        return files


def new_id(text: str, taken: Collection[str], otherwise: str) -> str:
    """Return a short name that is made of a text, and isn't taken."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", letters)[:_MAX_ID].strip("-") or otherwise
    ids = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 2)))
    return next(each for each in ids if each not in taken)
