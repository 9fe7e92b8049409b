"""Translating a campaign: each section beside its original, outdated ones first."""

from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Turn
from conversations.core.paging import MAX_BUTTONS, page_of
from conversations.core.replies import (
    Button,
    EditMessage,
    Keyboard,
    PersistentButton,
    Reply,
    Say,
)
from conversations.core.turns import toast
from conversations.editing.edits import languages_of, outdated_in, text_of
from conversations.editing.parts import TextPart, find_part, fingerprint, part_of_heading
from conversations.editing.preview import chunks
from conversations.editing.workbench import Workbench
from conversations.folder.edits.section_editing import read_sections
from conversations.model.journey import AdminInput, AwaitedInput
from conversations.text.html import Html, escape
from conversations.text.languages import own_name


def translations(bench: Workbench) -> tuple[str, ...]:
    """Return the languages that the campaign is translated into, and those that were begun."""
    listed, files = languages_of(bench.draft.files), bench.draft.files
    return tuple(
        dict.fromkeys((*listed[1:], *(each for each in files.languages if each not in listed)))
    )


def languages(bench: Workbench, button: EditButton) -> Turn:
    """Ask for a language; then show its sections."""
    files = bench.draft.files
    if not languages_of(files):
        return toast(bench.context, "toast.edit_broken", alert=True)
    found = translations(bench)
    if button.language in found:
        return _sections(bench, button)
    buttons: list[Button] = []
    for tag in found:
        outdated = len(outdated_in(files, tag))
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


def _sections(bench: Workbench, button: EditButton) -> Turn:
    """Show the sections of a language, outdated ones first."""
    files, language, wording = bench.draft.files, button.language, bench.context.wording
    outdated = outdated_in(files, language)
    every = read_sections(text_of(files, languages_of(files)[0]))
    ordered = (*outdated, *(each for each in every if each not in outdated))
    buttons = [
        PersistentButton(
            f"{'' if heading in outdated else '✓ '}{bench.label_of(_part(bench, heading))}",
            EditButton(EditAction.SECTION, bench.slug, language, _part(bench, heading).code),
        )
        for heading in ordered
    ]

    def turn(number: int, of: int) -> Button:
        onward = EditButton(EditAction.TRANSLATE, bench.slug, language, page=number)
        return PersistentButton(f"{number}/{of} …", onward)

    rows = page_of(buttons, button.page, 1, turn, room=MAX_BUTTONS - 1)
    back = (bench.button("button.back", EditAction.TRANSLATE),)
    key = "edit.sections_left" if outdated else "edit.sections_done"
    text = wording.say(key, count=len(outdated), language=own_name(language))
    if outdated and language not in languages_of(files):
        text = Html(f"{text} {wording.say('edit.not_offered_yet')}")
    return _shown(bench, text, (*rows, back))


def section(bench: Workbench, button: EditButton) -> Turn:
    """Show a section beside its original, and wait for the translation."""
    part = find_part(bench.draft.files, button.part, _original(bench))
    if not isinstance(part, TextPart) or button.language not in translations(bench):
        return toast(bench.context, "toast.gone")
    pieces, ways = beside(bench, part, button.language)
    awaited = AwaitedInput(
        AdminInput.TRANSLATION,
        bench.slug,
        language=button.language,
        part=button.part,
        seen=fingerprint(bench.draft.files, _translated(part, button.language)),
    )
    journey = bench.context.journey.awaiting(awaited)
    replies: tuple[Reply, ...] = (EditMessage(pieces[0]), *map(Say, pieces[1:]))
    if len(pieces) == 1:
        replies = (EditMessage(pieces[0], ways),)
    else:
        replies = (*replies[:-1], Say(pieces[-1], ways))
    return Turn(journey, replies)


def beside(bench: Workbench, part: TextPart, language: str) -> tuple[list[Html], Keyboard]:
    """Return the original and the translation of a section, and the buttons below."""
    files, wording = bench.draft.files, bench.context.wording
    original = read_sections(text_of(files, _original(bench))).get(part.heading, "")
    translated = read_sections(text_of(files, language)).get(part.heading, "")
    pieces = [
        wording.say("edit.part", name=f"{bench.label_of(part)} ({own_name(tag)})")
        + f"\n\n<pre>{escape(each)}</pre>"
        for tag, text in ((_original(bench), original), (language, translated))
        for each in (chunks(text) if text else ())
    ]
    is_outdated = part.heading in outdated_in(files, language)
    key = "edit.translate_new" if not translated else "edit.translate"
    asked = wording.say(key, language=own_name(language))
    rows: list[tuple[Button, ...]] = []
    if translated and is_outdated:
        action = EditAction.CURRENT
        rows.append((bench.button("button.edit_current", action, part.code, language=language),))
    rows.append((bench.button("button.back", EditAction.TRANSLATE, language=language),))
    whole = Html("\n\n".join((*pieces, asked)))
    fits = sum(map(len, pieces)) <= 3500
    return ([whole] if fits else [*map(Html, pieces), asked]), tuple(rows)


def ask_language(bench: Workbench) -> Turn:
    """Ask which language to add."""
    awaited = AwaitedInput(AdminInput.NEW_LANGUAGE, bench.slug)
    back = (bench.button("button.back", EditAction.TRANSLATE),)
    text = bench.context.wording.say("edit.type_language")
    return Turn(bench.context.journey.awaiting(awaited), (EditMessage(text, (back,)),))


def next_outdated(bench: Workbench, language: str) -> TextPart | None:
    """Return the first outdated section of a language; None if all are current."""
    heading = next(iter(outdated_in(bench.draft.files, language)), None)
    return None if heading is None else _part(bench, heading)


def _part(bench: Workbench, heading: str) -> TextPart:
    return part_of_heading(bench.draft.files, heading, _original(bench))


def _translated(part: TextPart, language: str) -> TextPart:
    return TextPart(part.code, language, part.heading)


def _original(bench: Workbench) -> str:
    return languages_of(bench.draft.files)[0]


def _shown(bench: Workbench, text: Html, rows: Keyboard) -> Turn:
    return Turn(bench.context.journey.awaiting(None), (EditMessage(text, rows),))
