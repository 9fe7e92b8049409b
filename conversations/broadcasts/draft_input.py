"""What a campaigner types or sends for a broadcast: content, a link, a time zone, a time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from conversations.broadcasts import draft_view, scheduled
from conversations.broadcasts.draft_context import DraftContext
from conversations.broadcasts.draft_turns import show_draft, with_button
from conversations.core.context import Turn
from conversations.core.effects.broadcasts import SaveDraft, SaveTimezone
from conversations.core.events import MediaSent, TextSent
from conversations.core.replies import Say
from conversations.model.broadcast import (
    WAITING_STATES,
    BroadcastButton,
    ButtonKind,
    Media,
    Part,
)
from conversations.model.staff_inputs import DraftPage
from conversations.text.html import utf16_length
from conversations.text.languages import own_name
from conversations.text.typed import times as typed_times

ALBUM_TIMEOUT = timedelta(seconds=2)
"""How long after a part of an album another one may arrive: Telegram sends each by itself."""

MAX_ALBUM_PARTS = 10
"""sendMediaGroup, media: "must include 2-10 items"."""

MAX_TEXT, MAX_CAPTION = 4096, 1024
"""sendMessage, text; sendPhoto, caption: characters "after entities parsing"."""

MAX_LABEL = 64
"""How many characters the label of a button may have."""

MAX_URL = 2048
"""How many characters the address of a button may have."""


def received(draft: DraftContext, event: TextSent | MediaSent) -> Turn:
    """Answer what was typed or sent for the open page. Raises FactMissing."""
    match draft.page, event:
        case DraftPage.LINK, TextSent(text):
            return _link(draft, text)
        case DraftPage.ZONE, TextSent(text):
            return _zone(draft, text)
        case DraftPage.LATER, TextSent(text):
            return _later(draft, text)
        case _, TextSent(text, entities):
            return _content(draft, Part(Media.TEXT, text, entities))
        case _, MediaSent(_, part):
            return _content(draft, part)


def without_button(draft: DraftContext, event: TextSent | MediaSent) -> Turn:
    """Answer what was typed or sent while the open page waits for a button: take a link or the
    name of a language, else say which button to tap. Raises FactMissing.
    """
    match draft.page, event:
        case DraftPage.BUTTON, TextSent(text):
            return _link(draft.at(DraftPage.LINK), text)
        case DraftPage.VERSION, TextSent(text) if language := _language(draft, text):
            asked = draft.at(DraftPage.CONTENT, language=language)
            return Turn(asked.context.journey, (draft_view.page(asked),))
        case DraftPage.PANEL, _:
            return _note(draft, "compose.tap_panel")
        case _:
            return _note(draft, "compose.tap")


def _language(draft: DraftContext, text: str) -> str:
    """Return the language that is named by its own name, or by its tag; "" if none is."""
    typed = text.strip().casefold()
    names = {tag: (tag.casefold(), own_name(tag).casefold()) for tag in draft.languages}
    return next((tag for tag, known in names.items() if typed in known), "")


def _content(draft: DraftContext, part: Part | None) -> Turn:
    """Take content for the version that is being written."""
    broadcast, composing = draft.broadcast, draft.context.journey.composing
    if composing is None or composing.page is not DraftPage.CONTENT or part is None:
        return _note(draft, "compose.kind" if part is None else "compose.typed")
    most = MAX_TEXT if part.media is Media.TEXT else MAX_CAPTION
    if utf16_length(part.text) > most:
        return _note(draft, "compose.long", most=most)
    former: tuple[Part, ...] = ()
    if part.album and part.album == composing.album:
        former = broadcast.versions.get(composing.language, ())
    parts = (*former, part)[:MAX_ALBUM_PARTS]
    versions = {**broadcast.versions, composing.language: parts}
    default = broadcast.default or composing.language
    changed = draft.changed(versions=versions, default=default)
    if not part.album:
        return show_draft(changed)
    changed = changed.at(DraftPage.CONTENT, language=composing.language, album=part.album)
    effect = SaveDraft(changed.broadcast, album_until=draft.context.now + ALBUM_TIMEOUT)
    return Turn(changed.context.journey, (), (effect,))


def _link(draft: DraftContext, text: str) -> Turn:
    """Take a button that was typed as “label https://…”."""
    label, _, url = text.strip().rpartition(" ")
    label = label.strip(" -–—:\n")
    if not url.startswith("https://") or not 1 <= len(label) <= MAX_LABEL or len(url) > MAX_URL:
        return _note(draft, "compose.link_wrong")
    return with_button(draft, BroadcastButton(ButtonKind.LINK, label, url))


def _zone(draft: DraftContext, text: str) -> Turn:
    found = typed_times.read_timezone(text)
    if not found:
        return _note(draft, "compose.zone_wrong")
    changed = replace(draft, chosen_zone=found).at(DraftPage.LATER)
    page = draft_view.page(changed)
    return Turn(changed.context.journey, (page,), (SaveTimezone(found),))


def _later(draft: DraftContext, text: str) -> Turn:
    language = draft.context.wording.language
    moment = typed_times.read_time(text, draft.context.now, draft.zone, language)
    if moment is None and typed_times.read_timezone(text):
        return _zone(draft, text)
    if moment is None or moment <= draft.context.now:
        return _note(draft, "compose.later_wrong" if moment is None else "compose.later_past")
    if draft.state in WAITING_STATES:
        return scheduled.reschedule(draft, moment)
    changed = draft.changed(at=moment).at(DraftPage.PANEL)
    effect = SaveDraft(changed.broadcast)
    return Turn(changed.context.journey, (draft_view.page(changed),), (effect,))


def _note(draft: DraftContext, key: str, **values: Any) -> Turn:
    """Say what is wrong; the page stays open."""
    return Turn(draft.context.journey, (Say(draft.context.wording.say(key, **values)),))
