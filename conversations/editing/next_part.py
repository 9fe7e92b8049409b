"""Find the next question to ask while somebody adds a recipient or a question to a campaign."""

from conversations.editing.changes.block_codes import array_of, code_of
from conversations.editing.changes.blocks import blocks_of, has_options
from conversations.editing.changes.edits import languages_of
from conversations.editing.parts import (
    NewPart,
    Part,
    RowPart,
    SettingPart,
    TextPart,
    find_part,
    value_of,
)
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.formats.toml_file import QUESTIONS, TARGETS
from conversations.model.campaigns.campaign_questions import QuestionKind
from conversations.model.campaigns.settings import IN_LANGUAGES, OPTION

_NEEDED = {
    TARGETS: ("name", "address", "country", "reads"),
    QUESTIONS: ("label", "text", "purpose", "kind"),
}
"""The codes of what a recipient and a question need, in the order in which they are asked."""


def next_part(files: CampaignFiles, saved: Part) -> Part | None:
    """Return what to ask after a part was saved; None if nothing is missing.

    `files` are those after the change. After an option another one is asked, until the person goes
    back.
    """
    match saved:
        case NewPart(_, _, question) if question:
            return saved
        case NewPart(code, language, _):
            array = array_of(code)
            return _missing(files, array, blocks_of(files, array)[-1][0], language)
        case SettingPart(_, setting, path) if path[0] in _NEEDED and setting is not OPTION:
            first = next(iter(languages_of(files)), "")
            language = path[-1] if setting.key in IN_LANGUAGES else first
            return _missing(files, path[0], path[1], language)
        case _:
            return None


def language_of(part: Part) -> str:
    """Return the language of a part; "" if it has none."""
    match part:
        case NewPart(_, language, _) | TextPart(_, language, _) | RowPart(_, _, language, _):
            return language
        case SettingPart(_, setting, path) if setting.key in IN_LANGUAGES:
            return path[-1]
        case _:
            return ""


def _missing(files: CampaignFiles, array: str, id_: str, language: str) -> Part | None:
    """Return the first thing that a block lacks; None if it lacks nothing."""
    code = code_of(array, id_)
    for each in _NEEDED[array]:
        part = find_part(files, f"{code}.{each}", language)
        if isinstance(part, SettingPart) and value_of(files, part.path) in (None, "", []):
            return part
    values = dict(blocks_of(files, array)).get(id_, {})
    is_choice = array == QUESTIONS and values.get("kind") == QuestionKind.CHOICE
    if is_choice and not has_options(files, id_):
        return find_part(files, f"{code}.o+", language)
    return None
