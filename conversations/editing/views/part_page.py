"""One part of a campaign: its present content, what may take its place, and the way back."""

from conversations.admin.change_words import say_choice
from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Turn
from conversations.core.replies import (
    Button,
    EditMessage,
    Keyboard,
    PersistentButton,
    Say,
)
from conversations.editing.changes.block_codes import array_of
from conversations.editing.changes.blocks import has_options
from conversations.editing.parts import (
    TEXT_GROUPS,
    NewPart,
    Part,
    PicturePart,
    RowPart,
    SettingPart,
    TextPart,
    content_of,
    fingerprint,
    variants,
)
from conversations.editing.typed_settings import written
from conversations.editing.views.preview import chunks
from conversations.editing.workbench import Workbench
from conversations.folder.formats.toml_file import QUESTIONS, TARGETS
from conversations.model.campaigns.settings import GROUPS, OPTION, Kind, Setting
from conversations.model.journey import Journey
from conversations.model.staff_inputs import AdminInput, AwaitedInput
from conversations.text.html import Html, escape

_ASKED = ("text", "purpose", "kind", "consent")
"""The settings of a question that the editor asks for in words of their own."""

_REMOVABLE = ("more", "prompt", "prompt2", "reminder", "resubject")


def part_page(bench: Workbench, part: Part, language: str) -> Turn:
    """Show the present content of a part, and wait for another."""
    journey, (first, *others) = ask_for(bench, part, language)
    return Turn(journey, (EditMessage(first.text, first.keyboard), *others))


def ask_for(bench: Workbench, part: Part, language: str) -> tuple[Journey, list[Say]]:
    """Return the messages that ask for the content of a part, and the journey that waits for it."""
    awaited = AwaitedInput(
        AdminInput.CAMPAIGN_PART,
        bench.slug,
        language=language,
        part=part.code,
        seen=fingerprint(bench.draft.files, part),
    )
    is_choice = isinstance(part, SettingPart) and part.setting.kind is Kind.CHOICE
    journey = bench.context.journey.awaiting(None if is_choice else awaited)
    pieces, ways = _content(bench, part), _part_ways(bench, part, language)
    asked = bench.context.wording.say(_question(bench, part))
    if len(pieces) == 1:
        return journey, [Say(Html(f"{pieces[0]}\n\n{asked}"), ways)]
    return journey, [*map(Say, pieces), Say(asked, ways)]


def _content(bench: Workbench, part: Part) -> list[Html]:
    """Return the messages with the present content: it is copied by a tap."""
    wording = bench.context.wording
    content = content_of(bench.draft.files, part)
    if isinstance(part, SettingPart):
        content = say_choice(wording, part.setting, content)
    head = wording.say("edit.part", name=bench.place_of(part))
    if isinstance(part, NewPart):
        return [head]
    if not content and isinstance(part, SettingPart) and part.path[0] in (TARGETS, QUESTIONS):
        return [head]  # it is asked for
    if not content:
        return [Html(f"{head}\n\n{wording.say('edit.none_yet')}")]
    first, *others = (Html(f"<pre>{escape(each)}</pre>") for each in chunks(content))
    return [Html(f"{head}\n\n{first}"), *others]


def _question(bench: Workbench, part: Part) -> str:
    """Return the key of the sentence that says what to type or send."""
    match part:
        case TextPart():
            return "edit.type_rich" if part.is_rich else "edit.type_plain"
        case RowPart():
            return "edit.type_text"
        case PicturePart():
            return "edit.type_picture"
        case NewPart(_, _, question) if question and has_options(bench.draft.files, question):
            return "edit.type_more_o"
        case NewPart(code, _, _):
            return f"edit.type_new_{code.rpartition('.')[2][0]}"
        case SettingPart(_, setting, path) if path[0] == QUESTIONS and setting.key in _ASKED:
            return f"edit.type_question_{setting.key}"
        case SettingPart(_, Setting("address"), _):
            return "edit.type_address"
        case SettingPart(_, setting, _):
            return f"edit.type_{setting.kind.name.lower()}"


def _part_ways(bench: Workbench, part: Part, language: str) -> Keyboard:
    rows: list[tuple[Button, ...]] = []
    if isinstance(part, SettingPart):
        now = content_of(bench.draft.files, part)
        for number, value in enumerate(part.setting.choices, 1):
            shown = written(part.setting, value)
            said = say_choice(bench.context.wording, part.setting, shown)
            label = f"{'✓ ' if shown == now else ''}{said}"
            chosen = EditButton(EditAction.CHOOSE, bench.slug, language, part.code, number)
            rows.append((PersistentButton(label, chosen),))
    if can_remove(bench, part):
        data = EditButton(EditAction.REMOVE, bench.slug, language, part.code)
        label = bench.context.wording.label("button.edit_remove")
        rows.append((PersistentButton(label, data),))
    back = bench.button("button.back", *_above(part), language=language)
    if isinstance(part, NewPart) and has_options(bench.draft.files, part.question):
        rows.append((bench.button("button.edit_done", EditAction.HOME),))
    rows.append((back,))
    return tuple(rows)


def can_remove(bench: Workbench, part: Part) -> bool:
    """Whether the campaign can do without a part that it has."""
    files = bench.draft.files
    if not content_of(files, part):
        return False
    match part:
        case SettingPart(_, setting, _):
            return setting.optional or setting is OPTION
        case NewPart() | RowPart():
            return False
        case PicturePart():
            return True
        case TextPart(code, language, _) if code[:1] in "sl" and code[1:].isdecimal():
            kind = "Subject" if code[0] == "s" else "Letter"
            return len(variants(files, language, kind)) > 1
        case TextPart(code, _, _):
            return code in _REMOVABLE


def _above(part: Part) -> tuple[EditAction, str]:
    """Return the page that lists a part."""
    match part:
        case SettingPart(code, setting, _) if setting is OPTION:
            return EditAction.GROUP, f"{code.partition('.')[0]}.o"
        case SettingPart(code, _, _) if "." in code:
            return EditAction.GROUP, code.partition(".")[0]
        case NewPart(code, _, question):
            return EditAction.GROUP, code.removesuffix("+") if question else array_of(code)
        case SettingPart(code, _, _):
            group_ = next(name for name, each in GROUPS.items() if code in {s.code for s in each})
            return EditAction.GROUP, group_
        case RowPart(code, _, _, _):
            return EditAction.GROUP, code.partition(".")[0]
        case PicturePart():
            return EditAction.HOME, ""
        case TextPart(code, _, _):
            letter = code[:1] if code[:1] in "sl" and not code.isalpha() else code
            found = (name for name, codes in TEXT_GROUPS.items() if letter in codes)
            return EditAction.GROUP, next(found, "first")
