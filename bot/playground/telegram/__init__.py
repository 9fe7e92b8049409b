"""An embedded Telegram: it speaks the Bot API over HTTP and refuses what Telegram refuses."""

from bot.playground.telegram.network import Telegram
from bot.playground.telegram.person import Person
from bot.playground.telegram.server import TelegramServer

__all__ = ["Person", "Telegram", "TelegramServer"]
