"""All settings of an organisation, read from one file and the environment.

The file is `actionbot.toml` in the working directory, or the one that `ACTIONBOT_CONFIG` names. A
variable `ACTIONBOT_SECTION__KEY` overrides the file. Relative paths start from the file's folder.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError

from bot.errors import CommandError
from bot.settings.mail_sections import MailSettings, SmtpSettings
from bot.settings.section import SettingsSection
from bot.settings.sections import (
    CampaignSettings,
    DatabaseSettings,
    FiguresSettings,
    KeySettings,
    TelegramSettings,
    WebSettings,
)
from bot.settings.setting_origins import (
    SettingsSource,
    explain,
    misspelled_variables,
    read_source,
)
from conversations.model.mistakes import Mistake


class Settings(SettingsSection):
    """All settings, each valid."""

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
        """Validate the settings in `source`; return them, or every mistake in them.

        If the file itself could not be read, only that is reported.
        """
        if source.mistakes:
            return None, source.mistakes
        sections: dict[str, Any] = {name: {} for name in cls.model_fields}
        mistakes = [*misspelled_variables(source, cls)]
        try:
            settings = cls.model_validate(
                sections | source.values, context={"folder": source.folder}
            )
        except ValidationError as error:
            return None, (*mistakes, *explain(error, source, cls))
        return (None if mistakes else settings), tuple(mistakes)


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings. Raises CommandError with every mistake in them."""
    settings, mistakes = Settings.read(read_source(environment))
    if settings is None:
        raise CommandError(mistakes)
    return settings


def campaigns_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the campaigns' folder even if other settings are wrong; None if it is wrong itself."""
    settings = campaign_settings(environment)
    return settings.folder if settings else None


def campaign_settings(environment: Mapping[str, str] = os.environ) -> CampaignSettings | None:
    """Return the settings of campaigns even if others are wrong; None if they are themselves."""
    source = read_source(environment)
    try:
        return CampaignSettings.model_validate(
            source.values.get("campaigns", {}), context={"folder": source.folder}
        )
    except ValidationError:
        return None
