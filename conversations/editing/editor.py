"""Editing a campaign in the chat: which button or message leads where.

    home ⇄ texts ⇄ group ⇄ part ──typed──▶ result ──▶ home, walk, publish
    home ⇄ settings ⇄ group ⇄ part
    settings ⇄ recipients (`recipient_pages`) ⇄ one of them ⇄ part
    texts ⇄ questions ⇄ one of them ⇄ part (`block_pages`)
    recipients, questions ⇄ a new one ──typed──▶ the next thing that it needs (`next_part`)
    home ⇄ translations ⇄ its texts ⇄ one of them ──typed──▶ the next outdated one
    home ⇄ walk;   home ──▶ publish (`publishing`);   home ──▶ throw away? ──▶ nothing

Everything is saved as the campaign's draft at once, so nothing is lost by a restart, and a
colleague can go on. What is typed is applied to the draft as it is then; if somebody else changed
the same part meanwhile, their text is shown and nothing is overwritten.
"""

from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Context, Turn
from conversations.core.turns import toast
from conversations.editing import translating
from conversations.editing.changes import inputs
from conversations.editing.changes.edits import (
    RemovePicture,
    RemoveText,
    RemoveValue,
    SetValue,
)
from conversations.editing.draft import Edit
from conversations.editing.parts import (
    NewPart,
    Part,
    PicturePart,
    RowPart,
    SettingPart,
    TextPart,
)
from conversations.editing.publish import approval, publishing
from conversations.editing.views import block_pages, pages, part_page, preview, recipient_pages
from conversations.editing.workbench import Workbench, load
from conversations.model.campaigns.settings import OPTION


def pressed(context: Context, button: EditButton) -> Turn:
    """Answer a button of the editor. Raises FactMissing."""
    bench = load(context, button.campaign)
    languages = bench.draft.files.languages if bench else ()
    if bench is None or (button.language and button.language not in languages):
        return toast(context, "toast.gone")
    match button.action:
        case EditAction.HOME:
            return pages.home(bench)
        case EditAction.TEXTS:
            return pages.texts(bench, button)
        case EditAction.SETTINGS:
            return pages.settings(bench, button)
        case EditAction.GROUP:
            return block_pages.group(bench, button) or pages.group(bench, button)
        case EditAction.WALK:
            return preview.walk(bench, button)
        case EditAction.TRANSLATE:
            return translating.languages(bench, button)
        case EditAction.SECTION:
            return translating.section(bench, button)
        case EditAction.CURRENT:
            return inputs.mark_current(bench, button)
        case EditAction.ADD_LANGUAGE:
            return translating.ask_language(bench)
        case EditAction.ASK_REMOVE:
            return recipient_pages.ask_removal(bench, button)
        case EditAction.PART | EditAction.CHOOSE | EditAction.REMOVE:
            return _pressed_part(bench, button)
        case _:
            return _pressed_publishing(bench, button)


def _pressed_publishing(bench: Workbench, button: EditButton) -> Turn:
    match button.action:
        case EditAction.PUBLISH:
            return publishing.ask(bench)
        case EditAction.PUBLISH_YES | EditAction.SEND_THERE:
            return publishing.publish(bench, button)
        case EditAction.MERGE:
            return publishing.merge(bench, button)
        case EditAction.ASK_APPROVAL:
            return approval.ask_approval(bench, button)
        case EditAction.APPROVE:
            return approval.approve(bench, button)
        case EditAction.ASK_DROP:
            return publishing.ask_drop(bench)
        case _:
            return publishing.drop(bench, button)


def _pressed_part(bench: Workbench, button: EditButton) -> Turn:
    if button.action is EditAction.REMOVE:
        found = block_pages.removal(bench, button) or recipient_pages.removal(bench, button.part)
        if found:
            return block_pages.remove(bench, *found)
    part = bench.find_part(button.part, button.language)
    if part is None:
        return toast(bench.context, "toast.gone")
    if button.action is EditAction.PART:
        return part_page.part_page(bench, part, button.language)
    edit: Edit | None = None
    if button.action is EditAction.REMOVE and part_page.can_remove(bench, part):
        edit = _removal(part)
    elif isinstance(part, SettingPart) and 0 < button.page <= len(part.setting.choices):
        edit = SetValue(part.path, part.setting.choices[button.page - 1])
    if edit is None:
        return toast(bench.context, "toast.answered")
    return inputs.save(bench, part, edit)


def _removal(part: Part) -> Edit | None:
    match part:
        case TextPart(_, language, heading):
            return RemoveText(language, heading)
        case SettingPart(_, setting, path):
            return None if setting is OPTION else RemoveValue(path)
        case PicturePart():
            return RemovePicture()
        case NewPart() | RowPart():
            return None
