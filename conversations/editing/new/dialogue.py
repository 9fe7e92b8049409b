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
    SaveNewCampaign,
)
from conversations.core.events import CommandSent, Event, MediaSent, TextSent
from conversations.core.replies import Ask, EditMessage, Keyboard, Reply, Say
from conversations.core.turns import close_prompt, put, show, toast
from conversations.editing import uploads
from conversations.editing.new import view
from conversations.editing.new.files import files_of
from conversations.editing.new.questions import (
    Choices,
    Read,
    Unclear,
    open_question,
    questions_of,
    suggestions,
)
from conversations.editing.new.requests import (
    CampaignInFile,
    LoadedFiles,
    NewErrors,
    OwnNewCampaign,
    PageInText,
    ReadPage,
    SavedNewCampaign,
)
from conversations.editing.new.state import NewCampaign, Page, dump
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.loading import LoadedCampaign
from conversations.folder.new_campaign import Template
from conversations.folder.packed_files import pack
from conversations.folder.page_import.page_parts import Part, Placed, Reason
from conversations.folder.page_import.paragraphs import MAX_CHARACTERS, too_long
from conversations.model.broadcast import Media
from conversations.model.journey import AdminInput, AwaitedInput
from conversations.model.mistakes import Mistake
from conversations.text.html import Html, utf16_length
from conversations.text.scripts import has_no_spaces

FULL_MESSAGE = 3500
"""A longer message may be a piece of a text: Telegram splits it at 4096, between words."""

_SENTENCE_ENDS = '.!?:;。！？：…”"»)'
_TAKES_TEXT = (Page.BEGIN, Page.MORE, Page.PARTS, Page.PART, Page.MOVE)


# --- what staff_router calls ----------------------------------------------------------------------


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
    after = _after(context, saved.state, button)
    if after is None:
        return toast(context, "toast.answered")
    if isinstance(after, Turn):
        return after
    return _shown(context, saved, after, edits=True)


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
    said = _page(context, saved, saved.state if saved else NewCampaign())[0]
    return _asked(context, said)


# --- beginning and ending -------------------------------------------------------------------------


def _begin(context: Context, saved: SavedNewCampaign | None) -> Turn:
    """Ask for a page, or offer to continue with what was begun."""
    if saved is not None and saved.state.page is not Page.BEGIN:
        buttons = (
            (view.button(context, "button.new_continue", NewAction.CONTINUE),),
            (view.button(context, "button.new_delete", NewAction.DELETE),),
        )
        return put(context, context.wording.say("new.begun"), buttons)
    return _shown(context, saved, NewCampaign(), edits=False)


def _use_template(
    context: Context, saved: SavedNewCampaign | None, button: NewCampaignButton
) -> Turn:
    state = saved.state if saved else NewCampaign()
    if state.page is not Page.BEGIN or button.value not in tuple(Template):
        return toast(context, "toast.answered")
    chosen = replace(state, template=Template(button.value), page=Page.QUESTIONS)
    return _shown(context, saved, chosen, edits=True)


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
    loaded = _loaded(context, saved, saved.state)
    campaign = loaded.campaign
    if campaign is None or any(view.blocking(context, loaded)):
        return _shown(context, saved, saved.state, edits=True)
    name = context.facts.profile_name
    effect = CreateCampaign(campaign.slug, loaded.files.content, saved.id, saved.revision, name)
    said = view.created(context, campaign.slug, campaign.text(campaign.languages[0]).title)
    journey = context.journey.awaiting(None)
    return Turn(journey, _ended(context, said.text, said.keyboard), (effect,))


# --- the page -------------------------------------------------------------------------------------


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
        return _refuse(context, too_long().mistake(""))
    if utf16_length(text) > FULL_MESSAGE:
        return _shown(context, saved, replace(whole, page=Page.MORE), edits=False)
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
        return _refuse(context, read)
    return _shown(context, saved, _with_page(state, read), edits=edits)


def _with_page(state: NewCampaign, read: ReadPage) -> NewCampaign:
    moved = {each.paragraph: each for each in state.placed if each.reason is Reason.CAMPAIGNER}
    placed = tuple(moved.get(each.paragraph, each) for each in read.placed)
    return replace(state, page=Page.PARTS, placed=placed, language=read.language, at=0)


def _read_file(
    context: Context,
    saved: SavedNewCampaign | None,
    read: ReadPage | LoadedCampaign | Mistake,
) -> Turn:
    """Take a page, or a whole campaign, that was sent as a file."""
    if isinstance(read, Mistake):
        return _refuse(context, read)
    if isinstance(read, ReadPage):
        return _shown(context, saved, _with_page(NewCampaign(), read), edits=False)
    slug = read.files.name
    if slug in context.deployment.campaigns:
        turn = uploads.replace_files(context, slug, read.files)
        return replace(turn, replies=(*close_prompt(context), *turn.replies))
    state = NewCampaign(Page.READY, slug=slug)
    said = view.ready(context, state, read)
    return _saving(context, saved, state, _asked(context, said), read.files)


def _refuse(context: Context, why: Mistake) -> Turn:
    text = context.wording.say("new.refused", problem=why.problem, fix=why.fix)
    return show(context, text)


def _after(
    context: Context, state: NewCampaign, button: NewCampaignButton
) -> NewCampaign | Turn | None:
    """Return the state after a button; None if the button belongs to an earlier one."""
    match button.action:
        case NewAction.CONTINUE:
            return state
        case NewAction.ALL_SENT if state.page is Page.MORE and button.at == len(state.text):
            read = context.fact(PageInText(state.text))
            return _refuse(context, read) if isinstance(read, Mistake) else _with_page(state, read)
        case NewAction.ALL_RIGHT if state.page is Page.PARTS:
            return replace(state, page=Page.QUESTIONS)
        case NewAction.CHECK if state.page is Page.PARTS:
            return replace(state, page=Page.PART, at=0, single_until=0)
        case NewAction.PARTS if state.page in (Page.PART, Page.MOVE):
            return replace(state, page=Page.PART if button.value else Page.PARTS)
        case NewAction.RIGHT | NewAction.ASK_MOVE | NewAction.MOVE | NewAction.ONE_BY_ONE:
            return _after_part(state, button)
        case NewAction.ANSWER | NewAction.LATER | NewAction.BACK:
            return _after_question(context, state, button)
        case _:
            return None


def _after_part(state: NewCampaign, button: NewCampaignButton) -> NewCampaign | None:
    """Return the state after a button below one part of the page."""
    run = state.run_at(state.at)
    if state.page not in (Page.PART, Page.MOVE) or run is None or button.at != run.start:
        return None
    match button.action:
        case NewAction.RIGHT:
            return _next_part(state, run.end)
        case NewAction.ASK_MOVE if run.reason is not Reason.NOTICE:
            return replace(state, page=Page.MOVE)
        case NewAction.ONE_BY_ONE:
            return replace(state, single_until=run.end)
        case NewAction.MOVE if button.value in tuple(Part) and run.reason is not Reason.NOTICE:
            part = Part(button.value)
            moved = tuple(
                Placed(each.paragraph, part, Reason.CAMPAIGNER)
                if run.start <= number < run.end
                else each
                for number, each in enumerate(state.placed)
            )
            return _next_part(replace(state, placed=moved), run.end)
        case _:
            return None


def _next_part(state: NewCampaign, at: int) -> NewCampaign:
    page = Page.PART if at < len(state.placed) else Page.PARTS
    return replace(state, page=page, at=at)


# --- the questions --------------------------------------------------------------------------------


def _after_question(
    context: Context, state: NewCampaign, button: NewCampaignButton
) -> NewCampaign | Turn | None:
    """Return the state after a button below a question."""
    if button.action is NewAction.BACK and state.page is Page.READY:
        return _without_last(state)
    asked = open_question(state)
    if state.page is not Page.QUESTIONS or asked is None or button.at != view.number_of(state):
        return None
    if button.action is NewAction.BACK:
        return _without_last(state)
    if button.action is NewAction.LATER:
        return state.put_off(asked.key) if asked.can_wait else None
    found = suggestions(context, state, asked)
    if not button.value.isdecimal() or int(button.value) >= len(found):
        return None
    after = state.answered(asked.key, found[int(button.value)].value)
    errors = _errors(context, state, after)
    return _refuse(context, errors[0]) if errors else after


def _without_last(state: NewCampaign) -> NewCampaign | None:
    """Return the state at the question before, or at the page where none was asked before."""
    done = [
        each.key
        for each in questions_of(state)
        if each.key in state.answers or each.key in state.later
    ]
    if not done:
        return replace(state, page=Page.PARTS if state.placed else Page.BEGIN)
    last = done[-1]
    answers = {key: value for key, value in state.answers.items() if key != last}
    later = tuple(each for each in state.later if each != last)
    return replace(state, page=Page.QUESTIONS, answers=answers, later=later, choices=())


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
            return _shown(context, saved, replace(state, choices=codes), edits=False)
        case str(value):
            after = state.answered(asked.key, value)
            if errors := _errors(context, state, after):
                return _refuse(context, errors[0])
            return _shown(context, saved, after, edits=False)


def _errors(context: Context, before: NewCampaign, after: NewCampaign) -> tuple[Mistake, ...]:
    """Return the errors that an answer brings into the campaign's files."""
    files = files_of(after)
    without = CampaignFiles(files.name, files_of(before).content)
    return context.fact(NewErrors(files.name, pack(without), pack(files)))


# --- every turn -----------------------------------------------------------------------------------


def _shown(
    context: Context, saved: SavedNewCampaign | None, state: NewCampaign, *, edits: bool
) -> Turn:
    """Save a state and show its page, in the message of the pressed button or in a new one."""
    if state.page is Page.QUESTIONS and open_question(state) is None:
        state = replace(state, page=Page.READY)
    said, files = _page(context, saved, state)
    if edits:
        return _saving(context, saved, state, (EditMessage(said.text, said.keyboard),), files)
    return _saving(context, saved, state, _asked(context, said), files)


def _page(
    context: Context, saved: SavedNewCampaign | None, state: NewCampaign
) -> tuple[Say, CampaignFiles | None]:
    """Return what a page shows, and the files that are saved with it."""
    if state.page is not Page.READY:
        return view.page(context, state), None
    loaded = _loaded(context, saved, state)
    return view.ready(context, state, loaded), loaded.files if state.slug else None


def _asked(context: Context, said: Say) -> tuple[Reply, ...]:
    """Return the replies that ask in a new message, and take the buttons from the one before."""
    return (*close_prompt(context), Ask(said.text, said.keyboard, is_for_staff=True))


def _saving(
    context: Context,
    saved: SavedNewCampaign | None,
    state: NewCampaign,
    replies: tuple[Reply, ...],
    files: CampaignFiles | None = None,
) -> Turn:
    effect = SaveNewCampaign(
        saved.id if saved else f"+{context.token()[:12]}",
        saved.revision if saved else "",
        context.facts.profile_name,
        dump(state),
        files.content if files else {},
    )
    journey = context.journey.awaiting(AwaitedInput(AdminInput.NEW_CAMPAIGN))
    return Turn(journey, replies, (effect,))


def _loaded(context: Context, saved: SavedNewCampaign | None, state: NewCampaign) -> LoadedCampaign:
    """Return the campaign as it would be created."""
    files = files_of(state)
    if state.slug and saved is not None:
        files = CampaignFiles(state.slug, saved.content)
    return context.fact(LoadedFiles(files.name, pack(files)))
