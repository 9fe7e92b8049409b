"""How supporters will see a draft: one part of it, or a walk through every screen."""

from conversations.admin.change_words import say_choice
from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Turn
from conversations.core.replies import (
    MAX_CAPTION,
    EditMessage,
    Keyboard,
    PersistentButton,
    Picture,
    Reply,
    Say,
)
from conversations.core.turns import toast
from conversations.editing.parts import (
    NewPart,
    Part,
    PicturePart,
    RowPart,
    SettingPart,
    TextPart,
    content_of,
)
from conversations.editing.workbench import Workbench
from conversations.folder.formats.markdown_sections import NOTICE
from conversations.journey.screens import screens_of
from conversations.text.html import Html, escape, length, plain
from conversations.text.languages import own_name
from conversations.text.markdown import UnsupportedMarkdown, render

MAX_CHUNK = 3500
"""How many characters of a long text one message has: less than `MAX_MESSAGE_LENGTH`, for words
around it.
"""

_SCREENS = {
    "label": "first",
    "title": "first",
    "story": "first",
    "ask": "first",
    "more": "more",
    "demands": "review",
    "prompt": "own_words",
    "prompt2": "own_words",
    "consent": "consent",
    "thanks": "thanks",
    "share": "share",
    "reminder": "reminder",
    "resubject": "reminder",
    "safety": "safety",
    "atrisk": "at_risk",
}
"""The screen that shows a text, by the text's code. The parts of the notice are on “notice”."""


def chunks(text: str, size: int = MAX_CHUNK) -> list[str]:
    """Return a plain text in pieces that fit into messages, cut between lines where possible."""
    pieces: list[str] = []
    while len(text) > size:
        cut = text.rfind("\n", size // 2, size) + 1 or size
        pieces.append(text[:cut].rstrip("\n"))
        text = text[cut:]
    return [*pieces, text]


def in_messages(text: Html) -> list[Html]:
    """Return a text in pieces that fit into messages. A long one loses its formatting."""
    if length(text) <= MAX_CHUNK:
        return [text]
    return [escape(each) for each in chunks(plain(text))]


def preview(bench: Workbench, part: Part) -> tuple[Reply, ...]:
    """Return the messages that show a part as supporters will see it."""
    wording, campaign = bench.context.wording, bench.draft.loaded.campaign
    if isinstance(part, SettingPart):
        value = say_value(bench, part) or wording.label("edit.none")
        return (Say(wording.say("edit.now", name=bench.label_of(part), value=value)),)
    if isinstance(part, RowPart):
        return (Say(wording.say("edit.now", name=bench.label_of(part), value=part.text)),)
    if isinstance(part, NewPart):
        return ()
    if isinstance(part, PicturePart):
        picture = campaign.picture if campaign else None
        if picture is None or campaign is None:
            return ()
        shown = dict(screens_of(bench.context, campaign, campaign.languages[0]))["first"]
        caption = shown if length(shown) <= MAX_CAPTION else Html("")
        return (Picture(picture, caption, ()),)
    return tuple(Say(each) for each in in_messages(_shown(bench, part)))


def _shown(bench: Workbench, part: TextPart) -> Html:
    """Return the screen that shows a text; only the text while the campaign has errors."""
    campaign = bench.draft.loaded.campaign
    if campaign is not None and part.language in campaign.languages:
        key = "notice" if part.heading in NOTICE else _SCREENS.get(part.code, "review")
        screens = dict(screens_of(bench.context, campaign, part.language))
        if key in screens:
            return screens[key]
    text = content_of(bench.draft.files, part)
    try:
        return render(text) if part.is_rich else escape(text)
    except UnsupportedMarkdown:
        return escape(text)


def say_value(bench: Workbench, part: SettingPart) -> str:
    """Return the value of a setting in words; "" for none."""
    value = content_of(bench.draft.files, part)
    return say_choice(bench.context.wording, part.setting, value)


# --- the walk -------------------------------------------------------------------------------------


def walk(bench: Workbench, button: EditButton) -> Turn:
    """Show one screen, in place of the one before; nothing is counted or sent."""
    context, campaign = bench.context, bench.draft.loaded.campaign
    if campaign is None:
        return toast(context, "toast.edit_errors", alert=True)
    language = button.language if button.language in campaign.languages else campaign.languages[0]
    pages = [
        (key, piece)
        for key, text in screens_of(context, campaign, language)
        for piece in in_messages(text)
    ]
    number = min(max(button.page, 1), len(pages))
    key, text = pages[number - 1]
    wording = context.wording
    name = wording.label(f"screens.{key}")
    head = wording.say("screens.head", number=number, total=len(pages), name=name)
    reply = EditMessage(Html(f"{head}\n\n{text}"), _ways(bench, language, number, len(pages)))
    return Turn(context.journey.awaiting(None), (reply,))


def _ways(bench: Workbench, language: str, number: int, total: int) -> Keyboard:
    """Return the buttons to the screens before and after, other languages, and the editor."""
    row: list[PersistentButton] = []
    if number > 1:
        back = EditButton(EditAction.WALK, bench.slug, language, page=number - 1)
        row.append(PersistentButton("‹", back))
    if number < total:
        onward = EditButton(EditAction.WALK, bench.slug, language, page=number + 1)
        row.append(PersistentButton("›", onward))
    campaign = bench.draft.loaded.campaign
    languages = campaign.languages if campaign else (language,)
    following = languages[(languages.index(language) + 1) % len(languages)]
    rows: list[tuple[PersistentButton, ...]] = [tuple(row)]
    if following != language:
        other = EditButton(EditAction.WALK, bench.slug, following, page=number)
        rows.append((PersistentButton(own_name(following), other),))
    rows.append((bench.button("button.edit_home", EditAction.HOME),))
    return tuple(rows)
