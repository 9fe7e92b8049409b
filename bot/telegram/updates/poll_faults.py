"""What can be wrong with a poll for updates, and what to do about it."""

from enum import Enum

from telegram.error import Conflict, InvalidToken, TelegramError

from bot.telegram.client.api_errors import PerhapsSent, TooManyRequests
from conversations.core.alerts import UpdatesTrouble


class PollFault(Enum):
    """What can be wrong with a poll, and what to do about it."""

    NOT_HELD = "Telegram answers polls at once, with nothing: is there a proxy in between?"
    UNUSABLE = "the updates cannot be used: check telegram.api, if it is set"
    NO_LIST = "the answer is no list of updates: check telegram.api, if it is set"
    WEBHOOK = (
        "somebody set a webhook, and it was deleted again: if this goes on, another program uses"
        " this token: stop it, or get a new token from @BotFather"
    )
    OTHER_POLLER = (
        "another program polls with this token: stop it, or get a new token from @BotFather"
    )
    REVOKED = (
        "Telegram does not know the token any more: get the token from @BotFather, put it into"
        " telegram.token, and restart the bot"
    )
    LIMITED = "Telegram asks to poll later"
    NO_ANSWER = "Telegram is not reached, or does not answer as it should"

    @property
    def trouble(self) -> UpdatesTrouble:
        """What admins are told if this goes on."""
        match self:
            case PollFault.WEBHOOK | PollFault.OTHER_POLLER:
                return UpdatesTrouble.RIVAL
            case PollFault.REVOKED:
                return UpdatesTrouble.TOKEN
        return UpdatesTrouble.AWAY


class NoUpdateList(PerhapsSent):
    """The result of getUpdates is something else than a list."""


def fault_of(error: TelegramError) -> PollFault:
    """Return what is wrong where a poll, or a call about the webhook, raises `error`."""
    match error:
        case NoUpdateList():
            return PollFault.NO_LIST
        case Conflict() if "webhook" in error.message.lower():
            return PollFault.WEBHOOK
        case Conflict():
            return PollFault.OTHER_POLLER
        case InvalidToken():
            return PollFault.REVOKED
        case TooManyRequests():
            return PollFault.LIMITED
    return PollFault.NO_ANSWER
