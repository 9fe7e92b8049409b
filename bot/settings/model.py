"""What an organisation sets: one file and the environment, every mistake in them told at once.

The file is `actionbot.toml` in the working directory, or the one that `ACTIONBOT_CONFIG` names. A
variable `ACTIONBOT_SECTION__KEY` goes before the file. Paths are taken from the file's folder.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from bot.errors import CommandError
from bot.mail.incoming.imap import MailboxUrlError, parse_imap_url
from bot.mail.smtp.server import ServerUrlError, parse_smtp_url
from bot.settings.addresses import (
    TELEGRAM_API,
    Domain,
    Mailbox,
    WebServer,
    domain_of,
    parse_domain,
    parse_mailbox,
    parse_web_server,
)
from bot.settings.setting_origins import (
    SettingsSource,
    explain,
    read_source,
    setting_error,
)
from conversations.model.mistakes import Mistake
from conversations.text.typed_times import read_timezone

_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_ESCAPES = "In user and password, write @ as %40, / as %2F, ? as %3F and # as %23."


def _listed(value: object) -> object:
    """Return a list that a variable gives as 1, 2, 3."""
    if isinstance(value, str):
        return [part for part in value.strip(" []").replace(",", " ").split() if part]
    return [value] if isinstance(value, int) else value


def _beside_file(path: Path, info: ValidationInfo) -> Path:
    return _folder(info) / path.expanduser()


def _folder(info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path.cwd())
    return folder


PathFromFile = Annotated[Path, AfterValidator(_beside_file)]
UserIds = Annotated[tuple[Annotated[int, Field(ge=1)], ...], BeforeValidator(_listed)]


class SettingsSection(BaseModel):
    """Values that stay as they are read. None of them is ever repeated in an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True
    )


class TelegramSettings(SettingsSection):
    """The bot. Without `webhook_url`, it polls."""

    token: SecretStr
    api: WebServer = TELEGRAM_API
    webhook_url: WebServer | None = None
    webhook_secret: SecretStr | None = None
    admins: UserIds = ()
    campaigners: UserIds = ()
    paid_broadcast: bool = False
    """Whether updates go at up to 1000 a second, which costs Stars (Bot API, sendMessage)."""
    second_eyes_above: Annotated[int, Field(ge=0)] | None = None

    @field_validator("token")
    @classmethod
    def _is_token(cls, token: SecretStr) -> SecretStr:
        text = token.get_secret_value().strip()
        number, _, secret = text.partition(":")
        if not number.isdecimal() or len(secret) < 20 or not _is_plain(secret):
            raise setting_error(
                "This is no token of a bot.",
                "Copy it from @BotFather: digits, a colon, 35 letters and digits.",
            )
        return SecretStr(text)

    @field_validator("webhook_secret")
    @classmethod
    def _is_secret(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        """Bot API, setWebhook: `secret_token` has 1-256 of these characters."""
        if secret is None:
            if info.data.get("webhook_url"):
                raise setting_error(
                    "A webhook needs its secret, or anyone could pretend to be Telegram.",
                    "Set it to 40 random letters and digits.",
                )
        elif not 1 <= len(secret.get_secret_value()) <= 256 or not _is_plain(
            secret.get_secret_value()
        ):
            raise setting_error(
                "Telegram does not take this secret.",
                "Use 1 to 256 of the letters A-Z, a-z, digits, _ and -.",
            )
        return secret


def _is_plain(text: str) -> bool:
    return text.isascii() and text.replace("-", "").replace("_", "").isalnum()


class DatabaseSettings(SettingsSection):
    """Where everything is kept."""

    url: SecretStr = SecretStr("sqlite:///actionbot.db")

    @field_validator("url")
    @classmethod
    def _is_url(cls, url: SecretStr, info: ValidationInfo) -> SecretStr:
        # Here, so that a command that needs no settings is spared SQLAlchemy.
        from storage.engine.urls import DatabaseUrlError, parse, translate

        try:
            parsed = parse(url.get_secret_value())
            if parsed.drivername != "sqlite":
                translate(parsed)
                return url
        except DatabaseUrlError as error:
            raise setting_error(str(error), "") from None
        path = _folder(info) / Path(parsed.database or "").expanduser()
        return SecretStr(f"sqlite:///{path.as_posix()}")

    @property
    def file(self) -> Path | None:
        """The file of SQLite; None on PostgreSQL."""
        scheme, _, path = self.url.get_secret_value().partition(":///")
        return Path(path) if scheme == "sqlite" else None


class SmtpSettings(SettingsSection):
    """The mail server that takes the letters."""

    url: SecretStr

    @field_validator("url")
    @classmethod
    def _is_url(cls, url: SecretStr) -> SecretStr:
        try:
            parse_smtp_url(url.get_secret_value().strip())
        except ServerUrlError as error:
            raise setting_error(str(error), _ESCAPES) from None
        return SecretStr(url.get_secret_value().strip())


class MailSettings(SettingsSection):
    """What mail says about where it comes from."""

    address: Mailbox
    """Sends the codes, and takes reports of abuse: a person reads it."""
    domain: str = ""
    """Holds the senders of letters, one opaque name each; by default the address's."""
    after_a_broken_connection: Literal["send again", "hold"] = "send again"
    """What becomes of a letter that may have left or not: it is sent once more, which its target
    may then get twice, or held until an admin decides."""
    dkim_key: PathFromFile | None = None
    """The file of the RSA key that signs mail; without it, mail is left unsigned."""
    dkim_selector: str = "actionbot"
    """The name in DNS under which that key's public half stands."""
    imap: SecretStr | None = None
    """The mailbox to which all mail for `domain` comes, where it is watched."""
    own_domains: Annotated[tuple[Domain, ...], BeforeValidator(_listed)] = ()
    """Domains of supporters for whom mail is signed, too: letters may come from their addresses."""
    alerts: Annotated[tuple[Mailbox, ...], BeforeValidator(_listed)] = ()
    """Where urgent alerts go, too: letters wait, the database is full, a clock is wrong."""
    test: bool = False
    """Whether all campaigns are in test mode, whatever their files say."""
    test_address: str = ""
    """Where letters in test mode go; by default to `address`."""

    @field_validator("domain")
    @classmethod
    def _of_address(cls, domain: str, info: ValidationInfo) -> str:
        return parse_domain(domain) if domain else domain_of(info.data.get("address", ""))

    @field_validator("imap")
    @classmethod
    def _is_imap(cls, imap: SecretStr | None) -> SecretStr | None:
        if imap is None:
            return None
        try:
            parse_imap_url(imap.get_secret_value().strip())
        except MailboxUrlError as error:
            raise setting_error(str(error), _ESCAPES) from None
        return SecretStr(imap.get_secret_value().strip())

    @field_validator("dkim_selector")
    @classmethod
    def _is_selector(cls, selector: str) -> str:
        """One label of a domain (RFC 6376, section 3.1; RFC 1035, section 2.3.1)."""
        if not _SELECTOR.fullmatch(selector):
            raise setting_error("This is no selector.", "Use 1 to 63 of a-z, 0-9 and hyphens.")
        return selector

    @field_validator("test_address")
    @classmethod
    def _is_mailbox(cls, address: str, info: ValidationInfo) -> str:
        return parse_mailbox(address) if address else str(info.data.get("address", ""))

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains that mail comes from: that of letters, that of codes, and supporters'."""
        return tuple(dict.fromkeys((self.domain, domain_of(self.address), *self.own_domains)))


class CampaignSettings(SettingsSection):
    """The folder that holds a folder for each campaign."""

    folder: PathFromFile = Path("campaigns")


class KeySettings(SettingsSection):
    """The key file, without which nothing personal in the database can be read."""

    file: PathFromFile = Path("actionbot.keys")


class WebSettings(SettingsSection):
    """What is served over HTTP, and who is told that the bot is well."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    """Where Telegram brings updates, by way of a proxy with TLS; without a webhook, nothing."""
    status_host: str = "127.0.0.1"
    status_port: int = Field(default=8081, ge=0, le=65535)
    """Where health and metrics are served: no business of the world's."""
    heartbeat_url: SecretStr | None = None
    """What is asked for each minute while the bot is well; whoever knows it can pretend that."""

    @field_validator("heartbeat_url")
    @classmethod
    def _is_web_address(cls, url: SecretStr | None) -> SecretStr | None:
        return None if url is None else SecretStr(parse_web_server(url.get_secret_value()))


class FiguresSettings(SettingsSection):
    """What campaigners and admins are told in figures."""

    time_zone: str = "UTC"
    """When figures come by themselves: at eight in the morning there, as Europe/Lisbon."""
    small_countries: bool = False
    """Whether it is told how many people of a country acted also where they are fewer than 5."""

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        zone = read_timezone(name)
        if not zone:
            raise setting_error(
                "There is no such time zone.", "Write it like Europe/Lisbon, or UTC."
            )
        return zone


class Settings(SettingsSection):
    """All settings, right in themselves."""

    telegram: TelegramSettings
    smtp: SmtpSettings
    mail: MailSettings
    database: DatabaseSettings = Field(default_factory=DatabaseSettings)
    campaigns: CampaignSettings = Field(default_factory=CampaignSettings)
    keys: KeySettings = Field(default_factory=KeySettings)
    web: WebSettings = Field(default_factory=WebSettings)
    figures: FiguresSettings = Field(default_factory=FiguresSettings)

    @classmethod
    def read(cls, source: SettingsSource) -> tuple[Self | None, tuple[Mistake, ...]]:
        """Return the settings that `source` gives, or everything that is wrong with them.

        Where the file itself cannot be read, only that is told: what is in it is not known.
        """
        if source.mistakes:
            return None, source.mistakes
        sections: dict[str, Any] = {name: {} for name in cls.model_fields}
        try:
            settings = cls.model_validate(
                sections | source.values, context={"folder": source.folder}
            )
        except ValidationError as error:
            return None, tuple(explain(error, source, cls))
        return settings, ()


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings; raises Mistaken with every mistake in them."""
    settings, mistakes = Settings.read(read_source(environment))
    if settings is None:
        raise CommandError(mistakes)
    return settings


def campaigns_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the campaigns' folder, however wrong the other settings are; None if it is, too."""
    source = read_source(environment)
    try:
        return CampaignSettings.model_validate(
            source.values.get("campaigns", {}), context={"folder": source.folder}
        ).folder
    except ValidationError:
        return None
