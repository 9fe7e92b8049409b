"""Blocking a sender, whom nobody names: by the code that a letter bears for reports of abuse."""

import re
from dataclasses import dataclass
from datetime import datetime

from conversations.core.context import Context, Turn
from conversations.core.effects.admin import BlockSender, UnblockSender
from conversations.core.fact_requests import Fact
from conversations.core.replies import EditMessage, PersistentButton, Say
from conversations.core.turns import put, show, toast

AWAITS = "block"
"""What a chat awaits whose admin types such a code."""

_CODE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Sender:
    """Who sent a letter, as an id that tells nothing; `barred` if they may write no more."""

    id: str
    letter: str
    campaign: str
    at: datetime
    barred: bool


@dataclass(frozen=True)
class SenderOfLetter(Fact[Sender | None]):
    """Who sent the letter that bears a code for reports of abuse; None if nothing is known."""

    code: str


def code_in(text: str) -> str:
    """Return the code that stands in what was typed, as “abuse-…”; "" where there is none."""
    found = _CODE.search(text.lower())
    return found[0] if found else ""


def asked(context: Context) -> Turn:
    """Ask for the code."""
    text = context.wording.say("block.code")
    return Turn(context.journey.awaiting(AWAITS), (EditMessage(text),))


def typed(context: Context, text: str) -> Turn:
    """Show whose letter it is about, as far as that is anybody's business, and ask once more."""
    code = code_in(text)
    sender = context.fact(SenderOfLetter(code)) if code else None
    if sender is None:
        return show(context, context.wording.say("block.unknown"))
    told = _question(context, code, sender)
    return Turn(context.journey.awaiting(""), (told,))


def pressed(context: Context, action: str) -> Turn:
    """Answer a button: block, or let write again."""
    deed = action.partition(":")[0]
    if deed == "ask":
        return asked(context)
    if deed == "no":
        return put(context, context.wording.say("block.no"))
    code = code_in(action)
    sender = context.fact(SenderOfLetter(code)) if code else None
    if sender is None or deed not in ("yes", "undo") or sender.barred is (deed == "yes"):
        return toast(context, "toast.answered")
    if deed == "undo":
        effect = UnblockSender(sender.id, sender.campaign)
        return put(context, context.wording.say("block.undone"), effects=(effect,))
    undo = PersistentButton(context.wording.label("button.unblock"), f"block:undo:{code}")
    text = context.wording.say("block.done")
    return put(
        context, text, ((undo,),), effects=(BlockSender(sender.id, sender.letter, sender.campaign),)
    )


def _question(context: Context, code: str, sender: Sender) -> Say:
    wording = context.wording
    deed = "undo" if sender.barred else "yes"
    label = "button.unblock" if sender.barred else "button.block"
    key = "block.already" if sender.barred else "block.sure"
    day = wording.day(sender.at.date())
    text = wording.say(key, title=context.title(sender.campaign), day=day)
    do = PersistentButton(wording.label(label), f"block:{deed}:{code}")
    return Say(text, ((do,), (PersistentButton(wording.label("button.no_back"), "block:no"),)))
