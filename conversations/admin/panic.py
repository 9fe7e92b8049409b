"""/pause and /panic: what any member can do at once when something is wrong."""

from conversations.admin.status import CurrentStatus
from conversations.core.buttons.admin import PanicAnswer, PanicButton, PauseAllButton
from conversations.core.context import Context, Turn
from conversations.core.effects.admin import Panic, PauseAll
from conversations.core.fact_requests import TeamMembers
from conversations.core.replies import (
    CommandMenu,
    EditMessage,
    OtherChat,
    PersistentButton,
    Reply,
    Say,
)
from conversations.core.turns import put, show, toast


def ask_pause(context: Context) -> Turn:
    """Answer /pause: ask whether to pause all sending. It also works after a role has ended."""
    if context.fact(CurrentStatus()).paused_since is not None:
        return show(context, context.wording.say("pause.already"))
    yes = PersistentButton(context.wording.label("button.pause_yes"), PauseAllButton())
    return show(context, context.wording.say("overview.pause_sure"), ((yes,),))


def pause(context: Context, button: PauseAllButton) -> Turn:
    """Pause all sending."""
    if context.fact(CurrentStatus()).paused_since is not None:
        return toast(context, "toast.answered")
    return put(context, context.wording.say("pause.done"), effects=(PauseAll(),))


def ask_panic(context: Context) -> Turn:
    """Answer /panic: say what it does, and ask once."""
    label = context.wording.label
    yes = PersistentButton(label("button.panic_yes"), PanicButton(PanicAnswer.YES))
    no = PersistentButton(label("button.panic_no"), PanicButton(PanicAnswer.NO))
    return show(context, context.wording.say("panic.sure"), ((yes,), (no,)))


def panic(context: Context, button: PanicButton) -> Turn:
    """Suspend every role, pause all sending, and tell all members; or do nothing."""
    if button.answer is PanicAnswer.NO:
        return put(context, context.wording.say("office.cancelled"))
    facts, members = context.facts, context.fact(TeamMembers(locked=True))
    me = next((each for each in members if each.id == facts.member_id), None)
    if me is None or me.lapsed:
        # An admin removed this person between the load of their facts and the lock.
        return toast(context, "toast.answered")
    replies: list[Reply] = [EditMessage(context.wording.say("panic.done")), CommandMenu(None)]
    for member in members:
        if member is not me and not member.lapsed:
            wording = context.deployment.staff_wording(member.language)
            notice = Say(wording.say("panic.notice", name=facts.profile_name))
            replies.append(OtherChat(member.chat, (CommandMenu(None), notice)))
    return Turn(context.journey, tuple(replies), (Panic(),))
