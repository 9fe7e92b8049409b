"""Create, open and mark campaign folders, for the `actionbot campaign` commands and `init`."""

import re
import shutil
from pathlib import Path

from bot.errors import CommandError
from conversations.folder.loading import (
    CAMPAIGN_FILE,
    SCHEMA_FILE,
    json_schema,
    load_campaign,
    mark_translations_current,
)
from conversations.model.campaign import Campaign

SKELETON = Path(__file__).parent / "skeleton"
"""The folder that a new campaign is copied from."""

_SLUG = re.compile(r"[a-z0-9-]{1,30}")


def check_slug(slug: str) -> str:
    """Return `slug` if it can be a campaign's name. Raises CommandError."""
    if not _SLUG.fullmatch(slug):
        raise CommandError(
            f"“{slug}” isn't a valid short name.", fix="Use 1 to 30 of a-z, 0-9 and hyphens."
        )
    return slug


def create_campaign(folder: Path, slug: str) -> Path:
    """Copy the skeleton into a new campaign folder and return that. Raises CommandError."""
    home = folder / check_slug(slug)
    if home.exists():
        raise CommandError(f"{home} already exists.", fix="Choose another name.")
    shutil.copytree(SKELETON, home)
    file = home / CAMPAIGN_FILE
    content = file.read_text(encoding="utf-8")
    file.write_text(content.replace("my-campaign", slug), encoding="utf-8")
    (folder / SCHEMA_FILE).write_text(json_schema(), encoding="utf-8")
    return home


def open_campaign(folder: Path, slug: str) -> Campaign:
    """Load the campaign `slug`. Raises CommandError with every mistake in it."""
    _require_campaign(folder, slug)
    loaded = load_campaign(folder / slug)
    if loaded.campaign is None:
        raise CommandError(loaded.mistakes)
    return loaded.campaign


def mark_translations(folder: Path, slug: str) -> tuple[Path, ...]:
    """Mark a campaign's translations as up to date; return those changed. Raises CommandError."""
    _require_campaign(folder, slug)
    try:
        return mark_translations_current(folder / slug)
    except (KeyError, ValueError, TypeError):
        raise CommandError("Its file has mistakes.", fix="Run: actionbot check") from None


def _require_campaign(folder: Path, slug: str) -> None:
    if not (folder / slug / CAMPAIGN_FILE).is_file():
        known = ", ".join(path.parent.name for path in sorted(folder.glob(f"*/{CAMPAIGN_FILE}")))
        raise CommandError(
            f"There is no campaign “{slug}”.", fix=f"Existing campaigns: {known or 'none'}"
        )
