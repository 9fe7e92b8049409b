"""Translating a campaign: each text beside its original, outdated ones first."""

from collections.abc import Sequence

from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Turn
from conversations.core.paging import MAX_BUTTONS, Lazy, page_of
from conversations.core.replies import (
    Button,
    EditMessage,
    Keyboard,
    PersistentButton,
    Reply,
    Say,
)
from conversations.core.turns import toast
from conversations.editing.changes.block_codes import text_code
from conversations.editing.changes.edits import languages_of, outdated_in, text_of
from conversations.editing.parts import (
    Part,
    TextPart,
    content_of,
    find_part,
    fingerprint,
    part_of_heading,
)
from conversations.editing.views.preview import chunks
from conversations.editing.workbench import Workbench
from conversations.folder.edits.section_editing import read_sections
from conversations.folder.edits.short_texts import ShortText
from conversations.model.staff_inputs import AdminInput, AwaitedInput
from conversations.text.html import Html, escape
from conversations.text.languages import own_name

Translatable = str | ShortText
"""The heading of a section, or a short text."""


def translations(bench: Workbench) -> tuple[str, ...]:
    """Return the languages that the campaign is translated into, and those that were begun."""
    listed, files = languages_of(bench.draft.files), bench.draft.files
    return tuple(
        dict.fromkeys((*listed[1:], *(each for each in files.languages if each not in listed)))
    )


def languages(bench: Workbench, button: EditButton) -> Turn:
    """Ask for a language; then show its texts."""
    if not languages_of(bench.draft.files):
        return toast(bench.context, "toast.edit_broken", alert=True)
    found = translations(bench)
    if button.language in found:
        return _texts(bench, button)
    buttons: list[Button] = []
    for tag in found:
        outdated = len(_outdated(bench, tag))
        label = f"{own_name(tag)} · {outdated}" if outdated else f"✓ {own_name(tag)}"
        onward = EditButton(EditAction.TRANSLATE, bench.slug, tag)
        buttons.append(PersistentButton(label, onward))

    def turn(number: int, of: int) -> Button:
        onward = EditButton(EditAction.TRANSLATE, bench.slug, page=number)
        return PersistentButton(f"{number}/{of} …", onward)

    rows = page_of(buttons, button.page, 2, turn, room=MAX_BUTTONS - 2)
    add = (bench.button("button.edit_language", EditAction.ADD_LANGUAGE),)
    back = (bench.button("button.back", EditAction.HOME),)
    text = bench.context.wording.say("edit.which_translation")
    return _shown(bench, text, (*rows, add, back))


def _texts(bench: Workbench, button: EditButton) -> Turn:
    """Show the texts of a language, outdated ones first."""
    files, language, wording = bench.draft.files, button.language, bench.context.wording
    sections = outdated_in(files, language)
    headings = read_sections(text_of(files, _original(bench)))
    outdated: tuple[Translatable, ...] = (*sections, *bench.outdated_texts(language))
    current = [each for each in headings if each not in sections]
    every: list[Translatable] = [*outdated, *current, *bench.draft.texts.current_in(language)]

    def labelled(number: int) -> Button:
        code, label = _code(bench, every[number]), _label(bench, every[number])
        onward = EditButton(EditAction.SECTION, bench.slug, language, code)
        return PersistentButton(label if number < len(outdated) else f"✓ {label}", onward)

    def turn(number: int, of: int) -> Button:
        onward = EditButton(EditAction.TRANSLATE, bench.slug, language, page=number)
        return PersistentButton(f"{number}/{of} …", onward)

    buttons = Lazy(range(len(every)), labelled)
    rows = page_of(buttons, button.page, 1, turn, room=MAX_BUTTONS - 1)
    back = (bench.button("button.back", EditAction.TRANSLATE),)
    key = "edit.sections_left" if outdated else "edit.sections_done"
    text = wording.say(key, count=len(outdated), language=own_name(language))
    if outdated and language not in languages_of(files):
        text = Html(f"{text} {wording.say('edit.not_offered_yet')}")
    return _shown(bench, text, (*rows, back))


def section(bench: Workbench, button: EditButton) -> Turn:
    """Show a text beside its original, and wait for the translation."""
    part = translated_part(bench, button.part, button.language)
    if part is None or button.language not in translations(bench):
        return toast(bench.context, "toast.gone")
    pieces, ways = beside(bench, part, button.language)
    journey = bench.context.journey.awaiting(awaited(bench, part, button.language))
    replies: tuple[Reply, ...] = (EditMessage(pieces[0]), *map(Say, pieces[1:]))
    if len(pieces) == 1:
        replies = (EditMessage(pieces[0], ways),)
    else:
        replies = (*replies[:-1], Say(pieces[-1], ways))
    return Turn(journey, replies)


def translated_part(bench: Workbench, code: str, language: str) -> Part | None:
    """Return a text in a language, which may not be translated yet; None if it can't be."""
    part = find_part(bench.draft.files, code, _original(bench))
    if isinstance(part, TextPart):
        return None if part.is_new else TextPart(code, language, part.heading)
    return bench.find_part(code, language) if code in bench.draft.text_codes else None


def awaited(bench: Workbench, part: Part, language: str) -> AwaitedInput:
    """Return the translation that the chat waits for."""
    seen = fingerprint(bench.draft.files, part)
    return AwaitedInput(
        AdminInput.TRANSLATION, bench.slug, language=language, part=part.code, seen=seen
    )


def beside(bench: Workbench, part: Part, language: str) -> tuple[list[Html], Keyboard]:
    """Return the original and the translation of a text, and the buttons below."""
    files, wording = bench.draft.files, bench.context.wording
    source = _in_original(bench, part)
    translated = content_of(files, part)
    shown = ((_original(bench), content_of(files, source)), (language, translated))
    pieces = [
        wording.say("edit.part", name=f"{bench.label_of(part)} ({own_name(tag)})")
        + f"\n\n<pre>{escape(each)}</pre>"
        for tag, text in shown
        for each in (chunks(text) if text else ())
    ]
    key = "edit.translate_new" if not translated else "edit.translate"
    asked = wording.say(key, language=own_name(language))
    rows: list[tuple[Button, ...]] = []
    if translated and _is_outdated(bench, part, language):
        action = EditAction.CURRENT
        rows.append((bench.button("button.edit_current", action, part.code, language=language),))
    rows.append((bench.button("button.back", EditAction.TRANSLATE, language=language),))
    whole = Html("\n\n".join((*pieces, asked)))
    fits = sum(map(len, pieces)) <= 3500
    return ([whole] if fits else [*map(Html, pieces), asked]), tuple(rows)


def ask_language(bench: Workbench) -> Turn:
    """Ask which language to add."""
    awaits = AwaitedInput(AdminInput.NEW_LANGUAGE, bench.slug)
    back = (bench.button("button.back", EditAction.TRANSLATE),)
    text = bench.context.wording.say("edit.type_language")
    return Turn(bench.context.journey.awaiting(awaits), (EditMessage(text, (back,)),))


def next_outdated(bench: Workbench, language: str) -> Part | None:
    """Return the first outdated text of a language; None if all are current."""
    first = next(iter(_outdated(bench, language)), None)
    return None if first is None else translated_part(bench, _code(bench, first), language)


def _outdated(bench: Workbench, language: str) -> Sequence[Translatable]:
    """Return what a language lacks, or what is older than the original."""
    return (*outdated_in(bench.draft.files, language), *bench.outdated_texts(language))


def _is_outdated(bench: Workbench, part: Part, language: str) -> bool:
    if isinstance(part, TextPart):
        return part.heading in outdated_in(bench.draft.files, language)
    path = bench.draft.text_codes[part.code].path
    return any(each.path == path for each in bench.outdated_texts(language))


def _code(bench: Workbench, each: Translatable) -> str:
    if isinstance(each, ShortText):
        return text_code(each)
    return part_of_heading(bench.draft.files, each, _original(bench)).code


def _label(bench: Workbench, each: Translatable) -> str:
    original = _original(bench)
    if not isinstance(each, ShortText):
        return bench.label_of(part_of_heading(bench.draft.files, each, original))
    part = bench.part_of(each, original)
    return bench.label_of(part) if part else each.name


def _in_original(bench: Workbench, part: Part) -> Part:
    if isinstance(part, TextPart):
        return TextPart(part.code, _original(bench), part.heading)
    return bench.find_part(part.code, _original(bench)) or part


def _original(bench: Workbench) -> str:
    return languages_of(bench.draft.files)[0]


def _shown(bench: Workbench, text: Html, rows: Keyboard) -> Turn:
    return Turn(bench.context.journey.awaiting(None), (EditMessage(text, rows),))
