"""Chats with the real bot, over real HTTP and SMTP: `await maria.says(…)`, `maria.hears(…)`.

Between any two lines of a dialogue the bot changes: where the database takes several processes, two
multi_process answer in turn; where it takes one, the bot is closed and opened again from the file.
"""

import asyncio
import itertools
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dns.rdata import from_text
from dns.rdatatype import RdataType
from sqlalchemy import select

from bot.app import App
from bot.assembly.foundation import Options
from bot.mail.authentication.domains import DnsAnswer, DomainResolver
from bot.playground.inbox import ReceivedEmail
from bot.playground.telegram import Person, TelegramServer, TelegramState
from bot.playground.telegram.state import Group
from bot.services.housekeeping.retention import Retention
from bot.settings.model import Settings
from bot.settings.sections import MailSettings
from bot.telegram.inbound import read
from bot.telegram.polling import get_updates
from bot.telegram.rate_gate import UNLIMITED
from conversations.model.delivery import LetterState
from storage.mail import sending
from storage.schema.tables import outbox as mails
from tests.postbox import Postbox

SAMPLES = Path(__file__).parent.parent / "conversations" / "campaigns"
OTHERS = Path(__file__).parent / "campaigns"
CODE = re.compile(r"\d{4} \d{4}")


class Clock:
    """A clock that moves only when a test moves it, so no result depends on the machine's speed.

    Each reading is one microsecond after the one before, so that no two events share a time.
    """

    def __init__(self) -> None:
        self.ahead = timedelta()
        """How far the test has moved the clock since it began."""
        self._began = datetime.now(UTC)
        self._readings = itertools.count()

    def __call__(self) -> datetime:
        return self._began + self.ahead + timedelta(microseconds=next(self._readings))

    def move_to(self, time: datetime) -> None:
        """Make it `time`."""
        self.ahead += time - self()


class NoDns(DomainResolver):
    """Every domain takes mail but nowhere.example, and has no DMARC policy but strict.example.

    Of unsure.example nothing can be found out.
    """

    async def takes_mail(self, domain: str) -> bool | None:
        return {"nowhere.example": False, "unsure.example": None}.get(domain, True)

    async def ask(self, name: str, kind: RdataType) -> DnsAnswer:
        if name == "_dmarc.unsure.example":
            raise TimeoutError
        strict = name == "_dmarc.strict.example"
        return DnsAnswer(True, (from_text("IN", kind, '"v=DMARC1; p=reject"'),) if strict else ())


class Stage:
    """A Telegram, an inbox, a database, and the bot between them."""

    def __init__(self, url: str, folder: Path, server: TelegramServer, inbox: Postbox) -> None:
        self.clock = Clock()
        self.telegram, self.inbox = server.telegram, inbox
        self.telegram.clock = self.clock
        self.campaigns = folder / "campaigns"
        self.campaigns.mkdir()
        self.settings = _settings(url, folder, server, inbox)
        self.closing = AsyncExitStack()
        self._replicas: list[App] = []
        self._offset = 0
        self._people = iter(range(1001, 9999))

    def opens(self, *slugs: str) -> None:
        """Put campaigns into service: the sample, or one of the tests'."""
        for slug in slugs:
            home = SAMPLES if (SAMPLES / slug).is_dir() else OTHERS
            shutil.copytree(home / slug, self.campaigns / slug)

    def edits(self, path: str, old: str, new: str) -> None:
        """Change a campaign's file."""
        file = self.campaigns / path
        content = file.read_text(encoding="utf-8")
        assert old in content
        file.write_text(content.replace(old, new), encoding="utf-8")

    async def sets_mail(self, **mail: Any) -> None:
        """Change settings of mail, and start the bot again."""
        await self.closing.aclose()
        self._replicas = []
        changed = MailSettings.model_validate(vars(self.settings.mail) | mail)
        self.settings = self.settings.model_copy(update={"mail": changed})

    async def moves(self, settings: Settings) -> None:
        """Start the bot again elsewhere."""
        await self.closing.aclose()
        self._replicas = []
        self.settings = settings

    def person(self, first_name: str, last_name: str = "", language: str = "en") -> "Chat":
        person = self.telegram.add_person(next(self._people), first_name, last_name, language)
        return Chat(self, person)

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[App]:
        """The bot whose turn it is."""
        if not self._replicas:
            async with self._open() as app:
                if not app.core.database.multi_process:
                    yield app
                    return
            self._replicas = [await self.closing.enter_async_context(self._open()) for _ in "ab"]
        self._replicas.reverse()
        await self._replicas[0].base.campaigns.run_once()
        yield self._replicas[0]

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[App]:
        async with App.open(
            self.settings, Options(clock=self.clock, domains=NoDns(), limits=UNLIMITED)
        ) as app:
            yield app

    async def adds_to_a_group(self, by: Person) -> Group:
        """Let somebody add the bot, which is listening, to a group."""
        await self.turn()
        group = self.telegram.add_group(-1, "Friends of the river", by)
        await self.turn()
        return group

    async def turn(self) -> None:
        """Let the bot answer what waits."""
        async with self.bot() as app:
            await self.answered_by(app)

    async def answered_by(self, app: App) -> None:
        """Let this one of the bot's processes answer what waits."""
        updates = await get_updates(app.base.telegram.request, self._offset, hold_seconds=0)
        for update in updates:
            if came := read(update):
                await app.intake.handle(came)
            self._offset = update["update_id"] + 1
        await app.conversation.reply_sender.wait_until_idle()

    async def turn_at_once(self) -> None:
        """Let the bot answer what waits all at once, in each process that there may be."""
        async with self.bot() as app:
            updates = await get_updates(app.base.telegram.request, self._offset, hold_seconds=0)
            came = [each for each in map(read, updates) if each]
            apps = itertools.cycle(self._replicas or [app])
            await asyncio.gather(
                *(each.intake.handle(one) for each, one in zip(apps, came, strict=False))
            )
            self._offset = updates[-1]["update_id"] + 1
            for each in self._replicas or [app]:
                await each.conversation.reply_sender.wait_until_idle()

    async def mail_goes(self) -> None:
        """Let everything leave that is due, and let the bot say so."""
        async with self.bot() as app:
            delivering = asyncio.create_task(app.mail.worker.run())
            async with asyncio.timeout(20):
                while not await app.core.database.read(lambda c: _is_done(c, self.clock())):  # noqa: ASYNC110 - the database tells it, no event
                    await asyncio.sleep(0.005)
            delivering.cancel()
            with suppress(asyncio.CancelledError):
                await delivering
            await app.conversation.reply_sender.catch_up()
            await app.monitoring.alert_sender.run_once()

    async def sweeps(self) -> None:
        """Let the bot forget what is past its time."""
        async with self.bot() as app:
            await Retention(app.core.database, app.core.clock).run_once()

    async def later(self, **time: float) -> None:
        """Let time pass, and the bot do what is due then."""
        self.clock.ahead += timedelta(**time)
        await self.mail_goes()

    def mails_to(self, address: str) -> list[ReceivedEmail]:
        return [mail for mail in self.inbox.mails if address in mail.recipients]

    async def answers(self, mail: ReceivedEmail, text: str) -> None:
        """Let somebody answer a mail, as our mail server would hand it on."""
        async with self.bot() as app:
            await app.mail.inbound.take(mail.reply(text))

    async def comes_in(self, raw: bytes, *recipients: str) -> None:
        """Let a mail come to us, and the bot do what follows."""
        async with self.bot() as app:
            await app.mail.inbound.take(raw, recipients)
        await self.tells_what_came_back()

    async def ends_albums(self) -> None:
        """Let the bot look for albums that are whole."""
        async with self.bot() as app:
            await app.conversation.albums.run_once()
            await app.conversation.reply_sender.wait_until_idle()

    async def tells_what_came_back(self) -> None:
        """Let the bot tell in the chats what came back of their mail."""
        async with self.bot() as app:
            await app.conversation.bounce_notices.run_once()
            await app.conversation.reply_sender.wait_until_idle()
            await app.conversation.reply_sender.catch_up()


class Chat:
    """One person's chat with the bot, and what was heard in it since they last did something."""

    def __init__(self, stage: Stage, person: Person) -> None:
        self.stage, self.person = stage, person
        self._changes = person.watch()
        self._texts: dict[int, str] = {}

    async def starts(self, payload: str = "") -> None:
        self._hush()
        self.person.start(payload)
        await self.stage.turn()

    async def says(self, *texts: str) -> None:
        self._hush()
        for text in texts:
            self.person.send(text)
            await self.stage.turn()

    async def presses(self, *labels: str) -> None:
        for label in labels:
            self._hush()
            self.person.press(self._with(label), label)
            await self.stage.turn()

    async def presses_again(self, message: int, data: str) -> None:
        """Press what a phone still shows, although the chat has moved on."""
        self._hush()
        self.stage.telegram.press(self.person, self.person.messages[message], data)
        await self.stage.turn()

    async def presses_at_once(self, *labels: str) -> None:
        """Press several buttons before the bot can answer any."""
        self._hush()
        for message, label in [(self._with(label), label) for label in labels]:
            self.person.press(message, label)
        await self.stage.turn()

    async def sends(self, *kinds: str) -> None:
        self._hush()
        for kind in kinds:
            self.person.send_other(kind)
            await self.stage.turn()

    async def sends_file(self, kind: str, caption: str = "", album: str = "") -> None:
        self._hush()
        self.person.send_file(kind, b"a file", caption, album)
        await self.stage.turn()

    async def forwards(self, text: str) -> None:
        self._hush()
        self.person.forward(text)
        await self.stage.turn()

    async def edits(self, old: str, new: str) -> None:
        """Edit what they typed before."""
        self._hush()
        mine = [message for message in self.person.chat() if message["text"] == old]
        self.person.edit(mine[-1]["message_id"], new)
        await self.stage.turn()

    async def blocks(self, *, blocked: bool = True) -> None:
        """Block the bot, or let it in again."""
        self._hush()
        self.person.block(blocked=blocked)
        await self.stage.turn()

    async def types_the_code(self, *, wrong: bool = False) -> None:
        """Let the code's mail come, and type what it says."""
        await self.stage.mail_goes()
        code = self.code()
        await self.says(str((int(code[:4]) + 1) % 10000).zfill(4) + code[4:] if wrong else code)

    def code(self) -> str:
        """Return the code of the last mail that has one."""
        subjects = [mail.message["Subject"] for mail in self.stage.inbox.mails]
        return [found[0] for subject in subjects if (found := CODE.match(str(subject)))][-1]

    def heard(self) -> list[str]:
        """Return what was said since the last deed: ✎ edited, ✗ deleted, (toast)."""
        return list(self._drain())

    def hears(self, *expected: str) -> None:
        """Assert that exactly this was heard. What ends in … begins like that."""
        heard = self.heard()
        shown = "\n".join(repr(line) for line in heard)
        assert len(heard) == len(expected), f"heard:\n{shown}"
        for line, wanted in zip(heard, expected, strict=True):
            if wanted.endswith("…") and line != wanted:
                assert line.startswith(wanted[:-1]), f"heard:\n{shown}"
            else:
                assert line == wanted, f"heard:\n{shown}"

    @property
    def last(self) -> dict[str, Any]:
        """The last message that the bot wrote, as it shows now."""
        return [message for message in self.person.chat() if not message["mine"]][-1]

    @property
    def buttons(self) -> list[list[str]]:
        """The labels of the last keyboard that stands in the chat."""
        keyboards = [message["keyboard"] for message in self.person.chat() if message["keyboard"]]
        return [[button["text"] for button in row] for row in keyboards[-1]] if keyboards else []

    @property
    def all_buttons(self) -> list[str]:
        return [
            button["text"]
            for message in self.person.chat()
            for row in message["keyboard"]
            for button in row
        ]

    def link(self, label: str) -> str:
        """Return where the button of that label leads."""
        return next(
            str(button["url"])
            for message in reversed(self.person.chat())
            for row in message["keyboard"]
            for button in row
            if button["text"] == label
        )

    async def comes_to_the_review(
        self, campaign: str = "hong-kong", address: str = "maria@mail.example"
    ) -> None:
        await self.starts(campaign)
        await self.presses("Write the letter")
        await self.says("Maria Silva", "Portugal", address)
        await self.types_the_code()

    async def sends_the_letter(self, **how: str) -> None:
        """Walk the whole way, until the letter has left."""
        await self.comes_to_the_review(**how)
        await self.presses("Send in my name")
        await self.stage.later(seconds=31)

    def _with(self, label: str) -> int:
        for message in reversed(self.person.chat()):
            if any(button["text"] == label for row in message["keyboard"] for button in row):
                return int(message["message_id"])
        raise AssertionError(f"no button “{label}” among {self.all_buttons}")

    def _hush(self) -> None:
        for _ in self._drain():
            pass

    def _drain(self) -> Iterator[str]:
        while not self._changes.empty():
            change = self._changes.get_nowait()
            match change["event"]:
                case "message":
                    self._texts[change["message_id"]] = change["text"]
                    if not change["mine"]:
                        yield change["text"]
                case "edited" if not change["mine"]:
                    if self._texts.get(change["message_id"]) != change["text"]:
                        yield f"✎ {change['text']}"
                    self._texts[change["message_id"]] = change["text"]
                case "deleted":
                    yield f"✗ {change['message_id']}"
                case "toast" if change["text"]:
                    yield f"({change['text']})"


def _is_done(connection: Any, now: datetime) -> bool:
    """Whether nothing is due any more, and nothing on its way."""
    due = sending.next_due(connection)
    going = select(mails.c.mail).where(mails.c.state == LetterState.SENDING.value)
    return (due is None or due > now) and connection.execute(going).first() is None


def _settings(url: str, folder: Path, server: TelegramServer, inbox: Postbox) -> Settings:
    return Settings.model_validate(
        {
            "telegram": {"token": server.telegram.token, "api": server.url},
            "database": {"url": url},
            "smtp": {"url": inbox.url},
            "mail": {"address": "actions@send.example", "own_domains": ["members.example"]},
            "campaigns": {"folder": folder / "campaigns"},
            "keys": {"file": folder / "actionbot.keys"},
            "web": {"port": 0, "status_port": 0},
        },
        context={"folder": folder},
    )


@asynccontextmanager
async def staged(url: str, folder: Path) -> AsyncIterator[Stage]:
    async with TelegramServer(TelegramState(flood=False)) as server, Postbox() as inbox:
        stage = Stage(url, folder, server, inbox)
        async with stage.closing:
            yield stage
        assert stage.telegram.unanswered() == 0, "a press was not answered"
