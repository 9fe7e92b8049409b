"""Lets codes be mailed again to an address whose owner said “this wasn't me”."""

from dataclasses import dataclass
from datetime import datetime

from conversations.core.context import Context, Turn
from conversations.core.effects.admin import RestoreAddress
from conversations.core.fact_requests import Fact
from conversations.core.replies import EditMessage, Say
from conversations.core.turns import show
from conversations.model.staff_inputs import AdminInput, AwaitedInput
from conversations.text.typed.addresses import Address, canonical, read_address, readable


@dataclass(frozen=True)
class DisownedSince(Fact[datetime | None]):
    """The day on which the owner of an address disowned it; None if it is not disowned."""

    address: str
    """The canonical form of the address."""


def ask_address(context: Context) -> Turn:
    """Ask for the address."""
    text = context.wording.say("disowned.ask")
    awaits = AwaitedInput(AdminInput.DISOWNED_ADDRESS)
    return Turn(context.journey.awaiting(awaits), (EditMessage(text),))


def typed(context: Context, text: str) -> Turn:
    """Take the address that an admin typed, and restore it if it is disowned."""
    address = read_address(text)
    if not isinstance(address, Address):
        return show(context, context.wording.say("disowned.no_address"))
    shown = readable(str(address))
    found = canonical(address)
    journey = context.journey.awaiting(None)
    if context.fact(DisownedSince(found)) is None:
        return Turn(journey, (Say(context.wording.say("disowned.not", address=shown)),))
    done = Say(context.wording.say("disowned.done", address=shown))
    return Turn(journey, (done,), (RestoreAddress(found),))
