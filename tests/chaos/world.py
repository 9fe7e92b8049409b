"""A bot that is killed again and again, and the world that goes on around it."""

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
from conversations.model.delivery import LetterState
from storage.crypto.keys import load_or_create
from storage.crypto.vault import Vault
from storage.schema.tables import chats, updates
from storage.schema.tables import outbox as mails
from tests.bot.mail.sink import DIES, Sink, Taken, sinking
from tests.chaos.process import BotProcess, nursing
from tests.chaos.supporter import Letterbox, Supporter
from tests.chaos.wire import Point, Wire
from tests.chat import SAMPLES
from tests.databases import opened

OUTAGE = 61.0
"""Seconds by which the bot's clock jumps at each restart: the leases of the dead one are over."""

_QUIET = 5.0
"""Seconds without anybody being done, after which time is to pass."""

_MOMENT = 0.05
_LOST_WORD = 0.05
"""How often the mail server goes away in times of trouble with a mail that it took."""

_VERBS = ("GREETING", "EHLO", "MAIL", "RCPT", "DATA")
_SOON = timedelta(seconds=30)
_UNSURE = (LetterState.SENDING.value, LetterState.UNKNOWN.value)


class World:
    """Telegram, a mail server, supporters, and the bot between them."""

    def __init__(self, url: str, folder: Path, chance: Random) -> None:
        self.url, self.folder, self.chance = url, folder, chance
        self.supporters: list[Supporter] = []
        self.acting: set[asyncio.Task[None]] = set()
        self.hits: Counter[Point] = Counter()
        self.ahead = 0.0
        self.flagged: dict[str, bool] = {}
        """Of each mail that came twice, whether the outbox told so before it was answered."""
        self.telegram = TelegramState(flood=False)
        self.wire: Wire
        self.sink: Sink
        self.letterbox: Letterbox
        self.process: BotProcess
        self.environment: dict[str, str] = {}
        self._armed: Point | None = None
        self._left = 0

    # --- who is there ---------------------------------------------------------------------------

    def supporter(self) -> Supporter:
        """Return somebody new."""
        supporter = Supporter(len(self.supporters), self.telegram, self.letterbox)
        self.supporters.append(supporter)
        return supporter

    def crowd(self, number: int) -> None:
        """Let so many more supporters begin."""
        for _ in range(number):
            self.acting.add(asyncio.create_task(self.supporter().acts()))

    def look(self) -> None:
        """Let go of who is done. Raises what went wrong with any."""
        for task in [task for task in self.acting if task.done()]:
            self.acting.remove(task)
            task.result()

    # --- lives and deaths -----------------------------------------------------------------------

    async def dies_at(self, point: Point, number: int, *, crowd: int) -> None:
        """Let the bot live until it comes to `point` for the `number`-th time, and kill it there.

        There are always `crowd` supporters under way.
        """
        await self.lives()
        self.crowd(crowd - len(self.acting))
        if point is Point.CLAIMED:
            self.process.dies_in_claim(number)
        else:
            self._armed, self._left = point, number
        dead = asyncio.create_task(self.process.dead.wait())
        while not dead.done():
            await asyncio.wait((dead, *self.acting), return_when=asyncio.FIRST_COMPLETED)
            self.look()
            self.crowd(crowd - len(self.acting))
        self.process.look()
        async with opened(self.url) as database:
            assert await database.read(lambda c: self._tells_of(c, point)), point
        self.hits[point] += 1

    async def dies_at_each_point(self, hits: int) -> AsyncIterator[Point]:
        """Let the bot die `hits` times at each point in turn, and then let everybody be done.

        It is told after each death where that was.
        """
        for point in [*Point] * hits:
            most = 2 if point is Point.DOTTED else 5
            await self.dies_at(point, self.chance.randint(1, most), crowd=4)
            yield point
        await self.finishes()

    async def dies_after(self, replies: int, *, trouble: bool = False) -> None:
        """Let the bot live until it has said so much, and kill it a moment later, wherever it is.

        It lives for five seconds at most. In times of trouble the network is bad, and the mail
        server dies at one verb or another.
        """
        await self.lives()
        if trouble:
            self.wire.trouble = self.chance
            self.sink.at(self.chance.choice(_VERBS), DIES)
        enough = asyncio.create_task(self.wire.says(replies))
        done = asyncio.create_task(asyncio.wait(self.acting))
        await asyncio.wait((enough, done), timeout=_QUIET, return_when=asyncio.FIRST_COMPLETED)
        for waiting in (enough, done):
            waiting.cancel()
        await asyncio.sleep(self.chance.uniform(0, _MOMENT))
        await self.process.kill()
        self.wire.trouble = None
        self.sink.mended()
        self.look()

    async def lives(self, after: float = OUTAGE, *, answers: bool = True) -> None:
        """Let a bot be born, an outage later, and record what its predecessor was at with mail.

        One that does not answer is a worker: it only sends mail.
        What was cut off twice at the final dot stays unknown for ever, and rightly so; so nobody
        is killed again before.
        """
        self.ahead += after
        now = utc_now() + timedelta(seconds=self.ahead)
        async with opened(self.url) as database:
            cut_off = await database.read(lambda c: _unsure(c, now))
        await self.process.start(self.ahead, answers=answers)
        async with opened(self.url) as database, asyncio.timeout(30):
            while not cut_off.isdisjoint(await database.read(_unsure)):
                await asyncio.sleep(0.01)
                self.process.look()

    async def finishes(self) -> None:
        """Let the bot live until everybody is done and everything is told.

        Codes that wait for a mail server to mend do so for two minutes, letters for an hour or so.
        """
        await self.lives()
        while not await self._ends():
            await self.process.kill()
            wrote = all(each.wrote for each in self.supporters)
            await self.lives(2 * 3600 if wrote else OUTAGE)
        async with opened(self.url) as database, asyncio.timeout(30):
            while await database.read(_untold):  # noqa: ASYNC110 - the database tells it, no event
                await asyncio.sleep(0.01)

    async def rests(self) -> None:
        """Wait until every mail that waits has left."""
        async with opened(self.url) as database, asyncio.timeout(60):
            while await database.read(_waits):
                await asyncio.sleep(0.01)
                self.process.look()

    async def _ends(self) -> bool:
        """Wait until everybody is done; False where nothing more happens in this life."""
        while self.acting:
            done, _ = await asyncio.wait(
                self.acting, timeout=_QUIET, return_when=asyncio.FIRST_COMPLETED
            )
            self.look()
            if not done:
                return False
        return True

    def _tells_of(self, connection: Connection, point: Point) -> bool:
        """Whether the database stands as it must after a death at `point`."""
        if point is Point.CLAIMED:
            claim = select(updates).where(updates.c.update_id == self.process.claimed)
            return self.process.claimed is not None and not connection.execute(claim).first()
        return bool(_unsure(connection) if point is Point.DOTTED else _untold(connection))

    # --- what the wires tell --------------------------------------------------------------------

    async def killed_at(self, point: Point) -> bool:
        if self._armed is not point:
            return False
        self._left -= 1
        if self._left:
            return False
        self._armed = None
        await self.process.kill()
        return True

    async def came(self, mail: Taken) -> None:
        """A mail came; its answer waits for this."""
        if self.sink.accepted[mail.message_id] > 1:
            self.flagged[mail.message_id] = await self._is_flagged(mail)
        await self.letterbox.looks()
        await self.killed_at(Point.DOTTED)
        troubled = self.wire.trouble is not None and self.chance.random() < _LOST_WORD
        if troubled and self.sink.accepted[mail.message_id] == 1:
            raise ConnectionAbortedError  # it is taken, and its sender never hears so

    def letter_token(self, message_id: str) -> str:
        """Return what the outbox knows the mail by."""
        vault = Vault(load_or_create(self.folder / "actionbot.keys"))
        return vault.resolve_pseudonym("message-id", message_id[1:].partition("@")[0])

    async def _is_flagged(self, mail: Taken) -> bool:
        token = self.letter_token(mail.message_id)
        query = select(mails.c.possible_duplicate).where(mails.c.message_id == token)
        async with opened(self.url) as database:
            flag = await database.read(lambda c: c.execute(query).scalar_one_or_none())
        return flag is not False  # a code's row may be gone: the code was typed meanwhile


def _unsure(connection: Connection, now: datetime | None = None) -> set[str]:
    """Return the mails that are on their way or may be, and are not to wait beyond `now`."""
    query = select(mails.c.mail).where(mails.c.state.in_(_UNSURE))
    if now is not None:
        query = query.where(mails.c.not_before <= now + _SOON)
    return set(connection.execute(query).scalars())


def _waits(connection: Connection) -> bool:
    """Whether a mail has not come to its end."""
    query = select(mails.c.mail).where(mails.c.state.in_((*_UNSURE, LetterState.QUEUED.value)))
    return connection.execute(query).first() is not None


def _untold(connection: Connection) -> bool:
    """Whether a turn or a state of a letter was told to nobody."""
    turns = select(chats.c.turn).where(chats.c.replied_turn < chats.c.turn)
    states = select(mails.c.mail).where(mails.c.shown_status < mails.c.status)
    return any(connection.execute(query).first() for query in (turns, states))


@asynccontextmanager
async def world(
    url: str, folder: Path, *, seed: int = 0, undo_seconds: int = 0
) -> AsyncIterator[World]:
    """Make a world whose database is at `url`, and whose chance is `seed`."""
    campaigns = folder / "campaigns"
    shutil.copytree(SAMPLES / "hong-kong", campaigns / "hong-kong")
    file = campaigns / "hong-kong" / "campaign.toml"
    written = file.read_text(encoding="utf-8")
    undo = f"undo_seconds = {undo_seconds}"
    file.write_text(written.replace("undo_seconds = 30", undo), encoding="utf-8")
    made = World(url, folder, Random(seed))  # noqa: S311 - to be repeated, not to be secret
    made.wire = Wire(made.telegram, made.killed_at)
    async with made.wire, sinking() as made.sink:
        made.letterbox = Letterbox(made.sink)
        made.sink.came = made.came
        made.environment = {
            "ACTIONBOT_TELEGRAM__TOKEN": made.telegram.token,
            "ACTIONBOT_TELEGRAM__API": made.wire.url,
            "ACTIONBOT_DATABASE__URL": url,
            "ACTIONBOT_SMTP__URL": made.sink.url,
            "ACTIONBOT_MAIL__ADDRESS": "actions@send.example",
            "ACTIONBOT_CAMPAIGNS__FOLDER": str(campaigns),
            "ACTIONBOT_KEYS__FILE": str(folder / "actionbot.keys"),
            "ACTIONBOT_WEB__PORT": "0",
            "ACTIONBOT_WEB__STATUS_PORT": "0",
        }
        async with nursing(made.environment, folder / "log") as made.process:
            try:
                yield made
            finally:
                await made.process.kill()
                for task in made.acting:
                    task.cancel()
                await asyncio.gather(*made.acting, return_exceptions=True)
