"""An embedded Telegram: it speaks the Bot API over HTTP and refuses what Telegram refuses."""

from bot.playground.telegram.person import Person
from bot.playground.telegram.server import TelegramServer
from bot.playground.telegram.state import Telegram

__all__ = ["Person", "Telegram", "TelegramServer"]
