"""The files of one campaign as bytes: read from a folder, an archive or the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conversations.folder.formats.toml_file import parse_toml
from conversations.model.mistakes import Mistake, describe_file_error

CAMPAIGN_FILE = "campaign.toml"
TARGETS_FILE = "targets.csv"
AREAS_FILE = "areas.csv"
TABLES = (TARGETS_FILE, AREAS_FILE)

MAX_TEXT_BYTES = 1_000_000
"""The largest file of texts; no message is a hundredth as long."""

MAX_TABLE_BYTES = 4_000_000
"""The largest table, of targets or areas."""

MAX_PICTURE_BYTES = 10 * 2**20
"""Bot API, sendPhoto."""

_TEXT_TOO_LARGE = ("This file is over 1 MB.", "Shorten it: messages are short.")
_TABLE_TOO_LARGE = ("This table is over 4 MB.", "Delete columns and rows that aren't needed.")
_PICTURE_TOO_LARGE = ("Telegram accepts no pictures over 10 MB.", "Make it smaller.")


@dataclass(frozen=True)
class CampaignFiles:
    """The files of one campaign, before anything in them is checked."""

    name: str
    """The folder's name."""

    content: Mapping[str, bytes] = field(repr=False)
    """What each file contains, by its path in the folder."""

    unreadable: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """What is wrong with a file that can't be read, and how to fix it, by its path."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages with a file of texts."""
        names = sorted({*self.content, *self.unreadable})
        return tuple(
            name.removesuffix(".md")
            for name in names
            if name.endswith(".md") and "/" not in name and name.lower() != "readme.md"
        )

    def where(self, name: str) -> str:
        """Return the place of a file, as mistakes name it."""
        return f"{self.name}/{name}"

    def text(self, name: str) -> tuple[str, Mistake | None]:
        """Return the content of a text file, or "" and why it can't be read."""
        where = self.where(name)
        if name in self.unreadable:
            return "", Mistake(*self.unreadable[name], where)
        if name not in self.content:
            return "", Mistake("There is no such file.", "Create it.", where)
        if name in TABLES and len(self.content[name]) > MAX_TABLE_BYTES:
            return "", Mistake(*_TABLE_TOO_LARGE, where)
        if name not in TABLES and len(self.content[name]) > MAX_TEXT_BYTES:
            return "", Mistake(*_TEXT_TOO_LARGE, where)
        try:
            # utf-8-sig: some editors put a byte-order mark first.
            return self.content[name].decode("utf-8-sig"), None
        except UnicodeDecodeError:
            return "", Mistake("This isn't a valid UTF-8 text file.", "Save it as UTF-8.", where)


def read_folder(folder: Path) -> CampaignFiles:
    """Read the files of a campaign: `campaign.toml`, the texts, the tables, and the picture."""
    content: dict[str, bytes] = {}
    unreadable: dict[str, tuple[str, str]] = {}

    def read(name: str, limit: int, too_large: tuple[str, str]) -> None:
        path = folder / name
        try:
            if path.stat().st_size > limit:
                unreadable[name] = too_large
            else:
                content[name] = path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            unreadable[name] = describe_file_error(error)

    for name in (CAMPAIGN_FILE, *sorted(path.name for path in folder.glob("*.md"))):
        read(name, MAX_TEXT_BYTES, _TEXT_TOO_LARGE)
    for name in TABLES:
        read(name, MAX_TABLE_BYTES, _TABLE_TOO_LARGE)
    files = CampaignFiles(folder.name, content, unreadable)
    picture = _picture_name(files)
    if picture and _is_within(folder, picture):
        read(picture, MAX_PICTURE_BYTES, _PICTURE_TOO_LARGE)
    return files


def _picture_name(files: CampaignFiles) -> str:
    """Return the path of the picture, "" if there is none or the file that names it is broken."""
    values, _, _ = parse_toml(files.text(CAMPAIGN_FILE)[0], "")
    name = values.get("picture")
    return name if isinstance(name, str) else ""


def _is_within(folder: Path, name: str) -> bool:
    """Whether a path leads to a file in the folder. Symbolic links may point to others in it."""
    try:
        real = (folder / name).resolve(strict=True)
        return real.is_relative_to(folder.resolve()) and real.is_file()
    except (OSError, ValueError):
        return False
