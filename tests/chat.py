"""Write dialogue tests: a supporter chats with the real bot, over real HTTP and SMTP.

The fixtures in `tests/stories/conftest.py` provide `stage` (the bot and all around it), `maria` (a
supporter) and `olga` (a campaigner). A dialogue test reads like the conversation:

    async def test_maria_corrects_her_name(stage: Stage, maria: Chat) -> None:
        await maria.starts("hong-kong")               # opens the campaign's link
        await maria.presses("Write the letter", "Continue")       # presses a button by its label
        maria.hears("What’s your name?…")             # all that the bot said; “…”: any ending
        await maria.says("Maria Silva", "Portugal")   # types two messages
        await maria.presses("Back", "Back")
        maria.hears("✎ What’s your name?…")           # the bot edited its last message
        assert maria.buttons == [["Use “Maria Silva”"], ["Back", "Cancel"]]
        await stage.later(minutes=5)                  # moves the clock, and sends due mail
        assert stage.mails_to("maria@mail.example") == []

Each test runs on SQLite and on PostgreSQL. On SQLite, the bot restarts at every third line. On
PostgreSQL, two processes of the bot take turns. So no answer can depend on the memory of a process.
The clock stands still until the test moves it.
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
from bot.settings.mail_sections import MailSettings
from bot.settings.model import Settings
from bot.telegram.client.rate_gate import UNLIMITED
from bot.telegram.updates.inbound import read
from bot.telegram.updates.polling import get_updates
from conversations.core.buttons.packing import unpack_turn
from conversations.model.letters.delivery import LetterState
from storage.mail.delivery import sending
from storage.schema.tables import outbox as mails
from tests.postbox import Postbox

SAMPLES = Path(__file__).parent.parent / "conversations" / "campaigns"
TEST_CAMPAIGNS = Path(__file__).parent / "campaigns"
NO_GRACE = timedelta()
"""The clock moves by leaps: nobody waits for holders of leases after that."""
CODE = re.compile(r"\d{4} \d{4}")

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


class Chat:
    """One person's chat with the bot. `hears` checks what the bot said since their last action."""

    def __init__(self, stage: Stage, person: Person) -> None:
        self.stage, self.person = stage, person
        self._changes = person.watch()
        self._texts: dict[int, str] = {}

    async def starts(self, payload: str = "") -> None:
        """Press Start, or open a link with this start parameter."""
        self._forget_heard()
        self.person.start(payload)
        await self.stage.answer_updates()

    async def says(self, *texts: str) -> None:
        """Type messages; the bot answers each one before the next."""
        self._forget_heard()
        for text in texts:
            self.person.send(text)
            await self.stage.answer_updates()

    async def presses(self, *labels: str) -> None:
        """Press buttons by their labels, the newest button with that label each time."""
        for label in labels:
            self._forget_heard()
            self.person.press(self._with(label), label)
            await self.stage.answer_updates()

    async def turns_to(self, label: str) -> None:
        """Turn the pages of a panel until it has the button, and press it."""
        while label not in self.all_buttons:
            turn_label = r"🌐 \d+/\d+ …|More…"
            *_, turn = (each for each in self.all_buttons if re.fullmatch(turn_label, each))
            await self.presses(turn)
        await self.presses(label)

    async def presses_again(self, message: int, data: str) -> None:
        """Press an old button by its message and callback data, even if it is no longer shown."""
        self._forget_heard()
        self.stage.telegram.press(self.person, self.person.messages[message], data)
        await self.stage.answer_updates()

    async def presses_at_once(self, *labels: str) -> None:
        """Press several buttons before the bot answers."""
        self._forget_heard()
        for message, label in [(self._with(label), label) for label in labels]:
            self.person.press(message, label)
        await self.stage.answer_updates()

    async def sends(self, *kinds: str) -> None:
        """Send messages that are not text, such as a “sticker”."""
        self._forget_heard()
        for kind in kinds:
            self.person.send_other(kind)
            await self.stage.answer_updates()

    async def sends_file(self, kind: str, caption: str = "", album: str = "") -> None:
        """Send a file, such as a “photo”; files with the same `album` form an album."""
        self._forget_heard()
        self.person.send_file(kind, b"a file", caption, album)
        await self.stage.answer_updates()

    async def sends_document(self, name: str, content: bytes) -> None:
        """Send a file with this content."""
        self._forget_heard()
        self.person.send_file("document", content, name=name)
        await self.stage.answer_updates()

    async def forwards(self, text: str) -> None:
        """Forward a message that another person wrote."""
        self._forget_heard()
        self.person.forward(text)
        await self.stage.answer_updates()

    async def receives(self, **content: Any) -> None:
        """Get a service message of Telegram, with these fields (Bot API, Message)."""
        self._forget_heard()
        self.person.report(**content)
        await self.stage.answer_updates()

    async def edits(self, old: str, new: str) -> None:
        """Edit the last of this person's messages whose text is `old`."""
        self._forget_heard()
        mine = [message for message in self.person.chat() if message["text"] == old]
        self.person.edit(mine[-1]["message_id"], new)
        await self.stage.answer_updates()

    async def blocks(self, *, blocked: bool = True) -> None:
        """Block or unblock the bot."""
        self._forget_heard()
        self.person.block(blocked=blocked)
        await self.stage.answer_updates()

    async def types_the_code(self, *, wrong: bool = False) -> None:
        """Wait for the code mail, and type the code, or a wrong one."""
        await self.stage.send_mail()
        code = self.code()
        await self.says(str((int(code[:4]) + 1) % 10000).zfill(4) + code[4:] if wrong else code)

    def code(self) -> str:
        """Return the code from the last code mail."""
        subjects = [mail.message["Subject"] for mail in self.stage.inbox.mails]
        return [found[0] for subject in subjects if (found := CODE.search(str(subject)))][-1]

    def heard(self) -> list[str]:
        """Return what the bot said since this person's last action.

        That is “text”, “✎ edited text”, “✗ 7” if message 7 was deleted, or “(toast)”.
        """
        return list(self._read_changes())

    def hears(self, *expected: str) -> None:
        """Assert that `heard()` is exactly this; a text that ends in “…” is a prefix."""
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
        """The last message of the bot, as it is shown now."""
        return [message for message in self.person.chat() if not message["mine"]][-1]

    @property
    def buttons(self) -> list[list[str]]:
        """The labels of the newest keyboard in the chat, by row."""
        keyboards = [message["keyboard"] for message in self.person.chat() if message["keyboard"]]
        return [[button["text"] for button in row] for row in keyboards[-1]] if keyboards else []

    @property
    def all_buttons(self) -> list[str]:
        """The labels of all buttons, but for those of questions that were answered by typing."""
        chat = self.person.chat()
        typed = max((at for at, message in enumerate(chat) if message["mine"]), default=-1)
        return [
            button["text"]
            for at, message in enumerate(chat)
            for row in message["keyboard"]
            for button in row
            if at > typed or unpack_turn(button.get("data", "")) is None
        ]

    def link(self, label: str) -> str:
        """Return the URL of the newest button with this label."""
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
        """Answer all questions, until the review of the letter."""
        await self.starts(campaign)
        await self.presses("Write the letter")
        if any("Continue" in row for row in self.buttons):
            await self.presses("Continue")  # after the warning about countries at risk
        await self.says("Maria Silva", "Portugal", address)
        await self.types_the_code()

    async def sends_the_letter(self, **how: str) -> None:
        """Go through the whole journey, until the letter is sent."""
        await self.comes_to_the_review(**how)
        await self.presses("Send in my name")
        await self.stage.later(seconds=31)

    def _with(self, label: str) -> int:
        for message in reversed(self.person.chat()):
            if any(button["text"] == label for row in message["keyboard"] for button in row):
                return int(message["message_id"])
        raise AssertionError(f"no button “{label}” among {self.all_buttons}")

    def _forget_heard(self) -> None:
        for _ in self._read_changes():
            pass

    def _read_changes(self) -> Iterator[str]:
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
    """Whether no mail is due or being sent."""
    due = sending.next_due(connection)
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
