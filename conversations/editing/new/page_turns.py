"""Turns of the dialogue about a new campaign: they save its state and show its page."""

from dataclasses import replace

from conversations.core.context import Context, Turn
from conversations.core.effects.new_campaigns import (
    SaveNewCampaign,
)
from conversations.core.replies import Ask, EditMessage, Reply, Say
from conversations.core.turns import close_prompt, show
from conversations.editing.new import last_page, view
from conversations.editing.new.files import files_of
from conversations.editing.new.questions import (
    open_question,
)
from conversations.editing.new.requests import (
    LoadedFiles,
    SavedNewCampaign,
)
from conversations.editing.new.state import NewCampaign, Page, dump
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.loading import LoadedCampaign
from conversations.folder.packed_files import pack
from conversations.model.mistakes import Mistake
from conversations.model.staff_inputs import AdminInput, AwaitedInput


def refuse(context: Context, why: Mistake) -> Turn:
    """Say why an answer or a file can't be used, and how to fix it."""
    text = context.wording.say("new.refused", problem=why.problem, fix=why.fix)
    return show(context, text)


def shown(
    context: Context, saved: SavedNewCampaign | None, state: NewCampaign, *, edits: bool
) -> Turn:
    """Save a state and show its page, in the message of the pressed button or in a new one."""
    if state.page is Page.QUESTIONS and open_question(state) is None:
        state = replace(state, page=Page.READY)
    said, files = page_of(context, saved, state)
    if edits:
        return saving(context, saved, state, (EditMessage(said.text, said.keyboard),), files)
    return saving(context, saved, state, asked_anew(context, said), files)


def page_of(
    context: Context, saved: SavedNewCampaign | None, state: NewCampaign
) -> tuple[Say, CampaignFiles | None]:
    """Return what a page shows, and the files that are saved with it."""
    if state.page is not Page.READY:
        return view.page(context, state), None
    loaded = loaded_as_created(context, saved, state)
    return last_page.ready(context, state, loaded), loaded.files if state.slug else None


def asked_anew(context: Context, said: Say) -> tuple[Reply, ...]:
    """Return the replies that ask in a new message, and take the buttons from the one before."""
    return (*close_prompt(context), Ask(said.text, said.keyboard, is_for_staff=True))


def saving(
    context: Context,
    saved: SavedNewCampaign | None,
    state: NewCampaign,
    replies: tuple[Reply, ...],
    files: CampaignFiles | None = None,
) -> Turn:
    """Return the turn that saves a state, and waits for what the admin types next."""
    effect = SaveNewCampaign(
        saved.id if saved else f"+{context.token()[:12]}",
        saved.revision if saved else "",
        context.facts.profile_name,
        dump(state),
        files.content if files else {},
    )
    journey = context.journey.awaiting(AwaitedInput(AdminInput.NEW_CAMPAIGN))
    return Turn(journey, replies, (effect,))


def loaded_as_created(
    context: Context, saved: SavedNewCampaign | None, state: NewCampaign
) -> LoadedCampaign:
    """Return the campaign as it would be created."""
    files = files_of(state)
    if state.slug and saved is not None:
        files = CampaignFiles(state.slug, saved.content)
    return context.fact(LoadedFiles(files.name, pack(files)))
