"""What is typed or sent in the editor: the new content of a part, a translation, a language."""

from dataclasses import replace
from functools import partial

from conversations.broadcasts.draft_facts import OwnTimezone
from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Context, Turn
from conversations.core.events import CommandSent, Event, MediaSent, TextSent
from conversations.core.fact_requests import CountriesMatching, UploadedFile
from conversations.core.replies import EditMessage, Reply, Say, Toast
from conversations.core.turns import show, toast
from conversations.editing import translating
from conversations.editing.changes.blocks import AddBlock, AddOption
from conversations.editing.changes.edits import (
    AddVariant,
    SetPicture,
    SetText,
    SetValue,
)
from conversations.editing.changes.translation_edits import (
    AddLanguage,
    SetNameInTable,
    Translate,
    TranslateShortText,
)
from conversations.editing.changes.typed_markdown import to_markdown
from conversations.editing.draft import Edit, EditRefused
from conversations.editing.next_part import language_of, next_part
from conversations.editing.parts import (
    NewPart,
    Part,
    PicturePart,
    RowPart,
    SettingPart,
    TextPart,
    content_of,
    fingerprint,
)
from conversations.editing.typed_settings import read, read_language
from conversations.editing.views import pages, part_page, preview
from conversations.editing.views.mistakes import say_mistakes
from conversations.editing.workbench import Workbench, load
from conversations.folder.campaign_files import MAX_PICTURE_BYTES
from conversations.folder.formats.toml_file import QUESTIONS, TARGETS
from conversations.model.broadcast import Media
from conversations.model.campaigns.settings import Kind
from conversations.model.staff_inputs import AdminInput, AwaitedInput
from conversations.text.html import Html, escape, utf16_length
from conversations.text.languages import own_name

INPUTS = (AdminInput.CAMPAIGN_PART, AdminInput.TRANSLATION, AdminInput.NEW_LANGUAGE)
"""What the editor waits for."""

FULL_MESSAGE = 3900
"""A text of this length is probably continued: Telegram splits at 4096 characters."""


def typed(context: Context, awaits: AwaitedInput, event: Event) -> Turn | None:
    """Take what the editor waits for; None if this event is something else. Raises FactMissing."""
    if isinstance(event, CommandSent) and event.name == "cancel":
        text = context.wording.say("office.cancelled")
        return Turn(context.journey.awaiting(None), (Say(text),))
    if not isinstance(event, TextSent | MediaSent):
        return None
    bench = load(context, awaits.campaign)
    if bench is None:
        return show(
            context.within(context.journey.awaiting(None)), context.wording.say("edit.gone")
        )
    try:
        match awaits.kind:
            case AdminInput.NEW_LANGUAGE:
                return _new_language(bench, _text_of(event))
            case AdminInput.TRANSLATION:
                return _translation(bench, awaits, event)
            case _:
                return _part_sent(bench, awaits, event)
    except EditRefused as why:
        return show(context, context.wording.say(why.key, **why.values))


def _part_sent(bench: Workbench, awaits: AwaitedInput, event: TextSent | MediaSent) -> Turn:
    """Take the new content of a part."""
    part = bench.find_part(awaits.part, awaits.language)
    if part is None:
        return _nothing(bench, "edit.gone")
    if fingerprint(bench.draft.files, part) != awaits.seen:
        return _changed_meanwhile(bench, awaits, part)
    edit = _edit_of(bench, awaits, part, event)
    return save(bench, part, edit, awaits, is_long=isinstance(part, TextPart) and _is_long(event))


def _edit_of(
    bench: Workbench, awaits: AwaitedInput, part: Part, event: TextSent | MediaSent
) -> Edit:
    """Return the edit that was typed or sent. Raises EditRefused and FactMissing."""
    context = bench.context
    match part:
        case TextPart(_, language, heading, is_new):
            text = _written(part, event)
            if is_new:
                return AddVariant(language, heading, text)
            if awaits.appends:
                text = f"{content_of(bench.draft.files, part)}\n{text}"
            return SetText(language, heading, text)
        case SettingPart(_, setting, path):
            zone = context.deployment.zone
            if setting.kind is Kind.MOMENT:
                zone = context.fact(OwnTimezone()) or zone
            language = context.wording.language
            find = partial(_countries_named, context)
            return SetValue(path, read(setting, _text_of(event), context.now, zone, language, find))
        case RowPart(_, target, language, _):
            return SetNameInTable(target, language, _text_of(event))
        case NewPart(code, language, question):
            if question:
                return AddOption(question, language, _text_of(event))
            array, key = (TARGETS, "name") if code == "t+" else (QUESTIONS, "label")
            return AddBlock(array, key, language, _text_of(event))
        case PicturePart():
            sent = event.part if isinstance(event, MediaSent) else None
            if sent is None or sent.media not in (Media.PHOTO, Media.DOCUMENT):
                raise EditRefused("edit.not_a_picture")
            content = context.fact(UploadedFile(sent.file_id, MAX_PICTURE_BYTES))
            if content is None:
                raise EditRefused("edit.picture_too_large")
            return SetPicture(content)


def _countries_named(context: Context, text: str) -> tuple[str, ...]:
    return context.fact(CountriesMatching(text, exactly=True)).codes


def save(
    bench: Workbench,
    part: Part,
    edit: Edit,
    awaits: AwaitedInput | None = None,
    *,
    is_long: bool = False,
) -> Turn:
    """Save an edit; show the part as supporters see it, and what is wrong now."""
    after, wording = bench.after(edit), bench.context.wording
    if after.draft.refused is not None:
        why = after.draft.refused
        if awaits is None:
            return Turn(bench.context.journey, (Toast(wording.label(why.key, **why.values), True),))
        raise why
    if after.draft.files == bench.draft.files:
        return _nothing(bench, "edit.same")
    following = next_part(after.draft.files, part)
    if following is not None:
        return _and_then(after, part, following)
    journey = bench.context.journey.awaiting(None)
    texts = [wording.say("edit.saved", name=bench.place_of(part)), say_mistakes(after)]
    if is_long and awaits is not None and not awaits.part.endswith("+"):
        seen = fingerprint(after.draft.files, part)
        journey = journey.awaiting(replace(awaits, seen=seen, appends=True))
        texts.append(wording.say("edit.goes_on"))
    text = Html("\n\n".join(each for each in texts if each))
    replies: tuple[Reply, ...] = (
        *preview.preview(after, after.find_part(part.code, language_of(part)) or part),
        Say(text, pages.result_buttons(after, part)),
    )
    return Turn(journey, replies, (after.save(part.name),))


def _and_then(after: Workbench, part: Part, following: Part) -> Turn:
    """Save a part of a recipient or question, and ask what it needs next."""
    saved = after.context.wording.say("edit.saved_next", name=after.place_of(part))
    journey, (first, *others) = part_page.ask_for(after, following, language_of(following))
    asked = (Say(Html(f"{saved}\n\n{first.text}"), first.keyboard), *others)
    return Turn(journey, asked, (after.save(part.name),))


def _changed_meanwhile(bench: Workbench, awaits: AwaitedInput, part: Part) -> Turn:
    """Show what a colleague wrote meanwhile; nothing is overwritten until it is sent again."""
    wording, files = bench.context.wording, bench.draft.files
    seen = replace(awaits, seen=fingerprint(files, part), appends=False)
    journey = bench.context.journey.awaiting(seen)
    name = bench.last_editor or wording.label("edit.somebody")
    head = wording.say("edit.changed_meanwhile", name=name, part=bench.place_of(part))
    pieces = preview.chunks(content_of(files, part) or "–")
    shown = tuple(Say(Html(f"<pre>{escape(each)}</pre>")) for each in pieces)
    return Turn(journey, (Say(head), *shown))


def _text_of(event: TextSent | MediaSent) -> str:
    """Return the text that was typed or forwarded. Raises EditRefused for anything else."""
    if isinstance(event, TextSent):
        return event.text
    if event.part is not None and event.part.media is Media.TEXT:
        return event.part.text
    raise EditRefused("compose.typed")


def _written(part: TextPart, event: TextSent | MediaSent) -> str:
    """Return a text as the campaign's file has it: with formatting where it may have some."""
    text = _text_of(event)
    if not part.is_rich:
        return text
    if isinstance(event, TextSent):
        return to_markdown(text, event.entities)
    return to_markdown(text, event.part.entities if event.part else ())


def _is_long(event: TextSent | MediaSent) -> bool:
    return utf16_length(_text_of(event)) >= FULL_MESSAGE


def _nothing(bench: Workbench, key: str) -> Turn:
    """Say that nothing changed, with the way back."""
    back = ((bench.button("button.edit_home", EditAction.HOME),),)
    journey = bench.context.journey.awaiting(None)
    return Turn(journey, (Say(bench.context.wording.say(key), back),))


# --- translations ---------------------------------------------------------------------------------


def _translation(bench: Workbench, awaits: AwaitedInput, event: TextSent | MediaSent) -> Turn:
    """Take the translation of a text, and show the next outdated one."""
    part = translating.translated_part(bench, awaits.part, awaits.language)
    if part is None:
        return _nothing(bench, "edit.gone")
    if fingerprint(bench.draft.files, part) != awaits.seen:
        return _changed_meanwhile(bench, awaits, part)
    text = _written(part, event) if isinstance(part, TextPart) else _text_of(event)
    if not text.strip():
        raise EditRefused("edit.empty")
    after = bench.after(_translation_of(bench, part, awaits.language, text))
    if after.draft.refused is not None:
        raise after.draft.refused
    return _translated(after, part, awaits.language)


def mark_current(bench: Workbench, button: EditButton) -> Turn:
    """Mark a translation as current, and show the next outdated one."""
    part = translating.translated_part(bench, button.part, button.language)
    if part is None or button.language not in translating.translations(bench):
        return toast(bench.context, "toast.gone")
    if not content_of(bench.draft.files, part):
        return toast(bench.context, "toast.answered")
    after = bench.after(_translation_of(bench, part, button.language))
    if after.draft.refused is not None:
        return toast(bench.context, "toast.answered")
    return _translated(after, part, button.language, edits=True)


def _translation_of(bench: Workbench, part: Part, language: str, text: str = "") -> Edit:
    """Return the edit that translates a part; without a text, it only marks it as current."""
    if isinstance(part, TextPart):
        return Translate(language, part.heading, text)
    found = bench.draft.text_codes[part.code]
    return TranslateShortText(language, found.path, found.in_table, text)


def _translated(after: Workbench, done: Part, language: str, *, edits: bool = False) -> Turn:
    saved = after.context.wording.say("edit.saved_next", name=after.place_of(done))
    return _next_text(after, language, done.name, saved, edits=edits)


def _next_text(
    after: Workbench, language: str, what: str, saved: Html, *, edits: bool = False
) -> Turn:
    """Save the draft, say so, and show the next outdated text of a language.

    `edits` shows it in the message of the pressed button.
    """
    context, wording = after.context, after.context.wording
    effects = (after.save(what),)
    following = translating.next_outdated(after, language)
    if following is None:
        texts = (saved, wording.say("edit.translated"), say_mistakes(after))
        text = Html("\n\n".join(each for each in texts if each))
        reply = Say(text, pages.result_buttons(after))
        return Turn(context.journey.awaiting(None), (reply,), effects)
    (first, *others), ways = translating.beside(after, following, language)
    pieces = [Html(f"{saved}\n\n{first}"), *others]
    said: list[Reply] = [*map(Say, pieces[:-1]), Say(pieces[-1], ways)]
    if edits and isinstance(said[0], Say):
        said[0] = EditMessage(said[0].text, said[0].keyboard)
    awaits = translating.awaited(after, following, language)
    return Turn(context.journey.awaiting(awaits), tuple(said), effects)


def _new_language(bench: Workbench, text: str) -> Turn:
    language = read_language(text)
    after = bench.after(AddLanguage(language))
    if after.draft.refused is not None:
        raise after.draft.refused
    begun = bench.context.wording.say("edit.language_begun", language=own_name(language))
    return _next_text(after, language, language, begun)
