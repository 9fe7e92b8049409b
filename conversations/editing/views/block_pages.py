"""The pages of one recipient, and of the campaign's own questions: list, one of them, options."""

from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Turn
from conversations.core.replies import PersistentButton, Say
from conversations.core.turns import toast
from conversations.editing.changes.block_codes import code_of, find_block, option_code
from conversations.editing.changes.blocks import (
    Block,
    RemoveBlock,
    RemoveOption,
    blocks_of,
    options_of,
)
from conversations.editing.draft import Edit
from conversations.editing.parts import SettingPart, find_part
from conversations.editing.views import pages, recipient_pages
from conversations.editing.views.mistakes import say_mistakes
from conversations.editing.views.recipient_pages import DEFAULTS_OF_TABLE, NAME
from conversations.editing.workbench import Workbench
from conversations.folder.campaign_files import TARGETS_FILE
from conversations.folder.formats.toml_file import QUESTIONS, TARGETS
from conversations.model.campaigns.campaign_questions import QuestionKind, in_language
from conversations.model.campaigns.settings import DEFAULTS, OPTION, QUESTION, TARGET
from conversations.text.html import Html

_OPTIONS = ".o"
"""What follows the code of a question in that of the group of its options."""


def group(bench: Workbench, button: EditButton) -> Turn | None:
    """Show recipients or questions, one of them, or options; None for any other group."""
    if button.part == TARGETS:
        return recipient_pages.recipients(bench, button)
    if button.part == QUESTIONS:
        return _questions(bench, button)
    if button.part == DEFAULTS_OF_TABLE:
        codes = [f"d.{each.code}" for each in DEFAULTS]
        back = bench.button("button.back", EditAction.GROUP, TARGETS)
        return _settings(bench, button, codes, back)
    found = find_block(bench.draft.files, button.part.removesuffix(_OPTIONS))
    if found is None:
        return recipient_pages.names(bench, button)
    array, block = found
    if button.part.endswith(_OPTIONS):
        return _options(bench, button, block)
    return _block(bench, button, array, block)


def removal(bench: Workbench, button: EditButton) -> tuple[str, Edit] | None:
    """Return the id and the edit of a button that removes a recipient, question or option.

    None if it is no such button, or what it was for has gone.
    """
    if found := find_block(bench.draft.files, button.part):
        array, (id_, _) = found
        return (id_, RemoveBlock(array, id_)) if _can_remove(bench, array) else None
    part = find_part(bench.draft.files, button.part, button.language)
    if isinstance(part, SettingPart) and part.setting is OPTION:
        question, option = part.path[1], part.path[3]
        return option, RemoveOption(question, option)
    return None


def remove(bench: Workbench, name: str, edit: Edit) -> Turn:
    """Remove a recipient, question or option, and show what is wrong then."""
    after, wording = bench.after(edit), bench.context.wording
    if after.draft.refused is not None:
        return toast(bench.context, after.draft.refused.key, alert=True)
    texts = (wording.say("edit.removed", name=name), say_mistakes(after))
    text = Html("\n\n".join(each for each in texts if each))
    reply = Say(text, pages.result_buttons(after))
    return Turn(bench.context.journey.awaiting(None), (reply,), (after.save(f"- {name}"),))


def _questions(bench: Workbench, button: EditButton) -> Turn:
    language = button.language
    buttons = [_part(bench, "edit.new_q", "q+", language)]
    for id_, values in blocks_of(bench.draft.files, QUESTIONS):
        onward = EditButton(EditAction.GROUP, bench.slug, language, code_of(QUESTIONS, id_))
        buttons.append(PersistentButton(_said(values.get("label"), language, id_), onward))
    text = bench.context.wording.say("edit.which_question")
    back = bench.button("button.back", EditAction.TEXTS, language=language)
    return pages.listed(bench, text, buttons, button, back)


def _block(bench: Workbench, button: EditButton, array: str, block: Block) -> Turn:
    """Show what can be edited of a recipient or a question."""
    code, language = button.part, button.language
    more = []
    if array == QUESTIONS and block[1].get("kind") == QuestionKind.CHOICE:
        options = f"{code}{_OPTIONS}"
        more.append(bench.button("edit.options", EditAction.GROUP, options, language=language))
    if _can_remove(bench, array):
        more.append(bench.button("button.edit_remove", EditAction.REMOVE, code, language=language))
    settings = TARGET if array == TARGETS else QUESTION
    codes = [f"{code}.{each.code}" for each in settings]
    back = bench.button("button.back", EditAction.GROUP, array, language=language)
    return _settings(bench, button, codes, back, more)


def _to_names(bench: Workbench, button: PersistentButton) -> PersistentButton:
    """Return the button of a setting; that of a name leads to its languages, if it has several."""
    data = button.data
    if not isinstance(data, EditButton) or not data.part.endswith(NAME):
        return button
    several = len(bench.languages) > 1
    onward = EditButton(EditAction.GROUP, bench.slug, part=data.part)
    return PersistentButton(button.label, onward) if several else button


def _options(bench: Workbench, button: EditButton, block: Block) -> Turn:
    language, (question, values) = button.language, block
    buttons = [_part(bench, "edit.new_o", f"{button.part}+", language)]
    options = values.get("options", {})
    for id_ in options_of(values):
        onward = EditButton(EditAction.PART, bench.slug, language, option_code(question, id_))
        buttons.append(PersistentButton(_said(options[id_], language, id_), onward))
    text = bench.context.wording.say("edit.which_option")
    above = code_of(QUESTIONS, question)
    back = bench.button("button.back", EditAction.GROUP, above, language=language)
    return pages.listed(bench, text, buttons, button, back)


def _settings(
    bench: Workbench,
    button: EditButton,
    codes: list[str],
    back: PersistentButton,
    more: list[PersistentButton] | None = None,
) -> Turn:
    asked = bench.context.wording.say("edit.which_setting")
    parts = [_to_names(bench, each) for each in pages.part_buttons(bench, codes, button.language)]
    buttons = [*parts, *(more or [])]
    return pages.listed(bench, asked, buttons, button, back)


def _can_remove(bench: Workbench, array: str) -> bool:
    """Whether a block can be removed: a campaign needs a recipient."""
    files = bench.draft.files
    return array == QUESTIONS or len(blocks_of(files, array)) > 1 or TARGETS_FILE in files.content


def _part(bench: Workbench, key: str, code: str, language: str = "") -> PersistentButton:
    return bench.button(key, EditAction.PART, code, language=language)


def _said(texts: object, language: str, otherwise: str) -> str:
    """Return a text in a language, else in another one, else `otherwise`."""
    if not isinstance(texts, dict) or not texts:
        return otherwise
    return in_language({tag: str(each) for tag, each in texts.items()}, language) or otherwise
