"""Published versions of campaigns: files, publisher and time, each with a keyed digest.

Which version of a campaign is the newest stands in a document of authority. So nobody without the
keys can change a version unseen, nor put an older one in its place.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, select, update

from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.packed_files import content_hash, pack, unpack
from conversations.model.campaigns.versions import VersionInfo, VersionOrigin
from storage.admin import authority
from storage.crypto.vault import DecryptionError, Vault
from storage.schema.encryption import VERSION_MEMBER, VERSION_PUBLISHER
from storage.schema.tables import campaign_versions as table

KEPT_VERSIONS = 50
"""How many versions of a campaign can be read and restored."""

_FROM_FOLDERS = (VersionOrigin.FOLDER, VersionOrigin.COMMAND)

_KIND = "campaign version"
"""Kind of the keyed hash. It never changes."""

# Names in the document. They never change.
_NUMBER = "number"
_DIGEST = "digest"


@dataclass(frozen=True)
class Version:
    """A published version of a campaign."""

    info: VersionInfo
    files: CampaignFiles


@dataclass(frozen=True)
class Head:
    """The newest version of a campaign."""

    number: int
    digest: bytes
    """The keyed digest of the version."""


@dataclass(frozen=True)
class Heads:
    """The newest version of each campaign."""

    by_campaign: Mapping[str, Head]

    is_refused: bool = False
    """Whether the database holds no acceptable list although there must be one."""

    generation: int = 0
    """The generation of the document that lists them."""


class Refusal(StrEnum):
    """Why a version was not published."""

    OUTDATED = "outdated"
    """It does not change the newest version, but an older one."""
    UNTRUSTED = "untrusted"
    """The list of newest versions was changed from outside."""


class FolderState(StrEnum):
    """How a campaign folder stands to the published versions."""

    CURRENT = "current"
    """Its files are the newest version. They may have been published just now."""
    BEHIND = "behind"
    """Its files were published before, and others since."""
    CONFLICT = "conflict"
    """Its files were changed, and so was the campaign, in the chat or in another folder."""
    UNTRUSTED = "untrusted"
    """The list of newest versions was changed from outside."""


@dataclass(frozen=True)
class NewVersion:
    """What is to be published."""

    files: CampaignFiles
    base: int
    """The number of the version that it changes; 0 for the first one."""
    origin: VersionOrigin
    publisher: str = ""
    """The name of the person; "" for a folder or a command."""
    member: str = ""
    """The id of the person in the team."""


def heads(connection: Connection, vault: Vault) -> Heads:
    """Return the newest version of each campaign."""
    document = authority.read(connection, vault, authority.VERSIONS)
    found = {
        slug: Head(each[_NUMBER], bytes.fromhex(each[_DIGEST]))
        for slug, each in (document.content or {}).items()
    }
    return Heads(found, document.is_refused, document.generation)


def publish(
    connection: Connection, vault: Vault, new: NewVersion, now: datetime
) -> VersionInfo | Refusal:
    """Publish a version, unless it changes an older one than the newest."""
    authority.lock(connection)
    known, slug = heads(connection, vault), new.files.name
    if known.is_refused:
        return Refusal.UNTRUSTED
    newest = known.by_campaign.get(slug)
    if new.base != (newest.number if newest else 0):
        return Refusal.OUTDATED
    packed = pack(new.files)
    hashed = content_hash(packed)
    info = VersionInfo(
        slug, new.base + 1, new.base, new.origin, now, new.publisher, hashed, new.member
    )
    id_ = secrets.token_hex(16)
    head = Head(info.number, _digest(vault, info))
    name, member, place = new.publisher.encode(), new.member.encode(), id_.encode()
    row = {
        "version": id_,
        "campaign": slug,
        "number": info.number,
        "base": info.base,
        "origin": info.origin.value,
        "at": now,
        "encrypted_publisher": vault.encrypt(name, VERSION_PUBLISHER, row=place),
        "encrypted_member": vault.encrypt(member, VERSION_MEMBER, row=place) if member else None,
        "content_hash": hashed,
        "files": packed,
        "digest": head.digest,
    }
    connection.execute(table.insert(), row)
    _write_heads(connection, vault, {**known.by_campaign, slug: head})
    _empty_old(connection, slug, info.number)
    return info


def publish_folder(
    connection: Connection,
    vault: Vault,
    files: CampaignFiles,
    base: str,
    origin: VersionOrigin,
    now: datetime,
) -> FolderState:
    """Publish the files of a folder if they are new, and say how the folder stands afterwards.

    `base` is the content hash of the version that the folder changes, "" if nothing says so. Then
    the newest version counts as the base, if it comes from a folder too. A folder does not publish
    equal files again: two machines with different folders would alternate. A command may.
    """
    authority.lock(connection)
    state = compare_folder(connection, vault, files, base)
    again = state is FolderState.BEHIND and origin is VersionOrigin.COMMAND
    if state is not None and not again:
        return state
    newest = heads(connection, vault).by_campaign.get(files.name)
    new = NewVersion(files, newest.number if newest else 0, origin)
    published = publish(connection, vault, new, now)
    return FolderState.CURRENT if isinstance(published, VersionInfo) else FolderState.UNTRUSTED


def compare_folder(
    connection: Connection, vault: Vault, files: CampaignFiles, base: str
) -> FolderState | None:
    """Return how a folder stands to the published versions; None if it can be published."""
    known = heads(connection, vault)
    if known.is_refused:
        return FolderState.UNTRUSTED
    head = known.by_campaign.get(files.name)
    if head is None:
        return None
    published = hashes(connection, files.name)
    number = published.get(content_hash(pack(files)))
    if number is not None:
        return FolderState.CURRENT if number == head.number else FolderState.BEHIND
    if base:
        is_newest = published.get(base) == head.number
    else:
        newest = load_newest(connection, vault, files.name)
        is_newest = newest is not None and newest.info.origin in _FROM_FOLDERS
    return None if is_newest else FolderState.CONFLICT


def load(connection: Connection, vault: Vault, slug: str, number: int) -> Version | None:
    """Return a version; None if it is too old, or not genuine."""
    row = connection.execute(
        select(table).where(table.c.campaign == slug, table.c.number == number)
    ).one_or_none()
    if row is None or row.files is None:
        return None
    info = _info(vault, row)
    if info is None or content_hash(row.files) != info.content_hash:
        return None
    return Version(info, unpack(slug, row.files))


def load_newest(connection: Connection, vault: Vault, slug: str) -> Version | None:
    """Return the newest version of a campaign; None if there is none that is genuine."""
    head = heads(connection, vault).by_campaign.get(slug)
    if head is None:
        return None
    version = load(connection, vault, slug, head.number)
    return version if version and _digest(vault, version.info) == head.digest else None


def history(connection: Connection, vault: Vault, slug: str) -> tuple[VersionInfo, ...]:
    """Return the genuine versions of a campaign that can be restored, the newest first."""
    rows = connection.execute(
        select(*(each for each in table.c if each is not table.c.files))
        .where(table.c.campaign == slug, table.c.files.is_not(None))
        .order_by(table.c.number.desc())
    )
    found = map(partial(_info, vault), rows)
    return tuple(each for each in found if each is not None)


def hashes(connection: Connection, slug: str) -> Mapping[str, int]:
    """Return the number of the newest version with each content, by the content's hash."""
    rows = connection.execute(
        select(table.c.content_hash, table.c.number)
        .where(table.c.campaign == slug)
        .order_by(table.c.number)
    )
    return {row.content_hash: row.number for row in rows}


def _write_heads(connection: Connection, vault: Vault, found: Mapping[str, Head]) -> None:
    content = {
        slug: {_NUMBER: head.number, _DIGEST: head.digest.hex()} for slug, head in found.items()
    }
    authority.write(connection, vault, authority.VERSIONS, content)


def _empty_old(connection: Connection, slug: str, newest: int) -> None:
    """Delete the files of versions that are too old. The hashes stay: they were published."""
    old = (table.c.campaign == slug, table.c.number <= newest - KEPT_VERSIONS)
    connection.execute(update(table).where(*old, table.c.files.is_not(None)).values(files=None))


def _info(vault: Vault, row: Row[Any]) -> VersionInfo | None:
    """Return what a row says of a version; None if it was changed from outside."""
    try:
        place = row.version.encode()
        name = vault.decrypt(row.encrypted_publisher, VERSION_PUBLISHER, row=place).decode()
        member = ""
        if row.encrypted_member is not None:
            member = vault.decrypt(row.encrypted_member, VERSION_MEMBER, row=place).decode()
    except DecryptionError:
        return None
    try:
        origin = VersionOrigin(row.origin)
    except ValueError:
        return None
    info = VersionInfo(
        row.campaign, row.number, row.base, origin, row.at, name, row.content_hash, member
    )
    return info if secrets.compare_digest(_digest(vault, info), row.digest) else None


def _digest(vault: Vault, info: VersionInfo) -> bytes:
    parts = (
        info.campaign,
        str(info.number),
        str(info.base),
        info.origin.value,
        info.at.isoformat(),
        info.publisher,
        info.content_hash,
    )
    return vault.keyed_hash(_KIND, "\n".join(parts))
