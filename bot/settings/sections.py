"""The sections of `actionbot.toml` but those about mail, with a comment for each setting."""

from pathlib import Path
from typing import Annotated

from pydantic import (
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from bot.settings.addresses import (
    TELEGRAM_API,
    WebServer,
    parse_web_server,
)
from bot.settings.credentials import check_webhook_secret, parse_token
from bot.settings.section import PathFromFile, SettingsSection, UserIds, settings_folder
from bot.settings.setting_origins import setting_error
from conversations.model.mistakes import describe_file_error
from conversations.text.typed.times import read_timezone

_JPEG = b"\xff\xd8\xff"
"""How every JPEG file begins (ITU-T T.81: SOI, then a marker)."""


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

    picture: PathFromFile | None = None
    """The bot's picture in Telegram, a JPEG file (Bot API 9.4, setMyProfilePhoto)."""

    paid_broadcast: bool = False
    """Send up to 1000 messages a second, which costs Stars (Bot API, sendMessage)."""

    second_eyes_above: Annotated[int, Field(ge=0)] = 50
    """A broadcast to more people than this must be approved by a colleague."""

    second_eyes_campaigns: bool = False
    """A change of a campaign that is made in the chat must be approved by a colleague."""

    @field_validator("token")
    @classmethod
    def _check_token(cls, token: SecretStr) -> SecretStr:
        return SecretStr(parse_token(token.get_secret_value()))

    @field_validator("picture")
    @classmethod
    def _check_picture(cls, picture: Path | None) -> Path | None:
        if picture is None:
            return None
        try:
            with picture.open("rb") as file:
                begins = file.read(len(_JPEG))
        except OSError as error:
            raise setting_error(*describe_file_error(error)) from None
        if begins != _JPEG:
            raise setting_error("The picture isn't a JPEG file.", "Save it as JPEG.")
        return picture

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

    insecure_database: bool = False
    """Connect to a PostgreSQL server elsewhere without verifying its certificate."""

    url: SecretStr = SecretStr("sqlite:///actionbot.db")
    """Where the data is: sqlite:///file or postgresql://user:password@host/name?sslmode=…"""

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: SecretStr, info: ValidationInfo) -> SecretStr:
        # Imported here: commands that need no database start faster without SQLAlchemy.
        from storage.engine.urls import DatabaseUrlError, parse, require_protected, translate

        try:
            parsed = parse(url.get_secret_value())
            if parsed.drivername != "sqlite":
                translate(parsed)
                if not info.data.get("insecure_database"):
                    require_protected(parsed)
                return url
        except DatabaseUrlError as error:
            raise setting_error(str(error), "") from None
        path = settings_folder(info) / Path(parsed.database or "").expanduser()
        return SecretStr(f"sqlite:///{path.as_posix()}")

    @property
    def file(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        scheme, _, path = self.url.get_secret_value().partition(":///")
        return Path(path) if scheme == "sqlite" else None


class CampaignSettings(SettingsSection):
    """[campaigns]: the folder that contains a folder for each campaign, and texts of the bot."""

    folder: PathFromFile = Path("campaigns")

    wording: PathFromFile | None = None
    """The folder of texts in place of the bot's own; `wording` beside the campaigns' folder."""

    @property
    def wording_folder(self) -> Path | None:
        """The folder of the organisation's own texts; None if there is none."""
        return self.wording or wording_beside(self.folder)


def wording_beside(campaigns: Path) -> Path | None:
    """Return the folder `wording` beside the campaigns' folder, if there is one."""
    found = campaigns.parent / "wording"
    return found if found.is_dir() else None


class KeySettings(SettingsSection):
    """[keys]: the key file; without it, encrypted data can't be read."""

    file: PathFromFile = Path("actionbot.keys")

    backup_days: Annotated[int, Field(ge=1, le=365)] = 7
    """For how many days a backup can be opened with the keys of the server."""


class WebSettings(SettingsSection):
    """[web]: what the bot serves over HTTP, and its heartbeat."""

    host: str = "127.0.0.1"

    port: int = Field(default=8080, ge=0, le=65535)
    """Receives Telegram's updates through a TLS proxy, and serves the public counters of campaigns.

    Without a webhook and such a counter, nothing is served.
    """

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
    """Show the number of people from a country, or with a language, even if it is below 5."""

    @field_validator("time_zone")
    @classmethod
    def _check_zone(cls, name: str) -> str:
        zone = read_timezone(name)
        if not zone:
            raise setting_error(
                "There is no such time zone.", "Write it like Europe/Lisbon, or UTC."
            )
        return zone
