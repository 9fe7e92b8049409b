"""The demo: the real bot, with an embedded Telegram and an embedded mail server."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dns.rdatatype import RdataType

from bot import startup
from bot.app import App
from bot.assembly.foundation import Options
from bot.mail.authentication.domains import DnsAnswer, DomainResolver
from bot.playground import history
from bot.playground.inbox import Inbox
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
"""The people whose chats are on the page: user id, first and last name, language, role."""

DOMAIN_WITHOUT_MAIL = "nowhere.example"
"""The one email domain that the demo calls unusable, so that people can see what happens then."""


class _DemoDomains(DomainResolver):
    """Answers for DNS, which the demo never asks."""

    async def takes_mail(self, domain: str) -> bool | None:
        """Return True for all domains but DOMAIN_WITHOUT_MAIL."""
        return domain != DOMAIN_WITHOUT_MAIL

    async def ask(self, name: str, kind: RdataType) -> DnsAnswer:
        """Return that the name exists, without any records."""
        return DnsAnswer(exists=True)


@dataclass(frozen=True)
class Demo:
    """A running playground."""

    app: App
    telegram: TelegramState
    site: Site


@asynccontextmanager
async def playground(
    port: int = 0,
    campaigns: Path = SAMPLES,
    folder: Path | None = None,
    *,
    with_history: bool = False,
) -> AsyncIterator[Demo]:
    """Run the demo on `port`; 0 picks a free one. `campaigns` is the folder of the campaigns.

    The database is in `folder`, or in a temporary one that is deleted at the end. `with_history`
    fills the empty database with two weeks of invented history.
    """
    telegram = TelegramState()
    people = [telegram.add_person(*person) for person in PEOPLE]
    async with AsyncExitStack() as stack:
        temporary = stack.enter_context(tempfile.TemporaryDirectory(prefix="actionbot-demo-"))
        inbox = await stack.enter_async_context(Inbox())
        server = await stack.enter_async_context(TelegramServer(telegram))
        site = Site(telegram, people, inbox, _short_path(campaigns), port)
        settings = _settings(folder or Path(temporary), campaigns, server.url, telegram, inbox)
        options = Options(
            domains=_DemoDomains(),
            show_keys=lambda: site.show_keys,
            campaigns_changed=lambda: site.show_mistakes(app.base.campaigns.mistakes),
        )
        app = await stack.enter_async_context(App.open(settings, options))
        if with_history:
            await _add_history(app, settings, telegram)
        site.on_reply(lambda mail, text: app.mail.inbound.process(mail.reply(text)))
        site.show_mistakes(app.base.campaigns.mistakes)
        await stack.enter_async_context(site)
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


def _with_role(role: str) -> list[int]:
    return [id_ for id_, *_, role_of in PEOPLE if role_of == role]


def _short_path(folder: Path) -> Path:
    """Return the folder relative to the current one, if it lies there."""
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
            "mail": {"address": "actions@send.example", "bounce_command": True},
            "campaigns": {"folder": campaigns},
            "keys": {"file": folder / "actionbot.keys"},
            "web": {"port": 0, "status_port": 0},
        },
        context={"folder": folder},
    )
