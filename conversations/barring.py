"""Blocking a sender, whom nobody names: by the code that a letter bears for reports of abuse."""

import re
from dataclasses import dataclass
from datetime import datetime

from conversations.effects import Bar, Unbar
from conversations.moves import put, show, toast
from conversations.replies import Replace, Show, Standing
from conversations.scene import Scene, Turn

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


def code_in(text: str) -> str:
    """Return the code that stands in what was typed, as “abuse-…”; "" where there is none."""
    found = _CODE.search(text.lower())
    return found[0] if found else ""


def asked(scene: Scene) -> Turn:
    """Ask for the code."""
    text = scene.wording.say("block.code")
    return Turn(scene.journey.awaiting(AWAITS), (Replace(text),))


def typed(scene: Scene, text: str, sender: Sender | None) -> Turn:
    """Show whose letter it is about, as far as that is anybody's business, and ask once more."""
    if sender is None:
        return show(scene, scene.wording.say("block.unknown"))
    told = _question(scene, code_in(text), sender)
    return Turn(scene.journey.awaiting(""), (told,))


def pressed(scene: Scene, action: str, sender: Sender | None) -> Turn:
    """Answer a button: block, or let write again."""
    deed = action.partition(":")[0]
    if deed == "no":
        return put(scene, scene.wording.say("block.no"))
    if sender is None or deed not in ("yes", "undo") or sender.barred is (deed == "yes"):
        return toast(scene, "toast.answered")
    code = code_in(action)
    if deed == "undo":
        effect = Unbar(sender.id, sender.campaign)
        return put(scene, scene.wording.say("block.undone"), effects=(effect,))
    undo = Standing(scene.wording.label("button.unblock"), f"block:undo:{code}")
    text = scene.wording.say("block.done")
    return put(scene, text, ((undo,),), effects=(Bar(sender.id, sender.letter, sender.campaign),))


def _question(scene: Scene, code: str, sender: Sender) -> Show:
    wording = scene.wording
    deed = "undo" if sender.barred else "yes"
    label = "button.unblock" if sender.barred else "button.block"
    key = "block.already" if sender.barred else "block.sure"
    day = wording.day(sender.at.date())
    text = wording.say(key, title=scene.title(sender.campaign), day=day)
    do = Standing(wording.label(label), f"block:{deed}:{code}")
    return Show(text, ((do,), (Standing(wording.label("button.no_back"), "block:no"),)))
