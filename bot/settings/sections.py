"""The sections of `actionbot.toml`, with a comment for each setting."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

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
from bot.settings.credentials import check_webhook_secret, parse_token
from bot.settings.setting_origins import setting_error
from conversations.text.typed_times import read_timezone

_DKIM_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_ESCAPES = "In user and password, write @ as %40, / as %2F, ? as %3F and # as %23."


def _split_list(value: object) -> object:
    """Return a list; a variable gives it as text, such as `1, 2, 3`."""
    if isinstance(value, str):
        return [part for part in value.strip(" []").replace(",", " ").split() if part]
    return [value] if isinstance(value, int) else value


def _on_or_off(value: object) -> object:
    """Return “on” or “off” for true or false."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _beside_settings_file(path: Path, info: ValidationInfo) -> Path:
    return _folder(info) / path.expanduser()


def _folder(info: ValidationInfo) -> Path:
    """Return the folder of the settings file."""
    folder: Path = (info.context or {}).get("folder", Path.cwd())
    return folder


PathFromFile = Annotated[Path, AfterValidator(_beside_settings_file)]
"""A path; a relative one starts from the folder of the settings file."""

UserIds = Annotated[tuple[Annotated[int, Field(ge=1)], ...], BeforeValidator(_split_list)]


class SettingsSection(BaseModel):
    """One section of the settings. Values never appear in an error: they may be secret."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True
    )


class TelegramSettings(SettingsSection):
    """[telegram]: the bot's account, how updates arrive, and the people named in the settings."""

    token: SecretStr
    """The bot's token, from @BotFather."""

    api: WebServer = TELEGRAM_API
    """The Bot API server."""

    webhook_url: WebServer | None = None
    """The https:// address that Telegram sends updates to; without it, the bot polls."""

    webhook_secret: SecretStr | None = None
    """Sent by Telegram with each update, so that nobody else can send updates."""

    admins: UserIds = ()
    """Telegram user ids of admins."""

    campaigners: UserIds = ()
    """Telegram user ids of campaigners."""

    paid_broadcast: bool = False
    """Send up to 1000 messages a second, which costs Stars (Bot API, sendMessage)."""

    second_eyes_above: Annotated[int, Field(ge=0)] | None = None
    """A broadcast to more people than this must be approved by a colleague."""

    @field_validator("token")
    @classmethod
    def _check_token(cls, token: SecretStr) -> SecretStr:
        return SecretStr(parse_token(token.get_secret_value()))

    @field_validator("webhook_secret")
    @classmethod
    def _check_secret(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if secret is None:
            if info.data.get("webhook_url"):
                raise setting_error(
                    "A webhook needs a secret, or anyone could pretend to be Telegram.",
                    "Set it to 40 random letters and digits.",
                )
        else:
            check_webhook_secret(secret.get_secret_value())
        return secret


class DatabaseSettings(SettingsSection):
    """[database]: where all data is stored."""

    url: SecretStr = SecretStr("sqlite:///actionbot.db")

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: SecretStr, info: ValidationInfo) -> SecretStr:
        # Imported here: commands that need no database start faster without SQLAlchemy.
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
        """The SQLite file; None on PostgreSQL."""
        scheme, _, path = self.url.get_secret_value().partition(":///")
        return Path(path) if scheme == "sqlite" else None


class SmtpSettings(SettingsSection):
    """[smtp]: the mail server that letters are handed to."""

    url: SecretStr

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: SecretStr) -> SecretStr:
        try:
            parse_smtp_url(url.get_secret_value().strip())
        except ServerUrlError as error:
            raise setting_error(str(error), _ESCAPES) from None
        return SecretStr(url.get_secret_value().strip())


class MailSettings(SettingsSection):
    """[mail]: the addresses that mail comes from, how it is signed, and test mode."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    address: Mailbox
    """Codes come from this address, and reports of abuse go to it: a person must read it."""

    domain: str = ""
    """Letters come from opaque addresses at this domain; by default the domain of `address`."""

    from_: Literal["each", "one"] = Field(default="each", alias="from")
    """Whether each letter has a From address of its own, or all come from `address`."""

    report_abuse: Annotated[str, BeforeValidator(_on_or_off)] = "on"
    """The header X-Report-Abuse of letters: on, off, or a text."""

    feedback_id: bool = True
    """Whether mail has a Feedback-ID, by which large providers count complaints."""

    after_a_broken_connection: Literal["send again", "hold"] = "send again"
    """What happens to a letter if the connection broke before the server's final reply.

    It is sent once more, and the target may get it twice; or it is held until an admin decides.
    """

    dkim_key: PathFromFile | None = None
    """The file of the RSA key that signs mail; without it, mail is not signed here."""

    dkim_selector: str = "actionbot"
    """The name in DNS of the key's public half."""

    imap: SecretStr | None = None
    """The mailbox that receives mail for `domain`, if the bot should read it."""

    bounce_command: bool = False
    """Whether the mail server passes bounces and replies to `actionbot bounce`."""

    own_domains: Annotated[tuple[Domain, ...], BeforeValidator(_split_list)] = ()
    """Domains of the organisation: letters may come from supporters' addresses there."""

    alerts: Annotated[tuple[Mailbox, ...], BeforeValidator(_split_list)] = ()
    """Addresses that urgent alerts are emailed to."""

    test: bool = False
    """Put all campaigns into test mode, whatever their files say."""

    test_address: str = ""
    """Where letters in test mode go; by default to `address`."""

    @field_validator("domain")
    @classmethod
    def _check_domain(cls, domain: str, info: ValidationInfo) -> str:
        return parse_domain(domain) if domain else domain_of(info.data.get("address", ""))

    @property
    def reads_replies(self) -> bool:
        """Whether replies to the bot's mail reach the bot."""
        return self.imap is not None or self.bounce_command

    @field_validator("report_abuse")
    @classmethod
    def _check_report_abuse(cls, text: str) -> str:
        """A line of a header has at most 78 characters (RFC 5322, section 2.1.1)."""
        if text.lower() in ("on", "off", "true", "false"):
            return "on" if text.lower() in ("on", "true") else "off"
        if not 1 <= len(text) <= 60 or not text.isascii() or not text.isprintable():
            raise setting_error(
                "This can't be the text of a header.",
                'Use "on", "off", or 1 to 60 letters, digits and signs without accents.',
            )
        return text

    @field_validator("imap")
    @classmethod
    def _check_imap(cls, imap: SecretStr | None) -> SecretStr | None:
        if imap is None:
            return None
        try:
            parse_imap_url(imap.get_secret_value().strip())
        except MailboxUrlError as error:
            raise setting_error(str(error), _ESCAPES) from None
        return SecretStr(imap.get_secret_value().strip())

    @field_validator("dkim_selector")
    @classmethod
    def _check_selector(cls, selector: str) -> str:
        """One label of a domain (RFC 6376, section 3.1; RFC 1035, section 2.3.1)."""
        if not _DKIM_SELECTOR.fullmatch(selector):
            raise setting_error(
                "This isn't a valid selector.", "Use 1 to 63 of a-z, 0-9 and hyphens."
            )
        return selector

    @field_validator("test_address")
    @classmethod
    def _check_test_address(cls, address: str, info: ValidationInfo) -> str:
        return parse_mailbox(address) if address else str(info.data.get("address", ""))

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains that mail comes from: of letters, of codes, and the organisation's own."""
        return tuple(dict.fromkeys((self.domain, domain_of(self.address), *self.own_domains)))


class CampaignSettings(SettingsSection):
    """[campaigns]: the folder that contains a folder for each campaign."""

    folder: PathFromFile = Path("campaigns")


class KeySettings(SettingsSection):
    """[keys]: the key file; without it, encrypted data can't be read."""

    file: PathFromFile = Path("actionbot.keys")

    backup_days: Annotated[int, Field(ge=1, le=365)] = 7
    """For how many days a backup can be opened with the keys of the server."""


class WebSettings(SettingsSection):
    """[web]: what the bot serves over HTTP, and its heartbeat."""

    host: str = "127.0.0.1"

    port: int = Field(default=8080, ge=0, le=65535)
    """Receives Telegram's updates through a TLS proxy; without a webhook, nothing is served."""

    status_host: str = "127.0.0.1"

    status_port: int = Field(default=8081, ge=0, le=65535)
    """Serves health and metrics. Don't expose it to the internet."""

    heartbeat_url: SecretStr | None = None
    """Requested every minute while the bot is healthy; anyone who knows it can fake that."""

    @field_validator("heartbeat_url")
    @classmethod
    def _check_heartbeat_url(cls, url: SecretStr | None) -> SecretStr | None:
        return None if url is None else SecretStr(parse_web_server(url.get_secret_value()))


class FiguresSettings(SettingsSection):
    """[figures]: which figures campaigners and admins get, and when."""

    time_zone: str = "UTC"
    """Automatic figures are sent at 8 in the morning in this zone, such as Europe/Lisbon."""

    small_countries: bool = False
    """Show the number of people from a country even if it is below 5."""

    @field_validator("time_zone")
    @classmethod
    def _check_zone(cls, name: str) -> str:
        zone = read_timezone(name)
        if not zone:
            raise setting_error(
                "There is no such time zone.", "Write it like Europe/Lisbon, or UTC."
            )
        return zone
