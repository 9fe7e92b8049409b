"""What all sections of `actionbot.toml` have in common."""

from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
)


def split_list(value: object) -> object:
    """Return a list; a variable gives it as text, such as `1, 2, 3`."""
    if isinstance(value, str):
        return [part for part in value.strip(" []").replace(",", " ").split() if part]
    return [value] if isinstance(value, int) else value


def _beside_settings_file(path: Path, info: ValidationInfo) -> Path:
    return settings_folder(info) / path.expanduser()


def settings_folder(info: ValidationInfo) -> Path:
    """Return the folder of the settings file."""
    folder: Path = (info.context or {}).get("folder", Path.cwd())
    return folder


PathFromFile = Annotated[Path, AfterValidator(_beside_settings_file)]
"""A path; a relative one starts from the folder of the settings file."""

UserIds = Annotated[tuple[Annotated[int, Field(ge=1)], ...], BeforeValidator(split_list)]


class SettingsSection(BaseModel):
    """One section of the settings. Values never appear in an error: they may be secret."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True
    )
