"""The real bot for dialogue tests, over real HTTP and SMTP, with an embedded Telegram.

Each test runs on SQLite and on PostgreSQL. On SQLite, the bot restarts at every third line. On
PostgreSQL, two processes of the bot take turns. So no answer can depend on the memory of a process.
The clock stands still until the test moves it.
"""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator
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
from bot.settings.mail_sections import MailSettings
from bot.settings.model import Settings
from bot.telegram.client.rate_gate import UNLIMITED
from bot.telegram.updates.inbound import read
from bot.telegram.updates.polling import get_updates
from conversations.model.letters.delivery import LetterState
from storage.mail.delivery import sending
from storage.schema.tables import outbox as mails
from tests.chat import Chat
from tests.postbox import Postbox

SAMPLES = Path(__file__).parent.parent / "conversations" / "campaigns"
TEST_CAMPAIGNS = Path(__file__).parent / "campaigns"
NO_GRACE = timedelta()
"""The clock moves by leaps: nobody waits for holders of leases after that."""

RESTART_EVERY = 3
"""On SQLite: after how many answers the bot restarts. Starting takes as long as answering."""


class Clock:
    """A clock that only the test moves, so that no result depends on the machine's speed.

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
    """Answers questions about domains without DNS.

    Every domain accepts mail except nowhere.example, and only strict.example has a DMARC policy.
    For unsure.example, DNS does not answer.
    """

    async def takes_mail(self, domain: str) -> bool | None:
        return {"nowhere.example": False, "unsure.example": None}.get(domain, True)

    async def ask(self, name: str, kind: RdataType) -> DnsAnswer:
        if name == "_dmarc.unsure.example":
            raise TimeoutError
        strict = name == "_dmarc.strict.example"
        return DnsAnswer(True, (from_text("IN", kind, '"v=DMARC1; p=reject"'),) if strict else ())


class Stage:
    """The bot with an embedded Telegram, a mail server and a database."""

    def __init__(self, url: str, folder: Path, server: TelegramServer, inbox: Postbox) -> None:
        self.clock = Clock()
        self.telegram, self.inbox = server.telegram, inbox
        self.telegram.clock = self.clock
        self.campaigns = folder / "campaigns"
        self.campaigns.mkdir()
        self.settings = _settings(url, folder, server, inbox)
        self.closing = AsyncExitStack()
        self._replicas: list[App] = []
        self._in_use = 0
        self._uses = 0
        self._offset = 0
        self._people = iter(range(1001, 9999))

    def opens(self, *slugs: str) -> None:
        """Add campaigns to the bot: the sample campaign, or one from `tests/campaigns`."""
        for slug in slugs:
            home = SAMPLES if (SAMPLES / slug).is_dir() else TEST_CAMPAIGNS
            shutil.copytree(home / slug, self.campaigns / slug)

    def edits(self, path: str, old: str, new: str) -> None:
        """Replace `old` by `new` in a file of a campaign, such as “hong-kong/campaign.toml”."""
        file = self.campaigns / path
        content = file.read_text(encoding="utf-8")
        assert old in content
        file.write_text(content.replace(old, new), encoding="utf-8")

    def edits_all_texts(self, slug: str, old: str, new: str) -> None:
        """Replace `old` by `new` in a campaign's texts in each language."""
        for file in sorted((self.campaigns / slug).glob("*.md")):
            self.edits(f"{slug}/{file.name}", old, new)

    async def change_mail_settings(self, **mail: Any) -> None:
        """Change mail settings, and restart the bot."""
        await self.stop()
        changed = MailSettings.model_validate(vars(self.settings.mail) | mail)
        self.settings = self.settings.model_copy(update={"mail": changed})

    async def restart_with(self, settings: Settings) -> None:
        """Restart the bot with other settings."""
        await self.stop()
        self.settings = settings

    async def stop(self) -> None:
        """Stop all processes of the bot. The next line starts them again."""
        await self.closing.aclose()
        self._replicas = []

    async def restarts_one(self) -> None:
        """Restart the process that answers next. On SQLite it restarts anyway."""
        if self._replicas:
            self._replicas[-1] = await self.closing.enter_async_context(self._open())

    def person(self, first_name: str, last_name: str = "", language: str = "en") -> "Chat":
        """Add a person to Telegram, and return their chat with the bot."""
        person = self.telegram.add_person(next(self._people), first_name, last_name, language)
        return Chat(self, person)

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[App]:
        """Yield a running bot: often a new one on SQLite, the other of two on PostgreSQL."""
        if len(self._replicas) == 1 and self._uses % RESTART_EVERY == 0 and not self._in_use:
            await self.stop()
        if not self._replicas:
            self._replicas.append(await self.closing.enter_async_context(self._open()))
            if self._replicas[0].core.database.multi_process:
                self._replicas.append(await self.closing.enter_async_context(self._open()))
        self._replicas.reverse()
        self._uses += 1
        self._in_use += 1
        try:
            await self._replicas[0].base.campaigns.publish_now()
            yield self._replicas[0]
        finally:
            self._in_use -= 1

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[App]:
        async with App.open(
            self.settings, Options(self.clock, NoDns(), UNLIMITED, grace=NO_GRACE)
        ) as app:
            yield app

    async def add_to_group(self, by: Person, kind: str = "group") -> Group:
        """Let `by` add the bot to a group or a channel, and let the bot answer."""
        await self.answer_updates()
        group = self.telegram.add_group(-1, "Friends of the river", by, kind)
        await self.answer_updates()
        return group

    async def answer_updates(self) -> None:
        """Let the bot answer all waiting updates."""
        async with self.bot() as app:
            await self.answer_updates_in(app)

    async def answer_updates_in(self, app: App) -> None:
        """Let this process of the bot answer all waiting updates."""
        updates = await get_updates(app.base.telegram.request, self._offset, hold_seconds=0)
        for update in updates:
            if event := read(update):
                await app.intake.handle(event)
            self._offset = update["update_id"] + 1
        await app.conversation.reply_sender.wait_until_idle()

    async def answer_updates_at_once(self) -> None:
        """Let the bot answer all waiting updates at the same time, spread over its processes."""
        async with self.bot() as app:
            updates = await get_updates(app.base.telegram.request, self._offset, hold_seconds=0)
            events = [each for each in map(read, updates) if each]
            apps = itertools.cycle(self._replicas or [app])
            await asyncio.gather(
                *(each.intake.handle(one) for each, one in zip(apps, events, strict=False))
            )
            self._offset = updates[-1]["update_id"] + 1
            for each in self._replicas or [app]:
                await each.conversation.reply_sender.wait_until_idle()

    async def send_mail(self) -> None:
        """Send all mail that is due, and let the bot report it in the chats."""
        async with self.bot() as app:
            worker = asyncio.create_task(app.mail.worker.run())
            async with asyncio.timeout(60):
                while not await app.core.database.read(lambda c: _is_done(c, self.clock())):  # noqa: ASYNC110 - the database sends no event
                    await asyncio.sleep(0.005)
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker
            await app.conversation.reply_sender.catch_up()
            await app.conversation.reply_sender.wait_until_idle()
            await app.monitoring.alert_sender.run_once()

    async def run_retention(self) -> None:
        """Delete all data whose retention period is over."""
        async with self.bot() as app:
            await Retention(app.core.database, app.core.vault, app.core.clock).run_once()

    async def clear_chats(self) -> None:
        """Clear the discreet chats that are due."""
        async with self.bot() as app:
            await app.conversation.chat_clearing.run_once()

    async def send_scheduled_messages(self) -> None:
        """Send the reminders and questions that are due."""
        async with self.bot() as app:
            await app.conversation.scheduled_messages.run_once()

    async def later(self, **time: float) -> None:
        """Move the clock, for example by `seconds=31`, and send the mail that is due then."""
        self.clock.ahead += timedelta(**time)
        await self.send_mail()

    def mails_to(self, address: str) -> list[ReceivedEmail]:
        return [mail for mail in self.inbox.mails if address in mail.recipients]

    async def answers(self, mail: ReceivedEmail, text: str) -> None:
        """Answer a mail with `text`; the answer arrives at the bot."""
        async with self.bot() as app:
            await app.mail.inbound.process(mail.reply(text))

    async def receive_mail(self, raw: bytes, *recipients: str) -> None:
        """Deliver a raw mail to the bot, and let it report bounces in the chats."""
        async with self.bot() as app:
            await app.mail.inbound.process(raw, recipients)
        await self.report_bounces()

    async def finish_albums(self) -> None:
        """Let the bot process the albums that are complete."""
        async with self.bot() as app:
            await app.conversation.albums.run_once()
            await app.conversation.reply_sender.wait_until_idle()

    async def report_bounces(self) -> None:
        """Let the bot report bounces in the chats."""
        async with self.bot() as app:
            await app.conversation.bounce_notices.run_once()
            await app.conversation.reply_sender.wait_until_idle()
            await app.conversation.reply_sender.catch_up()
            await app.conversation.reply_sender.wait_until_idle()


def _is_done(connection: Any, now: datetime) -> bool:
    """Whether no mail is due or being sent."""
    due = sending.schedule(connection).next_due
    going = select(mails.c.mail).where(mails.c.state == LetterState.SENDING.value)
    return (due is None or due > now) and connection.execute(going).first() is None


def _settings(url: str, folder: Path, server: TelegramServer, inbox: Postbox) -> Settings:
    return Settings.model_validate(
        {
            "telegram": {"token": server.telegram.token, "api": server.url},
            "database": {"url": url},
            "smtp": {"url": inbox.url},
            "mail": {
                "address": "actions@send.example",
                "own_domains": ["members.example"],
                "bounce_command": True,
            },
            "campaigns": {"folder": folder / "campaigns"},
            "keys": {"file": folder / "actionbot.keys"},
            "web": {"port": 0, "status_port": 0},
        },
        context={"folder": folder},
    )


@asynccontextmanager
async def staged(url: str, folder: Path) -> AsyncIterator[Stage]:
    """Set up a stage; at the end, assert that the bot answered every press of a button."""
    async with TelegramServer(TelegramState(flood=False)) as server, Postbox() as inbox:
        stage = Stage(url, folder, server, inbox)
        async with stage.closing:
            yield stage
        assert stage.telegram.unanswered() == 0, "a press was not answered"
