"""An embedded Telegram: serves the Bot API over HTTP and refuses what Telegram refuses."""

from bot.playground.telegram.bot_api import MAX_REQUEST_BYTES, BotApi
from bot.playground.telegram.methods import Methods
from bot.playground.telegram.person import Person
from bot.playground.telegram.refusal import ApiRefusal
from bot.playground.telegram.server import TelegramServer
from bot.playground.telegram.state import TelegramState

__all__ = [
    "MAX_REQUEST_BYTES",
    "ApiRefusal",
    "BotApi",
    "Methods",
    "Person",
    "TelegramServer",
    "TelegramState",
]
