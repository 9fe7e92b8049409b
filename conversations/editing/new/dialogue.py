"""An admin makes a new campaign in the chat. `state` draws how one page leads to another.

What is typed or sent comes here while `AwaitedInput` says so. A button says where in the dialogue
it belongs, so that a second press, or one on another device, changes nothing more.
"""

from dataclasses import replace

from conversations.core.buttons.new_campaign import NewAction, NewCampaignButton
from conversations.core.context import Context, Turn
from conversations.core.effects.new_campaigns import (
    CreateCampaign,
    DropNewCampaign,
)
from conversations.core.events import CommandSent, Event, MediaSent, TextSent
from conversations.core.replies import EditMessage, Keyboard, Reply, Say
from conversations.core.turns import close_prompt, put, show, toast
from conversations.editing.changes import uploads
from conversations.editing.new import last_page, view
from conversations.editing.new.after_button import after_button, new_errors, with_page
from conversations.editing.new.page_turns import (
    asked_anew,
    loaded_as_created,
    page_of,
    refuse,
    saving,
    shown,
)
from conversations.editing.new.questions import (
    Choices,
    Read,
    Unclear,
    open_question,
)
from conversations.editing.new.requests import (
    CampaignInFile,
    OwnNewCampaign,
    PageInText,
    ReadPage,
    SavedNewCampaign,
)
from conversations.editing.new.state import NewCampaign, Page
from conversations.folder.loading import LoadedCampaign
from conversations.folder.new_campaign import Template
from conversations.folder.page_import.paragraphs import MAX_CHARACTERS, too_long
from conversations.model.broadcast import Media
from conversations.model.mistakes import Mistake
from conversations.model.staff_inputs import AdminInput
from conversations.text.html import Html, utf16_length
from conversations.text.scripts import has_no_spaces

FULL_MESSAGE = 3500
"""A longer message may be a piece of a text: Telegram splits it at 4096, between words."""

_SENTENCE_ENDS = '.!?:;。！？：…”"»)'
_TAKES_TEXT = (Page.BEGIN, Page.MORE, Page.PARTS, Page.PART, Page.MOVE)


def pressed(context: Context, button: NewCampaignButton) -> Turn:
    """Answer a button of the dialogue. Raises FactMissing."""
    saved = context.fact(OwnNewCampaign())
    if button.action is NewAction.BEGIN:
        return _begin(context, saved)
    if button.action is NewAction.TEMPLATE:
        return _use_template(context, saved, button)
    if button.action is NewAction.CANCEL:
        return _cancel(context, saved)
    if saved is None:
        return toast(context, "toast.answered")
    if button.action is NewAction.DELETE:
        return _delete(context, saved)
    if button.action is NewAction.CREATE:
        return _create(context, saved)
    after = after_button(context, saved.state, button)
    if after is None:
        return toast(context, "toast.answered")
    if isinstance(after, Turn):
        return after
    return shown(context, saved, after, edits=True)


def typed(context: Context, event: Event) -> Turn | None:
    """Take what an admin types or sends for the new campaign; None for other events.

    Raises FactMissing.
    """
    saved = context.fact(OwnNewCampaign())
    state = saved.state if saved else NewCampaign()
    match event:
        case CommandSent("cancel"):
            return _as_new_message(context, _cancel(context, saved))
        case MediaSent(file=file) if file is not None and _takes_file(state):
            return _read_file(context, saved, context.fact(CampaignInFile(file)))
        case MediaSent(part=part) if part is not None and part.media is Media.TEXT:
            return _take(context, saved, state, part.text)
        case MediaSent():
            return show(context, context.wording.say("new.no_file"))
        case TextSent(text):
            return _take(context, saved, state, text)
        case _:
            return None


def _takes_file(state: NewCampaign) -> bool:
    """Whether a file can be sent now: also an archive instead of one that had mistakes."""
    return state.page in _TAKES_TEXT or bool(state.slug)


def open_page(context: Context) -> tuple[Reply, ...]:
    """Return the open page, to show it again after a crash; nothing if none is open.

    Raises FactMissing.
    """
    awaits = context.journey.awaits
    if awaits is None or awaits.kind is not AdminInput.NEW_CAMPAIGN:
        return ()
    saved = context.fact(OwnNewCampaign())
    said = page_of(context, saved, saved.state if saved else NewCampaign())[0]
    return asked_anew(context, said)


def _begin(context: Context, saved: SavedNewCampaign | None) -> Turn:
    """Ask for a page, or offer to continue with what was begun."""
    if saved is not None and saved.state.page is not Page.BEGIN:
        buttons = (
            (view.button(context, "button.new_continue", NewAction.CONTINUE),),
            (view.button(context, "button.new_delete", NewAction.DELETE),),
        )
        return put(context, context.wording.say("new.begun"), buttons)
    return shown(context, saved, NewCampaign(), edits=False)


def _use_template(
    context: Context, saved: SavedNewCampaign | None, button: NewCampaignButton
) -> Turn:
    state = saved.state if saved else NewCampaign()
    if state.page is not Page.BEGIN or button.value not in tuple(Template):
        return toast(context, "toast.answered")
    chosen = replace(state, template=Template(button.value), page=Page.QUESTIONS)
    return shown(context, saved, chosen, edits=True)


def _cancel(context: Context, saved: SavedNewCampaign | None) -> Turn:
    """Close the dialogue. What was begun is kept, unless the person deletes it."""
    journey = context.journey.awaiting(None)
    if saved is None or saved.state.page is Page.BEGIN:
        return Turn(journey, _ended(context, context.wording.say("office.cancelled")))
    buttons = (
        (view.button(context, "button.new_continue", NewAction.CONTINUE),),
        (view.button(context, "button.new_delete", NewAction.DELETE),),
    )
    return Turn(journey, _ended(context, context.wording.say("new.kept"), buttons))


def _ended(context: Context, text: Html, keyboard: Keyboard = ()) -> tuple[Reply, ...]:
    """Return the replies that end the dialogue: its last message asks nothing any more."""
    return (*close_prompt(context), EditMessage(text, keyboard))


def _as_new_message(context: Context, turn: Turn) -> Turn:
    """Return a turn that says in a message of its own what it would have put into another."""
    said = (
        Say(each.text, each.keyboard) if isinstance(each, EditMessage) else each
        for each in turn.replies
    )
    return replace(turn, replies=tuple(said))


def _delete(context: Context, saved: SavedNewCampaign) -> Turn:
    journey = context.journey.awaiting(None)
    again = view.button(context, "button.campaign_new", NewAction.BEGIN)
    replies = _ended(context, context.wording.say("new.deleted"), ((again,),))
    return Turn(journey, replies, (DropNewCampaign(saved.id, saved.revision),))


def _create(context: Context, saved: SavedNewCampaign) -> Turn:
    """Publish the campaign in test mode, if it still has no mistake."""
    if saved.state.page is not Page.READY:
        return toast(context, "toast.answered")
    loaded = loaded_as_created(context, saved, saved.state)
    campaign = loaded.campaign
    if campaign is None or any(last_page.blocking(context, loaded)):
        return shown(context, saved, saved.state, edits=True)
    name = context.facts.profile_name
    effect = CreateCampaign(campaign.slug, loaded.files.content, saved.id, saved.revision, name)
    said = last_page.created(context, campaign.slug, campaign.text(campaign.languages[0]).title)
    journey = context.journey.awaiting(None)
    return Turn(journey, _ended(context, said.text, said.keyboard), (effect,))


def _take(context: Context, saved: SavedNewCampaign | None, state: NewCampaign, text: str) -> Turn:
    """Take a typed text: a piece of the page, or the answer to a question."""
    if state.page in _TAKES_TEXT:
        return _take_piece(context, saved, state, text)
    asked = open_question(state)
    if state.page is not Page.QUESTIONS or asked is None:
        return show(context, context.wording.say("new.tap"))
    return _answer(context, saved, state, asked.read(context, state, text))


def _take_piece(
    context: Context, saved: SavedNewCampaign | None, state: NewCampaign, text: str
) -> Turn:
    """Add a message to the page. A long one is perhaps not the last."""
    if state.placed and not state.text:
        return show(context, context.wording.say("new.tap"))  # the page came as a file
    is_rest = state.page is Page.MORE
    whole = replace(state, text=join_pieces(state.text, text, is_rest=is_rest))
    if len(whole.text) > MAX_CHARACTERS:
        return refuse(context, too_long().mistake(""))
    if utf16_length(text) > FULL_MESSAGE:
        return shown(context, saved, replace(whole, page=Page.MORE), edits=False)
    return _propose(context, saved, whole, edits=False)


def join_pieces(before: str, text: str, *, is_rest: bool) -> str:
    """Return two messages as one text. The rest of a split text may continue a paragraph."""
    if not is_rest or before[-1:] in _SENTENCE_ENDS:
        return f"{before}\n{text}".lstrip("\n")
    return f"{before}{text}" if has_no_spaces(before[-1]) else f"{before} {text}"


def _propose(
    context: Context, saved: SavedNewCampaign | None, state: NewCampaign, *, edits: bool
) -> Turn:
    """Read the page so far, and show where its parts go. What was moved by hand stays there."""
    read = context.fact(PageInText(state.text))
    if isinstance(read, Mistake):
        return refuse(context, read)
    return shown(context, saved, with_page(state, read), edits=edits)


def _read_file(
    context: Context,
    saved: SavedNewCampaign | None,
    read: ReadPage | LoadedCampaign | Mistake,
) -> Turn:
    """Take a page, or a whole campaign, that was sent as a file."""
    if isinstance(read, Mistake):
        return refuse(context, read)
    if isinstance(read, ReadPage):
        return shown(context, saved, with_page(NewCampaign(), read), edits=False)
    slug = read.files.name
    if slug in context.deployment.campaigns:
        turn = uploads.replace_files(context, slug, read.files)
        return replace(turn, replies=(*close_prompt(context), *turn.replies))
    state = NewCampaign(Page.READY, slug=slug)
    said = last_page.ready(context, state, read)
    return saving(context, saved, state, asked_anew(context, said), read.files)


def _answer(
    context: Context, saved: SavedNewCampaign | None, state: NewCampaign, read: Read
) -> Turn:
    """Take a typed answer, if the campaign has no new error with it."""
    asked = open_question(state)
    if asked is None:
        return show(context, context.wording.say("new.tap"))
    match read:
        case Unclear(key, text):
            return show(context, context.wording.say(key, text=text))
        case Choices(codes):
            return shown(context, saved, replace(state, choices=codes), edits=False)
        case str(value):
            after = state.answered(asked.key, value)
            if errors := new_errors(context, state, after):
                return refuse(context, errors[0])
            return shown(context, saved, after, edits=False)
