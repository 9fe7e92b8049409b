"""Create, open and mark campaign folders, for the `actionbot campaign` commands and `init`."""

import re
from pathlib import Path

from bot.errors import CommandError
from conversations.folder.campaign_files import CAMPAIGN_FILE, CampaignFiles
from conversations.folder.loading import (
    SCHEMA_FILE,
    json_schema,
    mark_translations_current,
)
from conversations.folder.new_campaign import new_campaign
from conversations.model.mistakes import describe_file_error

_SLUG = re.compile(r"[a-z0-9-]{1,30}")


def check_slug(slug: str) -> str:
    """Return `slug` if it can be a campaign's name. Raises CommandError."""
    if not _SLUG.fullmatch(slug):
        raise CommandError(
            f"“{slug}” isn't a valid short name.", fix="Use 1 to 30 of a-z, 0-9 and hyphens."
        )
    return slug


def create_campaign(folder: Path, slug: str) -> Path:
    """Create a new campaign folder from the skeleton and return that. Raises CommandError."""
    return write_campaign(folder, new_campaign(check_slug(slug)))


def write_campaign(folder: Path, files: CampaignFiles) -> Path:
    """Write a campaign's files into a new folder and return that. Raises CommandError."""
    home = folder / check_slug(files.name)
    if home.exists():
        raise CommandError(f"{home} already exists.", fix="Choose another name.")
    try:
        home.mkdir(parents=True)
        for name, content in files.content.items():
            (home / name).write_bytes(content)
        (folder / SCHEMA_FILE).write_text(json_schema(), encoding="utf-8")
    except OSError as error:
        problem, fix = describe_file_error(error)
        raise CommandError(problem, fix=fix, where=str(error.filename or home)) from None
    return home


def require_campaigns(folder: Path, command: str) -> None:
    """Raise CommandError unless `folder` contains campaigns. `command` takes the right folder."""
    where = str(folder)
    if not folder.expanduser().is_dir():
        problem = "This isn't a folder." if folder.exists() else "There is no such folder."
        raise CommandError(problem, fix="Fix the path.", where=where)
    if (folder.expanduser() / CAMPAIGN_FILE).is_file():
        parent = folder.expanduser().resolve().parent
        raise CommandError(
            "This is the folder of one campaign.",
            fix=f"Name the folder that contains it: {command} {parent}",
            where=where,
        )
    if not any(folder.expanduser().glob(f"*/{CAMPAIGN_FILE}")):
        raise CommandError(
            f"There is no campaign in this folder: no */{CAMPAIGN_FILE}.",
            fix="Create one: actionbot campaign new my-campaign",
            where=where,
        )


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
