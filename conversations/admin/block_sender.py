"""Blocks a sender whom nobody names: by the code that a letter carries for reports of abuse."""

import re
from dataclasses import dataclass
from datetime import datetime

from conversations.core.buttons.admin import BlockAction, BlockButton
from conversations.core.context import Context, Turn
from conversations.core.effects.admin import BlockSender, UnblockSender
from conversations.core.fact_requests import Fact
from conversations.core.replies import EditMessage, PersistentButton, Say
from conversations.core.turns import put, show, toast
from conversations.model.staff_inputs import AdminInput, AwaitedInput

_CODE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Sender:
    """The sender of a letter, without a name."""

    id: str
    """The key of the person, as hex digits."""

    letter: str
    """The letter's id."""

    campaign: str
    """The slug of the letter's campaign."""

    at: datetime
    """When the letter was queued."""

    blocked: bool
    """Whether the sender is blocked."""


@dataclass(frozen=True)
class SenderOfLetter(Fact[Sender | None]):
    """The sender of the letter that carries a code for reports of abuse; None if it is unknown."""

    code: str


def ask_code(context: Context) -> Turn:
    """Ask for the code of a letter."""
    text = context.wording.say("block.code")
    return Turn(
        context.journey.awaiting(AwaitedInput(AdminInput.LETTER_CODE)), (EditMessage(text),)
    )


def typed(context: Context, text: str) -> Turn:
    """Take the code that an admin typed: show which letter it is, and ask whether to block."""
    code = _code_in(text)
    sender = context.fact(SenderOfLetter(code)) if code else None
    if sender is None:
        return show(context, context.wording.say("block.unknown"))
    return Turn(context.journey.awaiting(None), (_question(context, code, sender),))


def pressed(context: Context, button: BlockButton) -> Turn:
    """Answer a button: block a sender, or unblock."""
    if button.action is BlockAction.ASK_CODE:
        return ask_code(context)
    if button.action is BlockAction.CANCEL:
        return put(context, context.wording.say("block.no"))
    code = _code_in(button.code)
    sender = context.fact(SenderOfLetter(code)) if code else None
    blocks = button.action is BlockAction.BLOCK
    if sender is None or sender.blocked is blocks:
        return toast(context, "toast.answered")
    if not blocks:
        unblock = UnblockSender(sender.id, sender.campaign)
        return put(context, context.wording.say("block.undone"), effects=(unblock,))
    undo = BlockButton(BlockAction.UNBLOCK, code)
    keyboard = ((PersistentButton(context.wording.label("button.unblock"), undo),),)
    effect = BlockSender(sender.id, sender.letter, sender.campaign)
    return put(context, context.wording.say("block.done"), keyboard, effects=(effect,))


def _code_in(text: str) -> str:
    """Return the code in a text such as “abuse-…@send.example”; "" if there is none."""
    found = _CODE.search(text.lower())
    return found[0] if found else ""


def _question(context: Context, code: str, sender: Sender) -> Say:
    wording = context.wording
    action = BlockAction.UNBLOCK if sender.blocked else BlockAction.BLOCK
    label = "button.unblock" if sender.blocked else "button.block"
    key = "block.already" if sender.blocked else "block.sure"
    day = wording.day(sender.at.date())
    text = wording.say(key, title=context.title(sender.campaign), day=day)
    yes = PersistentButton(wording.label(label), BlockButton(action, code))
    no = PersistentButton(wording.label("button.no_back"), BlockButton(BlockAction.CANCEL))
    return Say(text, ((yes,), (no,)))
