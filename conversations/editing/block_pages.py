"""The pages of recipients and of the campaign's own questions: lists, one of them, its options."""

import re
from zlib import crc32

from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Turn
from conversations.core.replies import PersistentButton, Say
from conversations.core.turns import toast
from conversations.editing import pages
from conversations.editing.blocks import (
    QUESTIONS,
    TARGETS,
    Block,
    RemoveBlock,
    RemoveOption,
    blocks_of,
    options_of,
)
from conversations.editing.draft import Edit
from conversations.editing.mistakes import say_mistakes
from conversations.editing.parts import block_at
from conversations.editing.settings import DEFAULTS, QUESTION, TARGET
from conversations.editing.workbench import Workbench
from conversations.folder.campaign_files import TARGETS_FILE
from conversations.model.campaign_questions import QuestionKind, in_language
from conversations.model.journey import AdminInput, AwaitedInput
from conversations.text.html import Html

TABLE = "d"
"""The group of what holds for the targets of `targets.csv`."""

_BLOCK = re.compile(r"([tq])(\d{1,4})")
_OPTION = re.compile(r"q(\d{1,4})\.o(\d{0,2})")
_ARRAYS = {"t": TARGETS, "q": QUESTIONS}


def group(bench: Workbench, button: EditButton) -> Turn | None:
    """Show recipients or questions, one of them, or options; None for any other group."""
    if button.part == TARGETS:
        return _targets(bench, button)
    if button.part == QUESTIONS:
        return _questions(bench, button)
    if button.part == TABLE:
        codes = [f"d.{each.code}" for each in DEFAULTS]
        back = bench.button("button.back", EditAction.GROUP, TARGETS)
        return _settings(bench, button, codes, back)
    if found := _BLOCK.fullmatch(button.part):
        block = block_at(bench.draft.files, _ARRAYS[found[1]], int(found[2]))
        return _block(bench, button, block) if block else toast(bench.context, "toast.gone")
    if (found := _OPTION.fullmatch(button.part)) and not found[2]:
        block = block_at(bench.draft.files, QUESTIONS, int(found[1]))
        return _options(bench, button, block) if block else toast(bench.context, "toast.gone")
    return None


def mark(name: str) -> int:
    """Return a number for the id of a block, so that a button removes only what it was shown for.

    Others may have added or removed blocks since.
    """
    return crc32(name.encode()) % 1_000_000


def removal(bench: Workbench, button: EditButton) -> tuple[str, Edit] | None:
    """Return the id and the edit of a button that removes a recipient, question or option.

    None if it is no such button, or what it was for has gone.
    """
    files = bench.draft.files
    if found := _BLOCK.fullmatch(button.part):
        array = _ARRAYS[found[1]]
        block = block_at(files, array, int(found[2]))
        if block and mark(block[0]) == button.page and _can_remove(bench, array):
            return block[0], RemoveBlock(array, block[0])
    if (found := _OPTION.fullmatch(button.part)) and found[2]:
        block = block_at(files, QUESTIONS, int(found[1]))
        ids = options_of(block[1]) if block else ()
        number = int(found[2])
        if block and number < len(ids) and mark(ids[number]) == button.page:
            return ids[number], RemoveOption(block[0], ids[number])
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


def _targets(bench: Workbench, button: EditButton) -> Turn:
    """Show the recipients, and wait for a table of them."""
    has_table = TARGETS_FILE in bench.draft.files.content
    buttons = [_part(bench, "edit.new_t", "t+")]
    if has_table:
        buttons.append(bench.button("edit.group_table", EditAction.GROUP, TABLE))
    buttons += [
        PersistentButton(id_, EditButton(EditAction.GROUP, bench.slug, part=f"t{number}"))
        for number, (id_, _) in enumerate(blocks_of(bench.draft.files, TARGETS))
    ]
    wording = bench.context.wording
    about = wording.say("edit.table_there" if has_table else "edit.table")
    text = Html(f"{wording.say('edit.which_target')}\n\n{about}")
    back = bench.button("button.back", EditAction.SETTINGS)
    shown = pages.listed(bench, text, buttons, button, back)
    awaited = AwaitedInput(AdminInput.CAMPAIGN_FILES, bench.slug)
    return Turn(shown.journey.awaiting(awaited), shown.replies)


def _questions(bench: Workbench, button: EditButton) -> Turn:
    language = button.language
    buttons = [_part(bench, "edit.new_q", "q+", language)]
    for number, (id_, values) in enumerate(blocks_of(bench.draft.files, QUESTIONS)):
        onward = EditButton(EditAction.GROUP, bench.slug, language, f"q{number}")
        buttons.append(PersistentButton(_said(values.get("label"), language, id_), onward))
    text = bench.context.wording.say("edit.which_question")
    back = bench.button("button.back", EditAction.TEXTS, language=language)
    return pages.listed(bench, text, buttons, button, back)


def _block(bench: Workbench, button: EditButton, block: Block) -> Turn:
    """Show what can be edited of a recipient or a question."""
    code, language = button.part, button.language
    array = _ARRAYS[code[0]]
    more = []
    if array == QUESTIONS and block[1].get("kind") == QuestionKind.CHOICE:
        more.append(bench.button("edit.options", EditAction.GROUP, f"{code}.o", language=language))
    if _can_remove(bench, array):
        action, number = EditAction.REMOVE, mark(block[0])
        more.append(
            bench.button("button.edit_remove", action, code, language=language, page=number)
        )
    settings = TARGET if array == TARGETS else QUESTION
    codes = [f"{code}.{each.code}" for each in settings]
    back = bench.button("button.back", EditAction.GROUP, array, language=language)
    return _settings(bench, button, codes, back, more)


def _options(bench: Workbench, button: EditButton, block: Block) -> Turn:
    language, code = button.language, button.part
    buttons = [_part(bench, "edit.new_o", f"{code}+", language)]
    options = block[1].get("options", {})
    for number, id_ in enumerate(options_of(block[1])):
        onward = EditButton(EditAction.PART, bench.slug, language, f"{code}{number}")
        buttons.append(PersistentButton(_said(options[id_], language, id_), onward))
    text = bench.context.wording.say("edit.which_option")
    above = code.partition(".")[0]
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
    buttons = [*pages.part_buttons(bench, codes, button.language), *(more or [])]
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
