"""Read the files of a campaign that a person sent: a zip archive, a file of texts, a picture.

They may come from anybody. Nothing is written to a folder, an archive inside an archive is never
opened, and each file is unpacked as a stream with a limit, since the directory may lie about sizes.
"""

import re
import stat
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import PurePosixPath

from conversations.folder.broken_archive import BROKEN_ARCHIVE
from conversations.folder.campaign_files import (
    CAMPAIGN_FILE,
    MAX_PICTURE_BYTES,
    MAX_TABLE_BYTES,
    MAX_TEXT_BYTES,
    TABLES,
    TARGETS_FILE,
    CampaignFiles,
)
from conversations.folder.formats.toml_file import parse_toml
from conversations.folder.own_wording import is_language_tag

MAX_UPLOAD_BYTES = 12_000_000
"""The largest file that is read; also how much an archive may contain, unpacked."""

MAX_ENTRIES = 100
"""The most files in an archive. A campaign in all languages has some fifty."""

MAX_RATIO = 200
"""How many times larger than the archive its content may be, beyond a megabyte."""

_CHUNK = 64 * 1024
_MAX_DEPTH = 4
_SMALL = 1_000_000

_LIMITS = {
    ".toml": MAX_TEXT_BYTES,
    ".md": MAX_TEXT_BYTES,
    ".csv": MAX_TABLE_BYTES,
    ".png": MAX_PICTURE_BYTES,
    ".jpg": MAX_PICTURE_BYTES,
    ".jpeg": MAX_PICTURE_BYTES,
    ".webp": MAX_PICTURE_BYTES,
}
"""The files that a campaign can have, and how large each can be."""

_PICTURES = (".png", ".jpg", ".jpeg", ".webp")

_ENTRY = b"PK\x01\x02"
"""The signature of an entry in the archive's directory."""

_ENCRYPTED = 0x1
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,99}")
_SLUG = re.compile(r"[a-z0-9-]{1,30}")
_JUNK = re.compile(
    r"(?:.*/)?(?:\.[A-Za-z_][^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(?:/.*)?|(?:.*/)?README[^/]*"
    r"|(?:.*/)?campaign\.schema\.json",
    re.IGNORECASE,
)
"""What computers add to folders, and what isn't part of a campaign."""


class UploadError(Exception):
    """A file that was sent can't be used."""

    def __init__(self, problem: str, fix: str) -> None:
        """Say what is wrong with the file, and how to fix it."""
        super().__init__(problem)
        self.problem = problem
        self.fix = fix


def read_archive(content: bytes) -> CampaignFiles:
    """Return the campaign in a zip archive, named for the slug in it. Raises UploadError."""
    _check_size(content)
    if content.count(_ENTRY) > MAX_ENTRIES:
        raise UploadError("There are too many files in this archive.", "Send one campaign.")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            found = dict(_unpacked(archive, len(content)))
    except BROKEN_ARCHIVE:
        raise UploadError("This isn't a valid zip archive.", "Make it again.") from None
    return _campaign(found)


def read_file(name: str, content: bytes) -> CampaignFiles:
    """Return one file of a campaign, such as `pt.md` or a picture. Raises UploadError."""
    _check_size(content)
    plain = PurePosixPath(name.replace("\\", "/")).name.strip()
    suffix = PurePosixPath(plain).suffix.lower()
    is_text = suffix == ".md" and is_language_tag(plain.removesuffix(".md"))
    is_known = plain == CAMPAIGN_FILE or plain in TABLES or is_text or suffix in _PICTURES
    if not _NAME.fullmatch(plain) or not is_known:
        raise UploadError(
            "This isn't a file of a campaign.",
            f"Send {CAMPAIGN_FILE}, {TARGETS_FILE}, texts named like pt.md, a picture, or all of "
            "it as a .zip.",
        )
    if len(content) > _LIMITS[suffix]:
        raise _too_large(plain)
    return CampaignFiles("", {plain: content})


def _check_size(content: bytes) -> None:
    if len(content) > MAX_UPLOAD_BYTES:
        problem = f"This file is over {MAX_UPLOAD_BYTES // 1_000_000} MB."
        raise UploadError(problem, "Make the picture smaller, or leave it out.")


def _unpacked(archive: zipfile.ZipFile, size: int) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the content of each file. Raises UploadError or BROKEN_ARCHIVE."""
    entries = [each for each in archive.infolist() if not _JUNK.fullmatch(each.filename)]
    seen: set[str] = set()
    for each in entries:
        _check_entry(each, seen)
    announced = sum(each.file_size for each in entries)
    if announced > MAX_UPLOAD_BYTES or announced > max(_SMALL, MAX_RATIO * size):
        raise _bomb()
    room = MAX_UPLOAD_BYTES
    for each in entries:
        if not each.is_dir():
            unpacked = _read(archive, each, room)
            room -= len(unpacked)
            yield each.filename, unpacked


def _check_entry(entry: zipfile.ZipInfo, seen: set[str]) -> None:
    """Raise UploadError for an entry that no campaign has."""
    name = entry.filename.removesuffix("/")
    shown = _shown(name)
    parts = name.split("/")
    if len(parts) > _MAX_DEPTH or not all(_NAME.fullmatch(part) for part in parts):
        problem = f"A file in the archive has a name that isn't allowed: “{shown}”."
        raise UploadError(problem, "Use letters, digits, dots and hyphens only.")
    # Where another kind of system made the archive, these bits are 0.
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        problem = f"“{shown}” is a link, or no plain file."
        raise UploadError(problem, "Put the file itself into the archive.")
    if name.casefold() in seen:
        raise UploadError(f"“{shown}” is in the archive twice.", "Remove one.")
    seen.add(name.casefold())
    if entry.is_dir():
        return
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in _LIMITS:
        fix = "A campaign has campaign.toml, texts like en.md, and a picture. Remove it."
        raise UploadError(f"“{shown}” doesn't belong to a campaign.", fix)
    if entry.flag_bits & _ENCRYPTED:
        raise UploadError("This archive has a password.", "Make it without a password.")
    if entry.file_size > _LIMITS[suffix]:
        raise _too_large(shown)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> bytes:
    """Return the unpacked content of a file in an archive.

    Raises UploadError where it is too large, and `BROKEN_ARCHIVE` where it is damaged.
    """
    # Only these two are unpacked piece by piece.
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile
    limit = min(_LIMITS[PurePosixPath(entry.filename).suffix.lower()], room)
    content = bytearray()
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            content += chunk
            if len(content) > limit:
                raise _bomb()
    return bytes(content)


def _campaign(found: Mapping[str, bytes]) -> CampaignFiles:
    """Return the campaign among unpacked files: in the archive itself, or in its one folder."""
    homes = [name.removesuffix(CAMPAIGN_FILE) for name in found if _is_facts(name)]
    if len(homes) != 1:
        problem = f"There are {len(homes)} campaigns in it." if homes else _NO_FACTS
        raise UploadError(problem, f"Send the folder of one campaign, with its {CAMPAIGN_FILE}.")
    home = homes[0]
    if outside := next((name for name in found if not name.startswith(home)), None):
        raise UploadError(f"“{_shown(outside)}” is outside of the campaign's folder.", "Remove it.")
    content = {name.removeprefix(home): each for name, each in found.items()}
    folder = home.rstrip("/").rpartition("/")[2]
    return CampaignFiles(_slug(content[CAMPAIGN_FILE]) or folder or "campaign", content)


_NO_FACTS = f"There is no {CAMPAIGN_FILE} in it."


def _is_facts(name: str) -> bool:
    return PurePosixPath(name).name == CAMPAIGN_FILE


def _slug(facts: bytes) -> str:
    """Return the slug that the facts name; "" if they can't be read or name none."""
    values, _, _ = parse_toml(facts.decode("utf-8-sig", "replace"), "")
    slug = values.get("slug")
    return slug if isinstance(slug, str) and _SLUG.fullmatch(slug) else ""


def _shown(name: str) -> str:
    """Return a file's name as far as it can be shown."""
    shown = "".join(char if char.isprintable() else "�" for char in name)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"


def _bomb() -> UploadError:
    problem = f"Unpacked, this is over {MAX_UPLOAD_BYTES // 1_000_000} MB."
    return UploadError(problem, "Send one campaign, with a smaller picture.")


def _too_large(name: str) -> UploadError:
    return UploadError(f"“{name}” is too large.", "Texts have up to 1 MB, pictures up to 10 MB.")
