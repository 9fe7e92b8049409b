"""The demo: the real bot, with a Telegram and a mail server that live on this machine."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from dns.rdatatype import RdataType

from bot import startup
from bot.app import App
from bot.assembly.foundation import Options
from bot.mail.authentication.domains import DnsAnswer, DomainResolver
from bot.playground import history
from bot.playground.inbox import Inbox, ReceivedEmail
from bot.playground.site import Site
from bot.playground.telegram import TelegramServer, TelegramState
from bot.settings.model import Settings

SAMPLES = Path(__file__).parents[2] / "conversations" / "campaigns"

PEOPLE = (
    (1001, "Maria", "Silva", "en", "supporter"),
    (1002, "陳", "大文", "zh-hant", "supporter"),
    (1003, "Amara", "Okafor", "en", "campaigner"),
    (1004, "Jonas", "Weber", "en", "admin"),
)


class _DemoDomains(DomainResolver):
    """No demo asks DNS: every domain takes mail but one, to see what happens then."""

    async def takes_mail(self, domain: str) -> bool | None:
        """Return whether it does."""
        return domain != "nowhere.example"

    async def ask(self, name: str, kind: RdataType) -> DnsAnswer:
        """Say that there is such a domain, and nothing of it."""
        return DnsAnswer(exists=True)


class Demo:
    """A playground that runs."""

    def __init__(self, app: App, telegram: TelegramState, site: Site) -> None:
        """Tie these together."""
        self.app = app
        self.telegram = telegram
        self.site = site


@asynccontextmanager
async def playground(
    port: int = 0,
    campaigns: Path = SAMPLES,
    folder: Path | None = None,
    *,
    with_history: bool = False,
) -> AsyncIterator[Demo]:
    """Run the demo, with its data in `folder`, or in one that goes when the demo ends.

    `with_history` fills an empty database with two weeks of invented history.
    """
    with tempfile.TemporaryDirectory(prefix="actionbot-demo-") as temporary:
        telegram = TelegramState()
        for person in PEOPLE:
            telegram.person(*person)
        inbox = Inbox()
        async with inbox, TelegramServer(telegram) as server:
            settings = _settings(folder or Path(temporary), campaigns, server.url, telegram, inbox)
            site: Site

            def changed() -> None:
                site.tell_mistakes(app.base.campaigns.mistakes)

            async with App.open(
                settings,
                Options(
                    domains=_DemoDomains(),
                    show_keys=lambda: site.show_keys,
                    campaigns_changed=changed,
                ),
            ) as app:

                async def answer(mail: ReceivedEmail, text: str) -> None:
                    await _answer(app, inbox, mail, text)

                shown = tuple(telegram.people.values())
                if with_history:
                    await _add_history(app, settings, telegram)
                site = Site(telegram, shown, inbox, answer, _short_path(campaigns), port)
                inbox.on_mail(site.came)
                async with site:
                    changed()
                    running = asyncio.create_task(app.run())
                    try:
                        yield Demo(app, telegram, site)
                    finally:
                        running.cancel()
                        await asyncio.wait([running])


async def _add_history(app: App, settings: Settings, telegram: TelegramState) -> None:
    campaigner, admin = (telegram.people[_with_role(r)[0]] for r in ("campaigner", "admin"))
    await history.add(
        app.core.database,
        await startup.open_vault(settings, app.core.database),
        app.base.campaigns.in_service,
        telegram,
        campaigner,
        admin,
        datetime.now(UTC),
    )


async def _answer(app: App, inbox: Inbox, mail: ReceivedEmail, text: str) -> None:
    """Let a mail be answered. What comes to an address of ours is looked at, as mail would be."""
    await app.mail.inbound.take(mail.answered(text))


def _with_role(role: str) -> list[int]:
    return [id_ for id_, *_, its in PEOPLE if its == role]


def _short_path(folder: Path) -> Path:
    """Return the folder as one would type it here."""
    whole = folder.resolve()
    return whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole


def _settings(
    folder: Path, campaigns: Path, api: str, telegram: TelegramState, inbox: Inbox
) -> Settings:
    return Settings.model_validate(
        {
            "telegram": {
                "token": telegram.token,
                "api": api,
                "admins": _with_role("admin"),
                "campaigners": _with_role("campaigner"),
            },
            "database": {"url": f"sqlite:///{folder / 'actionbot.db'}"},
            "smtp": {"url": inbox.url},
            "mail": {"address": "actions@send.example"},
            "campaigns": {"folder": campaigns},
            "keys": {"file": folder / "actionbot.keys"},
            "web": {"port": 0, "status_port": 0},
        },
        context={"folder": folder},
    )
