"""The sections of `actionbot.toml` about mail, with a comment for each setting."""

import re
from typing import Annotated, Literal

from pydantic import (
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
    Domain,
    Mailbox,
    domain_of,
    parse_domain,
    parse_mailbox,
)
from bot.settings.section import PathFromFile, SettingsSection, split_list
from bot.settings.setting_origins import setting_error

_DKIM_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_ESCAPES = "In user and password, write @ as %40, / as %2F, ? as %3F and # as %23."


def _on_or_off(value: object) -> object:
    """Return “on” or “off” for true or false."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


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

    codes_per_hour: Annotated[int, Field(ge=1)] = 20_000
    """How many codes are emailed in an hour."""

    codes_per_domain: Annotated[int, Field(ge=1)] = 100
    """How many of these go to one domain, except to those of large providers."""

    own_domains: Annotated[tuple[Domain, ...], BeforeValidator(split_list)] = ()
    """Domains of the organisation: letters may come from supporters' addresses there."""

    alerts: Annotated[tuple[Mailbox, ...], BeforeValidator(split_list)] = ()
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
