"""The bot, Telegram, a mail server and supporters; a chaos test kills and restarts the bot."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Connection, select

from bot.clock import utc_now
from bot.playground.telegram import TelegramState
from conversations.model.letters.delivery import LetterState
from storage.crypto.person_keys import PersonKeys
from storage.schema.tables import chats, updates
from storage.schema.tables import outbox as mails
from tests.bot.mail.sink import DIES, Sink, Taken, sinking
from tests.chaos.process import BotProcess, bot_processes
from tests.chaos.supporter import Letterbox, Supporter
from tests.chaos.telegram import ChaosTelegram, Point
from tests.databases import opened
from tests.stage import SAMPLES
from tests.vaults import vault_of

RESTART_GAP = 61.0
"""Seconds that the bot's clock jumps at each restart, so that all leases have expired."""

_IDLE_SECONDS = 5.0
"""If no supporter finishes for this long, the bot is restarted with a later clock."""

_MAX_KILL_DELAY = 0.05
_LOST_REPLY_RATE = 0.05
"""How often the mail server accepts a mail and closes the connection without an answer."""

_VERBS = ("GREETING", "EHLO", "MAIL", "RCPT", "DATA")
_SOON = timedelta(seconds=30)
_UNFINISHED = (LetterState.SENDING.value, LetterState.UNKNOWN.value)


class World:
    """Telegram, a mail server and supporters, and the bot that talks to all of them."""

    def __init__(self, url: str, folder: Path, chance: Random) -> None:
        self.url, self.folder, self.chance = url, folder, chance
        self.supporters: list[Supporter] = []
        self.acting: set[asyncio.Task[None]] = set()
        self.hits: Counter[Point] = Counter()
        self.ahead = 0.0
        self.flagged: dict[str, bool] = {}
        """By Message-ID of each mail that arrived twice: whether it was marked by then."""
        self.telegram = TelegramState(flood=False)
        self.server: ChaosTelegram
        self.sink: Sink
        self.letterbox: Letterbox
        self.process: BotProcess
        self.environment: dict[str, str] = {}
        self._armed: Point | None = None
        self._left = 0

    # --- supporters -----------------------------------------------------------------------------

    def add_supporter(self) -> Supporter:
        """Add a supporter who does nothing by themselves."""
        supporter = Supporter(len(self.supporters), self.telegram, self.letterbox)
        self.supporters.append(supporter)
        return supporter

    def add_supporters(self, number: int) -> None:
        """Start `number` more supporters, each writing a letter."""
        for _ in range(number):
            self.acting.add(asyncio.create_task(self.add_supporter().acts()))

    def raise_failures(self) -> None:
        """Forget the supporters who have finished. Raises the error of one who failed."""
        for task in [task for task in self.acting if task.done()]:
            self.acting.remove(task)
            task.result()

    # --- starting and killing the bot -----------------------------------------------------------

    async def kill_at(self, point: Point, number: int, *, crowd: int) -> None:
        """Start the bot, and kill it when it reaches `point` for the `number`-th time.

        Meanwhile `crowd` supporters are active.
        """
        await self.start_bot()
        self.add_supporters(crowd - len(self.acting))
        if point is Point.CLAIMED:
            self.process.kill_in_claim(number)
        else:
            self._armed, self._left = point, number
        dead = asyncio.create_task(self.process.dead.wait())
        while not dead.done():
            await asyncio.wait((dead, *self.acting), return_when=asyncio.FIRST_COMPLETED)
            self.raise_failures()
            self.add_supporters(crowd - len(self.acting))
        self.process.raise_if_crashed()
        async with opened(self.url) as database:
            assert await database.read(lambda c: self._matches(c, point)), point
        self.hits[point] += 1

    async def kill_at_each_point(self, hits: int) -> AsyncIterator[Point]:
        """Kill the bot `hits` times at each point, then let all supporters finish.

        Yields the point after each kill.
        """
        for point in [*Point] * hits:
            most = 2 if point is Point.DOTTED else 5
            await self.kill_at(point, self.chance.randint(1, most), crowd=4)
            yield point
        await self.finish()

    async def kill_after(self, replies: int, *, trouble: bool = False) -> None:
        """Start the bot, and kill it at a random moment after it has sent `replies` replies.

        The bot runs for five seconds at most. With `trouble`, the network is bad and the mail
        server closes a connection at a random SMTP command.
        """
        await self.start_bot()
        if trouble:
            self.server.trouble = self.chance
            self.sink.at(self.chance.choice(_VERBS), DIES)
        enough = asyncio.create_task(self.server.wait_for_replies(replies))
        done = asyncio.create_task(asyncio.wait(self.acting))
        await asyncio.wait(
            (enough, done), timeout=_IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        for waiting in (enough, done):
            waiting.cancel()
        await asyncio.sleep(self.chance.uniform(0, _MAX_KILL_DELAY))
        await self.process.kill()
        self.server.trouble = None
        self.sink.mended()
        self.raise_failures()

    async def start_bot(self, after: float = RESTART_GAP, *, answers: bool = True) -> None:
        """Start the bot with a clock `after` seconds later; wait until it settles unfinished mail.

        With `answers=False`, the bot is a worker, which only sends mail. A mail that is cut off
        twice at the final dot stays unknown for ever, as it should; so the test does not kill
        the bot again before the mail of the last one is settled.
        """
        self.ahead += after
        now = utc_now() + timedelta(seconds=self.ahead)
        async with opened(self.url) as database:
            cut_off = await database.read(lambda c: _unfinished(c, now))
        await self.process.start(self.ahead, mode="start" if answers else "work")
        async with opened(self.url) as database, asyncio.timeout(30):
            while not cut_off.isdisjoint(await database.read(_unfinished)):
                await asyncio.sleep(0.01)
                self.process.raise_if_crashed()

    async def start_paced_bot(self) -> None:
        """Start the bot, which keeps to Telegram's limits, and wait until it fetches updates."""
        self.ahead += RESTART_GAP
        self.telegram.updates.polled.clear()
        await self.process.start(self.ahead, mode="paced")
        async with asyncio.timeout(30):
            await self.telegram.updates.polled.wait()

    async def wait_until_replied(self, supporters: list[Supporter]) -> None:
        """Wait until all replies to these supporters are sent and recorded."""
        vault = vault_of(self.folder / "actionbot.keys")
        keys = [PersonKeys(vault, each.person.id).chat for each in supporters]
        query = select(chats.c.turn).where(
            chats.c.person_key.in_(keys), chats.c.replied_turn < chats.c.turn
        )
        async with opened(self.url) as database, asyncio.timeout(30):
            while await database.read(lambda c: c.execute(query).first()):  # noqa: ASYNC110 - the database sends no event
                await asyncio.sleep(0.01)

    async def finish(self) -> None:
        """Start the bot, and wait until all supporters have finished and all replies are sent.

        After an error of the mail server, codes wait for two minutes, letters for about an hour.
        """
        await self.start_bot()
        while not await self._all_finished():
            await self.process.kill()
            wrote = all(each.wrote for each in self.supporters)
            await self.start_bot(2 * 3600 if wrote else RESTART_GAP)
        async with opened(self.url) as database, asyncio.timeout(30):
            while await database.read(_has_unsent_replies):  # noqa: ASYNC110 - the database sends no event
                await asyncio.sleep(0.01)

    async def wait_until_sent(self) -> None:
        """Wait until every mail in the outbox has a final state."""
        async with opened(self.url) as database, asyncio.timeout(60):
            while await database.read(_has_unsent_mail):
                await asyncio.sleep(0.01)
                self.process.raise_if_crashed()

    async def _all_finished(self) -> bool:
        """Wait until all supporters have finished; return False if none does for a while."""
        while self.acting:
            done, _ = await asyncio.wait(
                self.acting, timeout=_IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            self.raise_failures()
            if not done:
                return False
        return True

    def _matches(self, connection: Connection, point: Point) -> bool:
        """Whether the database is in the state that a kill at `point` must leave."""
        if point is Point.CLAIMED:
            claim = select(updates).where(updates.c.update_id == self.process.claimed)
            return self.process.claimed is not None and not connection.execute(claim).first()
        return bool(
            _unfinished(connection) if point is Point.DOTTED else _has_unsent_replies(connection)
        )

    # --- called by Telegram and the mail server -------------------------------------------------

    async def killed_at(self, point: Point) -> bool:
        """Kill the bot if the test wants that at this point; return whether it did."""
        if self._armed is not point:
            return False
        self._left -= 1
        if self._left:
            return False
        self._armed = None
        await self.process.kill()
        return True

    async def came(self, mail: Taken) -> None:
        """Handle an arrived mail, before the mail server answers it."""
        if self.sink.accepted[mail.message_id] > 1:
            self.flagged[mail.message_id] = await self._is_flagged(mail)
        await self.letterbox.notify()
        await self.killed_at(Point.DOTTED)
        troubled = self.server.trouble is not None and self.chance.random() < _LOST_REPLY_RATE
        if troubled and self.sink.accepted[mail.message_id] == 1:
            raise ConnectionAbortedError  # the mail is accepted, but the bot gets no answer

    def letter_token(self, message_id: str) -> str:
        """Return the token by which the outbox identifies a Message-ID."""
        vault = vault_of(self.folder / "actionbot.keys")
        return vault.resolve_pseudonym("message-id", message_id[1:].partition("@")[0])

    async def _is_flagged(self, mail: Taken) -> bool:
        token = self.letter_token(mail.message_id)
        query = select(mails.c.possible_duplicate).where(mails.c.message_id == token)
        async with opened(self.url) as database:
            flag = await database.read(lambda c: c.execute(query).scalar_one_or_none())
        return flag is not False  # a code's row is deleted once the code is typed


def _unfinished(connection: Connection, now: datetime | None = None) -> set[str]:
    """Return the mails being sent or of unknown state; with `now`, only those due soon after."""
    query = select(mails.c.mail).where(mails.c.state.in_(_UNFINISHED))
    if now is not None:
        query = query.where(mails.c.not_before <= now + _SOON)
    return set(connection.execute(query).scalars())


def _has_unsent_mail(connection: Connection) -> bool:
    """Whether the outbox has a mail without a final state."""
    query = select(mails.c.mail).where(mails.c.state.in_((*_UNFINISHED, LetterState.QUEUED.value)))
    return connection.execute(query).first() is not None


def _has_unsent_replies(connection: Connection) -> bool:
    """Whether a reply or a letter's new status has not been sent to the chat."""
    turns = select(chats.c.turn).where(chats.c.replied_turn < chats.c.turn)
    states = select(mails.c.mail).where(mails.c.shown_status < mails.c.status)
    return any(connection.execute(query).first() for query in (turns, states))


@asynccontextmanager
async def world(
    url: str,
    folder: Path,
    *,
    seed: int = 0,
    undo_seconds: int = 0,
    server: type[ChaosTelegram] = ChaosTelegram,
) -> AsyncIterator[World]:
    """Set up a world with the database at `url`; `seed` makes its random choices repeatable.

    `server` is the kind of Telegram server.
    """
    campaigns = folder / "campaigns"
    shutil.copytree(SAMPLES / "hong-kong", campaigns / "hong-kong")
    file = campaigns / "hong-kong" / "campaign.toml"
    written = file.read_text(encoding="utf-8")
    undo = f"undo_seconds = {undo_seconds}"
    file.write_text(written.replace("undo_seconds = 30", undo), encoding="utf-8")
    made = World(url, folder, Random(seed))  # noqa: S311 - repeatable, not secret
    made.server = server(made.telegram, made.killed_at)
    async with made.server, sinking() as made.sink:
        made.letterbox = Letterbox(made.sink)
        made.sink.came = made.came
        made.environment = {
            "ACTIONBOT_TELEGRAM__TOKEN": made.telegram.token,
            "ACTIONBOT_TELEGRAM__API": made.server.url,
            "ACTIONBOT_DATABASE__URL": url,
            "ACTIONBOT_SMTP__URL": made.sink.url,
            "ACTIONBOT_MAIL__ADDRESS": "actions@send.example",
            "ACTIONBOT_MAIL__CODES_PER_DOMAIN": "1000000",
            "ACTIONBOT_CAMPAIGNS__FOLDER": str(campaigns),
            "ACTIONBOT_KEYS__FILE": str(folder / "actionbot.keys"),
            "ACTIONBOT_WEB__PORT": "0",
            "ACTIONBOT_WEB__STATUS_PORT": "0",
        }
        async with bot_processes(made.environment, folder / "log") as made.process:
            try:
                yield made
            finally:
                await made.process.kill()
                for task in made.acting:
                    task.cancel()
                await asyncio.gather(*made.acting, return_exceptions=True)
