"""An embedded Telegram: serves the Bot API over HTTP and refuses what Telegram refuses."""

from bot.playground.telegram.person import Person
from bot.playground.telegram.server import TelegramServer
from bot.playground.telegram.state import TelegramState

__all__ = ["Person", "TelegramServer", "TelegramState"]
