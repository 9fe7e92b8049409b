"""The bots of a standalone playground: each token makes one, with the same people."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.playground.bot_page import BotPage
from bot.playground.telegram import ApiRefusal, Methods, TelegramState

PEOPLE = (
    (1001, "Maria", "Silva", "en", "user"),
    (1002, "陳", "大文", "zh-hant", "user"),
    (1003, "Amara", "Okafor", "fr", "user"),
)
"""The people who can chat with each bot: user id, first and last name, language, role."""

MAX_BOTS = 1000
"""How many bots there can be, so that memory is bounded."""

_TOKEN = re.compile(r"([1-9][0-9]{0,15}):[A-Za-z0-9_-]{1,63}")
"""A token: the bot's id and a secret, at most 80 characters.

Source code of telegram-bot-api, ClientManager.cpp.
"""


@dataclass(frozen=True)
class Bot:
    """A bot, what it can call, and its page."""

    telegram: TelegramState
    methods: Methods
    page: BotPage


class Bots:
    """Creates a bot when its token is used first, and finds it later."""

    def __init__(self, tokens: Sequence[str] = (), *, flood: bool = True) -> None:
        """Accept `tokens`, or any well-formed token if there are none.

        With `flood` False, no rate limit applies. Raises ValueError if a token is not well formed.
        """
        self._flood = flood
        self._any_token = not tokens
        self.bots: dict[int, Bot] = {}
        """The bots by id, in the order of their first calls."""
        for token in tokens:
            if _bot_id(token) is None or _bot_id(token) in self.bots:
                raise ValueError("not a token, or the token of a bot that was named before")
            self._create(token)

    def find(self, token: str) -> Methods:
        """Return the methods of the bot with a token.

        Raises ApiRefusal, in Telegram's words, if the token is not accepted.
        """
        id_ = _bot_id(token)
        if id_ is None:
            raise ApiRefusal(401, "Unauthorized: invalid token specified")
        if id_ not in self.bots and self._any_token:
            if len(self.bots) >= MAX_BOTS:
                raise ApiRefusal(429, "Too Many Requests: the playground has no room for more bots")
            self._create(token)
        bot = self.bots.get(id_)
        if bot is None or bot.telegram.token != token:
            raise ApiRefusal(401, "Unauthorized")
        return bot.methods

    async def close(self) -> None:
        """Stop delivering updates, and end the event streams of open pages."""
        for bot in self.bots.values():
            await bot.telegram.updates.close()
            bot.page.close()

    def _create(self, token: str) -> None:
        id_ = _bot_id(token) or 0
        telegram = TelegramState(token, f"playground_{id_}_bot", f"Bot {id_}", flood=self._flood)
        page = BotPage(telegram, [telegram.add_person(*person) for person in PEOPLE])
        self.bots[id_] = Bot(telegram, Methods(telegram), page)


def _bot_id(token: str) -> int | None:
    """Return the id of the bot that a token belongs to; None if the token is not well formed."""
    match = _TOKEN.fullmatch(token)
    return int(match[1]) if match else None
