"""The pages of the editor: what was changed, the texts and settings by group, and one part."""

from collections.abc import Sequence

from conversations.admin.change_words import place_in_words
from conversations.core.buttons.admin import CampaignAction, CampaignButton
from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Turn
from conversations.core.paging import MAX_BUTTONS, page_of
from conversations.core.replies import (
    Button,
    EditMessage,
    Keyboard,
    PersistentButton,
    Say,
)
from conversations.core.turns import toast
from conversations.editing.changes.edits import languages_of
from conversations.editing.parts import (
    PICTURE,
    TEXT_GROUPS,
    Part,
    RowPart,
    TextPart,
    find_part,
    variants,
)
from conversations.editing.views.mistakes import is_wrong, say_mistakes
from conversations.editing.workbench import Workbench
from conversations.folder.formats.toml_file import QUESTIONS, TARGETS
from conversations.model.campaigns.settings import GROUPS
from conversations.model.staff_inputs import AdminInput, AwaitedInput
from conversations.text.html import Html
from conversations.text.languages import own_name

MAX_NAMED = 8
"""How many changed parts are named."""


def home(bench: Workbench) -> Turn:
    """Show what was changed, and what is wrong with it."""
    message = home_message(bench)
    files = AwaitedInput(AdminInput.CAMPAIGN_FILES, bench.slug)
    journey = bench.context.journey.awaiting(files)
    return Turn(journey, (EditMessage(message.text, message.keyboard),))


def home_message(bench: Workbench, *above: Html) -> Say:
    """Return the first page, with sentences `above` what was changed."""
    wording, draft = bench.context.wording, bench.draft
    parts = [*above, wording.say("edit.home", title=bench.title)]
    if draft.base == 0:
        parts.append(wording.say("edit.new"))
    elif not draft.is_changed:
        parts.append(wording.say("edit.unchanged"))
    else:
        named = dict.fromkeys(place_in_words(wording, each) for each in draft.changes)
        # What is new as a whole isn't named part by part.
        names = [each for each in named if ": " not in each or each.split(": ")[0] not in named]
        more = "…" if len(names) > MAX_NAMED else ""
        listed = ", ".join((*names[:MAX_NAMED], *((more,) if more else ())))
        parts.append(wording.say("edit.changed", parts=listed))
    if name := bench.last_editor:
        parts.append(wording.say("edit.by", name=name))
    if draft.elsewhere:
        parts.append(wording.say("edit.moved", number=draft.elsewhere.by.number))
    parts.append(say_mistakes(bench))
    if not draft.is_changed:
        parts.append(wording.say("new.files"))
    return Say(Html("\n\n".join(each for each in parts if each)), home_buttons(bench))


def home_buttons(bench: Workbench) -> Keyboard:
    """Return the buttons of the first page."""
    rows: list[tuple[Button, ...]] = [
        (
            bench.button("button.edit_texts", EditAction.TEXTS),
            bench.button("button.edit_settings", EditAction.SETTINGS),
        ),
        (
            bench.button("button.edit_translate", EditAction.TRANSLATE),
            bench.button("button.edit_walk", EditAction.WALK),
        ),
    ]
    if bench.draft.revision or bench.draft.is_changed:
        rows.append((bench.button("button.edit_publish", EditAction.PUBLISH),))
        rows.append((bench.button("button.edit_drop", EditAction.ASK_DROP),))
    is_served = bench.slug in bench.context.deployment.campaigns
    action = CampaignAction.SHOW if is_served else CampaignAction.LIST
    back = CampaignButton(action, bench.slug if is_served else "")
    rows.append((PersistentButton(bench.context.wording.label("button.back"), back),))
    return tuple(rows)


def result_buttons(bench: Workbench, changed: Part | None = None) -> Keyboard:
    """Return the buttons below what was just changed. If that is wrong, one leads back to it."""
    again: Keyboard = ()
    if changed is not None and is_wrong(bench, changed):
        language = changed.language if isinstance(changed, TextPart | RowPart) else ""
        data = EditButton(EditAction.PART, bench.slug, language, changed.code)
        again = ((PersistentButton(bench.context.wording.label("button.edit_again"), data),),)
    publish = (bench.button("button.edit_publish", EditAction.PUBLISH),)
    return (
        *again,
        (
            bench.button("button.edit_more", EditAction.HOME),
            bench.button("button.edit_walk", EditAction.WALK),
        ),
        *((publish,) if bench.draft.revision or bench.draft.is_changed else ()),
        (bench.button("button.edit_drop", EditAction.ASK_DROP),),
    )


# --- lists ----------------------------------------------------------------------------------------


def texts(bench: Workbench, button: EditButton) -> Turn:
    """Ask for a language, if there are several; then for a group of texts."""
    languages = languages_of(bench.draft.files)
    if not languages:
        return toast(bench.context, "toast.edit_broken", alert=True)
    back = bench.button("button.back", EditAction.HOME)
    if not button.language and len(languages) > 1:
        buttons = [
            PersistentButton(own_name(tag), EditButton(EditAction.TEXTS, bench.slug, tag))
            for tag in languages
        ]
        asked = bench.context.wording.say("edit.which_language")
        return listed(bench, asked, buttons, button, back, columns=2)
    language = button.language or languages[0]
    groups = [
        bench.button(f"edit.group_{group}", EditAction.GROUP, group, language=language)
        for group in (*TEXT_GROUPS, QUESTIONS)
    ]
    if len(languages) > 1:
        back = bench.button("button.back", EditAction.TEXTS)
    asked = bench.context.wording.say("edit.which_text", language=own_name(language))
    return listed(bench, asked, groups, button, back)


def settings(bench: Workbench, button: EditButton) -> Turn:
    """Ask for a group of settings."""
    groups = [
        bench.button(f"edit.group_{group}", EditAction.GROUP, group) for group in (*GROUPS, TARGETS)
    ]
    back = bench.button("button.back", EditAction.HOME)
    asked = bench.context.wording.say("edit.which_setting")
    return listed(bench, asked, groups, button, back)


def group(bench: Workbench, button: EditButton) -> Turn:
    """Show the texts, or the settings, of a group."""
    name, language = button.part, button.language
    if name in TEXT_GROUPS and language in languages_of(bench.draft.files):
        codes = _text_codes(bench, name, language)
        back = bench.button("button.back", EditAction.TEXTS, language=language)
        asked = bench.context.wording.say("edit.which_text", language=own_name(language))
        return listed(bench, asked, part_buttons(bench, codes, language), button, back)
    asked = bench.context.wording.say("edit.which_setting")
    back = bench.button("button.back", EditAction.SETTINGS)
    if name not in GROUPS:
        return toast(bench.context, "toast.gone")
    codes = [each.code for each in GROUPS[name]]
    return listed(bench, asked, part_buttons(bench, codes, ""), button, back)


def _text_codes(bench: Workbench, name: str, language: str) -> list[str]:
    """Return the codes of a group's texts: each subject and letter, and one more of both."""
    codes: list[str] = []
    for code in TEXT_GROUPS[name]:
        if code in ("s", "l"):
            kind = "Subject" if code == "s" else "Letter"
            count = len(variants(bench.draft.files, language, kind))
            codes += [*(f"{code}{number}" for number in range(1, count + 1)), f"{code}+"]
        else:
            codes.append(code)
    return [*codes, PICTURE] if name == "first" else codes


def part_buttons(bench: Workbench, codes: Sequence[str], language: str) -> list[PersistentButton]:
    """Return the buttons of parts, without those that the campaign doesn't have."""
    found = [(code, find_part(bench.draft.files, code, language)) for code in codes]
    return [
        PersistentButton(
            bench.label_of(part).rpartition(": ")[2],
            EditButton(EditAction.PART, bench.slug, language, code),
        )
        for code, part in found
        if part is not None
    ]


def listed(
    bench: Workbench,
    text: Html,
    buttons: Sequence[Button],
    pressed: EditButton,
    back: Button,
    columns: int = 1,
) -> Turn:
    """Show a page of buttons, and the way back."""

    def turn(number: int, of: int) -> Button:
        onward = EditButton(pressed.action, bench.slug, pressed.language, pressed.part, number)
        return PersistentButton(f"{number}/{of} …", onward)

    rows = page_of(buttons, pressed.page, columns, turn, room=MAX_BUTTONS - 1)
    journey = bench.context.journey.awaiting(None)
    return Turn(journey, (EditMessage(text, (*rows, (back,))),))
