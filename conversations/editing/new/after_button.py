"""What the dialogue about a new campaign becomes after a button: of the page, or of a question."""

from dataclasses import replace

from conversations.core.buttons.new_campaign import NewAction, NewCampaignButton
from conversations.core.context import Context, Turn
from conversations.editing.new import view
from conversations.editing.new.files import files_of
from conversations.editing.new.page_turns import refuse
from conversations.editing.new.questions import (
    open_question,
    questions_of,
    suggestions,
)
from conversations.editing.new.requests import (
    NewErrors,
    PageInText,
    ReadPage,
)
from conversations.editing.new.state import NewCampaign, Page, Run
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.packed_files import pack
from conversations.folder.page_import.page_parts import Part, Placed, Reason
from conversations.model.mistakes import Mistake

_ONE_LINE = (Part.LABEL, Part.TITLE)


def after_button(
    context: Context, state: NewCampaign, button: NewCampaignButton
) -> NewCampaign | Turn | None:
    """Return the state after a button; None if the button belongs to an earlier one."""
    match button.action:
        case NewAction.CONTINUE:
            return state
        case NewAction.ALL_SENT if state.page is Page.MORE and button.at == len(state.text):
            read = context.fact(PageInText(state.text))
            return refuse(context, read) if isinstance(read, Mistake) else with_page(state, read)
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
            return _next_part(_moved(state, run, Part(button.value)), run.end)
        case _:
            return None


def _moved(state: NewCampaign, run: Run, part: Part) -> NewCampaign:
    """Return the state with paragraphs in another part.

    A label or title is one line: what it was before takes their place, unless it is beside them.
    """
    leaves = {
        number
        for number, each in enumerate(state.placed)
        if part in _ONE_LINE and each.part is part and not run.start - 1 <= number <= run.end
    }

    def place(number: int, each: Placed) -> Placed:
        if run.start <= number < run.end:
            return Placed(each.paragraph, part, Reason.CAMPAIGNER)
        if number in leaves:
            return Placed(each.paragraph, run.part, Reason.CAMPAIGNER)
        return each

    placed = tuple(place(number, each) for number, each in enumerate(state.placed))
    return replace(state, placed=placed)


def _next_part(state: NewCampaign, at: int) -> NewCampaign:
    page = Page.PART if at < len(state.placed) else Page.PARTS
    return replace(state, page=page, at=at)


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
    errors = new_errors(context, state, after)
    return refuse(context, errors[0]) if errors else after


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


def new_errors(context: Context, before: NewCampaign, after: NewCampaign) -> tuple[Mistake, ...]:
    """Return the errors that an answer brings into the campaign's files."""
    files = files_of(after)
    without = CampaignFiles(files.name, files_of(before).content)
    return context.fact(NewErrors(files.name, pack(without), pack(files)))


def with_page(state: NewCampaign, read: ReadPage) -> NewCampaign:
    """Return the state with a page that was read. Parts that the person moved stay moved."""
    moved = {each.paragraph: each for each in state.placed if each.reason is Reason.CAMPAIGNER}
    placed = tuple(moved.get(each.paragraph, each) for each in read.placed)
    return replace(state, page=Page.PARTS, placed=placed, language=read.language, at=0)
