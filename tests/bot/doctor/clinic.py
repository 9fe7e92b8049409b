"""An organisation that is looked at: its folder, Telegram, mail server with TLS, and its DNS."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.clock import utc_now
from bot.doctor.checks import run_checks
from bot.doctor.finding import CheckContext, Finding, Status
from bot.mail.authentication.dkim_keys import dns_records
from bot.mail.authentication.domains import DomainResolver
from bot.playground.demo import SAMPLES
from bot.playground.telegram import TelegramServer, TelegramState
from bot.settings.model import Settings, load
from storage.crypto.keys import write_private
from storage.schema.migrations import upgrade
from tests.bot.mail.nameserver import NameServer, read, serving
from tests.bot.mail.signatures import SIGNER
from tests.bot.mail.sink import Sink, sinking
from tests.bot.organisation import Sections, toml
from tests.vaults import vault_of

AUTHORITY = trustme.CA()

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

HEALTHY = """
send.river.example.   3600 IN TXT "v=spf1 ip4:127.0.0.1 include:spf.post.example -all"
send.river.example.   3600 IN MX 10 mail.river.example.
river.example.        3600 IN MX 10 mail.river.example.
mail.river.example.   3600 IN A 192.0.2.1
spf.post.example.     3600 IN TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc.river.example. 3600 IN TXT "v=DMARC1; p=quarantine"
"""


def key_in_dns(settings: Settings) -> str:
    """Return the zone that the key asks for."""
    return "\n".join(
        f"{record.name}. 3600 IN TXT " + " ".join(f'"{each}"' for each in record.strings)
        for record in dns_records(settings.mail, SIGNER.key)
    )


@dataclass
class Clinic:
    """Everything that is looked at; a test spoils what it is about."""

    folder: Path
    telegram: TelegramServer
    sink: Sink
    names: NameServer
    sections: Sections = field(default_factory=dict)
    patience: float = 10
    clock: Callable[[], datetime] = utc_now

    @property
    def environment(self) -> dict[str, str]:
        return {"ACTIONBOT_CONFIG": str(self.folder / "actionbot.toml")}

    def sets(self, **sections: dict[str, Any]) -> Settings:
        """Write the settings, changed by `sections`; None takes a value out."""
        for name, values in sections.items():
            merged = self.sections.get(name, {}) | values
            self.sections[name] = {key: each for key, each in merged.items() if each is not None}
        (self.folder / "actionbot.toml").write_text(toml(self.sections), "utf-8")
        return load(self.environment)

    def zone(self, *texts: str) -> None:
        """Have DNS say this and nothing else."""
        self.names.records = read(*texts)

    @property
    def tools(self) -> CheckContext:
        trust = ssl.create_default_context()
        AUTHORITY.configure_trust(trust)
        domains = DomainResolver(self.names.resolver())
        return CheckContext(domains, trust, self.clock, self.patience)

    async def examined(self) -> tuple[Finding, ...]:
        return await run_checks(self.environment, self.tools)

    async def found(self, what: str) -> list[Finding]:
        return [each for each in await self.examined() if each.subject == what]

    async def amiss(self) -> list[Finding]:
        """Return what is not good."""
        return [each for each in await self.examined() if each.status is not Status.GOOD]


@asynccontextmanager
async def healthy(folder: Path) -> AsyncIterator[Clinic]:
    """An organisation where all is well."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(tls)
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(TelegramServer(TelegramState(flood=False)))
        sink = await stack.enter_async_context(sinking(tls, implicit=True, auth=True))
        names = await stack.enter_async_context(serving({}))
        telegram.telegram.photos.append(telegram.telegram.keep_file(b"a picture", "picture.jpg"))
        clinic = Clinic(folder, telegram, sink, names)
        settings = settled(clinic)
        clinic.zone(HEALTHY, key_in_dns(settings))
        yield clinic


def settled(clinic: Clinic) -> Settings:
    """Write settings, keys, database and a campaign."""
    folder = clinic.folder
    for name in ("campaigns/hong-kong", "data", "keys"):
        (folder / name).mkdir(parents=True)
    for file in (SAMPLES / "hong-kong").iterdir():
        # RFC 9476: nothing under .alt is ever in DNS; the sample's own target is reserved.
        content = file.read_bytes().replace(b"@government-hk.example", b"@government-hk.alt")
        (folder / "campaigns" / "hong-kong" / file.name).write_bytes(content)
    pem = SIGNER.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(folder / "keys" / "dkim.pem", pem.decode())
    vault_of(folder / "keys" / "actionbot.keys")
    upgrade(f"sqlite:///{folder / 'data' / 'actionbot.db'}")
    return clinic.sets(
        telegram={"token": clinic.telegram.telegram.token, "api": clinic.telegram.url},
        smtp={"url": clinic.sink.url},
        mail={
            "address": "actions@river.example",
            "domain": "send.river.example",
            "dkim_key": "keys/dkim.pem",
            "dkim_selector": SIGNER.selector,
        },
        database={"url": "sqlite:///data/actionbot.db"},
        keys={"file": "keys/actionbot.keys"},
    )
