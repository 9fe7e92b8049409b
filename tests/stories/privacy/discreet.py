"""Take a supporter through a discreet conversation, until its chat is cleared."""

from storage.mail.delivery import pauses
from tests.chat import Chat
from tests.stage import Stage

YES, DISCREET, END = "Yes, be discreet", "Discreet…", "No longer discreet"
CLEARING = (
    "Discreet: I will clear this chat 6 hours after the letter was sent, and within two days in any"
    " case. After that I will not write to you again, even if the letter comes back."
)


def typed(maria: Chat) -> list[str]:
    """Return what stands in the chat of what Maria wrote."""
    return [message["text"] for message in maria.person.chat() if message["mine"]]


def shown(maria: Chat) -> list[str]:
    """Return everything that stands in the chat."""
    return [message["text"] for message in maria.person.chat()]


async def becomes_discreet(maria: Chat) -> None:
    """Choose a discreet conversation where it is offered first."""
    await maria.starts("hong-kong")
    await maria.presses("Is it safe for me?", DISCREET, YES)


async def comes_to_the_review(maria: Chat, address: str = "maria@mail.example") -> None:
    await becomes_discreet(maria)
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", address)
    await maria.types_the_code()


async def pause(stage: Stage, *, over: bool = False) -> None:
    """Pause all mail, or let it go on."""
    now = stage.clock()
    async with stage.bot() as app:
        if over:
            await app.core.database.transact(lambda c: pauses.resume(c, pauses.ALL_SENDING, now))
        else:
            await app.core.database.transact(lambda c: pauses.pause(c, pauses.ALL_SENDING, now))


async def sends(stage: Stage, maria: Chat) -> None:
    await comes_to_the_review(maria)
    await maria.presses("Send in my name")
    await stage.later(seconds=31)


async def clears(stage: Stage, **later: float) -> None:
    await stage.later(**later)
    await stage.clear_chats()
