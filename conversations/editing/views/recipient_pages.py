"""The pages of recipients: the list, the names of one in each language, and removing the tables.

recipients ⇄ one of them ⇄ its names ⇄ the name in a language
recipients ⇄ remove a table? ──yes──▶ result
"""

from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Turn
from conversations.core.paging import Lazy
from conversations.core.replies import Button, PersistentButton
from conversations.core.turns import put, toast
from conversations.editing.changes.block_codes import code_of, digest
from conversations.editing.changes.blocks import blocks_of
from conversations.editing.changes.edits import RemoveFile
from conversations.editing.draft import Edit
from conversations.editing.parts import content_of
from conversations.editing.views import pages
from conversations.editing.workbench import Workbench
from conversations.folder.campaign_files import TABLES, TARGETS_FILE
from conversations.folder.formats.toml_file import TARGETS
from conversations.model.staff_inputs import AdminInput, AwaitedInput
from conversations.text.html import Html
from conversations.text.languages import own_name

DEFAULTS_OF_TABLE = "d"
"""The group of what holds for the targets of `targets.csv`."""

NAME = ".name"
"""What follows the code of a recipient in that of its name, and of the group of its names."""

_DIGEST = "~"
"""What is between the name of a table and a digest of it, in the button that removes it."""


def recipients(bench: Workbench, button: EditButton) -> Turn:
    """Show the recipients, and wait for a table of them."""
    there = [each for each in TABLES if each in bench.draft.files.content]
    first = [bench.button("edit.new_t", EditAction.PART, "t+")]
    if TARGETS_FILE in there:
        first.append(bench.button("edit.group_table", EditAction.GROUP, DEFAULTS_OF_TABLE))
    first += [_removing(bench, each) for each in there]
    ids = [id_ for id_, _ in blocks_of(bench.draft.files, TARGETS)]
    ids += [each.path[1] for each in bench.draft.texts.every if each.in_table]

    def shown(number: int) -> Button:
        if number < len(first):
            return first[number]
        id_ = ids[number - len(first)]
        onward = EditButton(EditAction.GROUP, bench.slug, part=code_of(TARGETS, id_))
        return PersistentButton(bench.name_of(TARGETS, id_), onward)

    wording = bench.context.wording
    about = wording.say("edit.table_there" if TARGETS_FILE in there else "edit.table")
    text = Html(f"{wording.say('edit.which_target')}\n\n{about}")
    back = bench.button("button.back", EditAction.SETTINGS)
    listed = pages.listed(bench, text, Lazy(range(len(first) + len(ids)), shown), button, back)
    awaited = AwaitedInput(AdminInput.CAMPAIGN_FILES, bench.slug)
    return Turn(listed.journey.awaiting(awaited), listed.replies)


def names(bench: Workbench, button: EditButton) -> Turn | None:
    """Show in which languages a recipient has a name; None if there is no such recipient."""
    code = button.part.removesuffix(NAME)
    part = bench.find_part(f"{code}{NAME}", "")
    if part is None:
        return None
    buttons = []
    for tag in bench.languages:
        named = bench.find_part(part.code, tag)
        mark = "✓ " if named and content_of(bench.draft.files, named) else ""
        onward = EditButton(EditAction.PART, bench.slug, tag, part.code)
        buttons.append(PersistentButton(f"{mark}{own_name(tag)}", onward))
    in_table = part.code in bench.draft.text_codes and bench.draft.text_codes[part.code].in_table
    back = bench.button("button.back", EditAction.GROUP, TARGETS if in_table else code)
    head = bench.context.wording.say("edit.part", name=bench.label_of(part))
    asked = bench.context.wording.say("edit.which_language")
    return pages.listed(bench, Html(f"{head}\n\n{asked}"), buttons, button, back, columns=2)


def ask_removal(bench: Workbench, button: EditButton) -> Turn:
    """Ask whether to remove a table."""
    name = button.part
    content = bench.draft.files.content.get(name)
    if name not in TABLES or content is None:
        return toast(bench.context, "toast.gone")
    text = bench.context.wording.say("edit.table_sure", file=name)
    part = f"{name}{_DIGEST}{digest(content)}"
    yes = bench.button("button.edit_table_yes", EditAction.REMOVE, part)
    no = bench.button("button.no_back", EditAction.GROUP, TARGETS)
    return put(bench.context, text, ((yes,), (no,)))


def removal(bench: Workbench, part: str) -> tuple[str, Edit] | None:
    """Return the name of the table and the edit of a button that removes it.

    None if it is no such button, or the table has changed since.
    """
    name, _, seen = part.partition(_DIGEST)
    content = bench.draft.files.content.get(name)
    if name not in TABLES or content is None or digest(content) != seen:
        return None
    return name, RemoveFile(name)


def _removing(bench: Workbench, name: str) -> PersistentButton:
    label = bench.context.wording.label("button.edit_table", file=name)
    return PersistentButton(label, EditButton(EditAction.ASK_REMOVE, bench.slug, part=name))
