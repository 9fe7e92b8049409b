"""Two admins send a notice about people's data: one writes it, another one approves it.

/notice ─▶ typed ─▶ shown ─┬─ another language ─▶ typed
                           ├─ asked for approval ─▶ approved by another admin ─▶ sent
                           └─ cancelled
"""

from dataclasses import replace

from conversations.broadcasts import approval, scheduled
from conversations.broadcasts.draft_context import DraftContext
from conversations.broadcasts.draft_facts import DraftById, SavedDraft
from conversations.core.buttons.broadcasts import DRAFT_ID_DIGITS, NoticeAction, NoticeButton
from conversations.core.context import Context, Turn
from conversations.core.effects.broadcasts import (
    DiscardDraft,
    RequestApproval,
    SaveDraft,
    SendNotice,
)
from conversations.core.fact_requests import TeamMembers
from conversations.core.notices import MAX_NOTICE, find_problem, framed, new_notice
from conversations.core.paging import MAX_BUTTONS, page_of
from conversations.core.replies import (
    EditMessage,
    Keyboard,
    OtherChat,
    PersistentButton,
    Reply,
    Say,
    Toast,
)
from conversations.core.turns import put, show, toast
from conversations.model.broadcast import Broadcast, BroadcastKind, BroadcastStatus, Media, Part
from conversations.model.roles import Role
from conversations.model.staff_inputs import AdminInput, AwaitedInput
from conversations.text.html import Html
from conversations.text.languages import offered, own_name
from conversations.text.wording import Wording


def begin(context: Context) -> Turn:
    """Answer /notice: ask for the text, if there is another admin. Raises FactMissing."""
    if not _other_admins(context):
        return show(context, context.wording.say("notice.alone"))
    return _ask(context, AwaitedInput(AdminInput.NOTICE))


def typed(context: Context, awaits: AwaitedInput, text: str) -> Turn:
    """Take the text of a notice, or of its version in another language. Raises FactMissing."""
    if problem := find_problem(context.deployment, text):
        return show(context, context.wording.say(problem, most=MAX_NOTICE))
    if not awaits.notice:
        notice = new_notice(context.token(), {context.journey.language: text})
        return _shown(context, notice)
    draft = _draft(context, awaits.notice)
    if draft is None or not draft.mine or draft.state is not BroadcastStatus.DRAFT:
        closed = context.within(context.journey.awaiting(None))
        return show(closed, context.wording.say("notice.gone"))
    versions = {**draft.broadcast.versions, awaits.language: (Part(Media.TEXT, text),)}
    return _shown(context, replace(draft.broadcast, versions=versions))


def pressed(context: Context, button: NoticeButton) -> Turn:
    """Answer a button under a notice. Raises FactMissing."""
    draft = _draft(context, button.notice)
    if draft is None:
        return toast(context, "toast.answered")
    if draft.state is not BroadcastStatus.DRAFT:
        return scheduled.no_longer_waits(
            DraftContext(context, draft.broadcast, draft.state, draft.mine)
        )
    notice = draft.broadcast
    match button.action:
        case NoticeAction.APPROVE if not draft.mine:
            return _approve(context, draft, button.value)
        case NoticeAction.TRANSLATE if draft.mine and button.value in offered():
            return _ask(context, AwaitedInput(AdminInput.NOTICE, "", notice.id, button.value))
        case NoticeAction.MORE if draft.mine:
            return _check(context, notice, button.page)
        case NoticeAction.ASK_APPROVAL if draft.mine:
            return _request_approval(context, notice)
        case NoticeAction.CANCEL if draft.mine:
            text = context.wording.say("compose.cancelled")
            return put(context, text, effects=(DiscardDraft(notice.id),))
        case _:
            return toast(context, "toast.answered")


def _ask(context: Context, awaits: AwaitedInput) -> Turn:
    language = own_name(awaits.language or context.journey.language)
    text = context.wording.say("notice.write", language=language, most=MAX_NOTICE)
    return Turn(context.journey.awaiting(awaits), (Say(text),))


def _shown(context: Context, notice: Broadcast) -> Turn:
    """Save the notice, and show it as people get it, with its buttons below."""
    asked = Say(context.wording.say("notice.check"), _buttons(context.wording, notice))
    replies = (*_previews(context, notice), asked)
    return Turn(context.journey.awaiting(None), replies, (SaveDraft(notice),))


def _previews(context: Context, notice: Broadcast) -> tuple[Say, ...]:
    return tuple(Say(framed(context.deployment, notice, each)) for each in notice.versions)


def _check(context: Context, notice: Broadcast, page: int) -> Turn:
    """Turn to a page of the languages in which the notice can be written as well."""
    keyboard = _buttons(context.wording, notice, page)
    return put(context, context.wording.say("notice.check"), keyboard)


def _buttons(wording: Wording, notice: Broadcast, page: int = 1) -> Keyboard:
    missing = [each for each in offered() if each not in notice.versions]
    translate = [_button(own_name(each), notice, NoticeAction.TRANSLATE, each) for each in missing]
    more = wording.label("button.more_choices")

    def turn(number: int, _: int) -> PersistentButton:
        here = NoticeButton(notice.id[:DRAFT_ID_DIGITS], NoticeAction.MORE, page=number)
        return PersistentButton(more, here)

    ask = _button(wording.label("button.compose_eyes"), notice, NoticeAction.ASK_APPROVAL)
    cancel = _button(wording.label("button.cancel"), notice, NoticeAction.CANCEL)
    return (*page_of(translate, page, 1, turn, MAX_BUTTONS - 2), (ask, cancel))


def _button(
    label: str, notice: Broadcast, action: NoticeAction, value: str = ""
) -> PersistentButton:
    return PersistentButton(label, NoticeButton(notice.id[:DRAFT_ID_DIGITS], action, value))


def _request_approval(context: Context, notice: Broadcast) -> Turn:
    """Show the notice to all other admins: one of them can send it."""
    previews, others = _previews(context, notice), _other_admins(context)
    asked = tuple(
        OtherChat(chat, (*previews, _approval_request(context, notice, language)))
        for chat, language in others
    )
    replies: tuple[Reply, ...] = (Toast(context.wording.label("toast.notice_asked")), *asked)
    if not asked:
        return show(context, context.wording.say("notice.alone"))
    return Turn(context.journey, replies, (RequestApproval(notice.id),))


def _approval_request(context: Context, notice: Broadcast, language: str) -> Say:
    wording, name = context.deployment.staff_wording(language), context.facts.profile_name
    label = wording.label("button.notice_send")
    send = _button(label, notice, NoticeAction.APPROVE, notice.digest)
    return Say(wording.say("notice.eyes", name=name), ((send,),))


def _approve(context: Context, draft: SavedDraft, content: str) -> Turn:
    """Send a colleague's notice, unless it changed since this admin saw it."""
    if approval.is_new(context):
        return toast(context, "toast.compose_new", alert=True)
    if content != draft.broadcast.digest:
        return toast(context, "toast.compose_changed", alert=True)
    wording = context.deployment.staff_wording(draft.language)
    told: Html = wording.say("notice.approved", name=context.facts.profile_name)
    replies: tuple[Reply, ...] = (
        EditMessage(context.wording.say("notice.sending")),
        OtherChat(draft.chat, (Say(told),)),
    )
    return Turn(context.journey, replies, (SendNotice(draft.broadcast.id, content),))


def _draft(context: Context, id_: str) -> SavedDraft | None:
    draft = context.fact(DraftById(id_))
    return draft if draft and draft.broadcast.kind is BroadcastKind.NOTICE else None


def _other_admins(context: Context) -> tuple[tuple[int, str], ...]:
    """Return the chats of the other admins who may approve, with languages. Raises FactMissing."""
    me = context.facts.member_id
    members = [each for each in context.fact(TeamMembers()) if each.id != me and not each.is_new]
    admins = [each for each in members if each.role is Role.ADMIN]
    return tuple(sorted((each.chat, each.language) for each in admins))
