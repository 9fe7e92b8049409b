"""Drafts of campaigns: at most one for each campaign, which several people may edit in turn.

Files, editors and approval are encrypted, so that nobody without the keys can slip in a change that
a campaigner then publishes.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, delete, select, update

from conversations.core.effects.campaigns import PublishCampaignDraft, SaveCampaignDraft
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.packed_files import content_hash, pack, unpack
from conversations.model.campaigns.campaign_draft import DraftApproval, DraftEditor
from conversations.model.campaigns.versions import VersionInfo, VersionOrigin
from storage.campaigns import versions
from storage.campaigns.versions import NewVersion
from storage.crypto.vault import Vault
from storage.engine.dialects import advisory_lock
from storage.schema.encryption import (
    CAMPAIGN_DRAFT_APPROVAL,
    CAMPAIGN_DRAFT_FILES,
    CAMPAIGN_DRAFT_STATE,
)
from storage.schema.tables import campaign_drafts as table

_LOCK = 0x64_7261_6674_73
"""Number of the advisory lock for changing drafts: “drafts” in ASCII."""

NEW = "+"
"""The first character of the id of a campaign that is being made and has no slug yet."""

# Names in the encrypted JSON. They never change.
_EDITORS = "editors"
_STATE = "state"


@dataclass(frozen=True)
class SavedCampaignDraft:
    """A campaign's draft."""

    files: CampaignFiles

    base: int
    """The number of the version that it changes; 0 for a new campaign."""

    revision: str
    """A random id, which each change renews."""

    changed: datetime
    """When it was last changed, in UTC."""

    editors: tuple[DraftEditor, ...]
    """Who changed it, the last one last."""

    state: Mapping[str, Any]
    """What is half-finished besides the files, as JSON."""

    approval: DraftApproval | None
    """What a colleague approved. It may be an older content."""

    @property
    def digest(self) -> str:
        """The hash of the content."""
        return content_hash(pack(self.files))


def find(connection: Connection, vault: Vault, campaign: str) -> SavedCampaignDraft | None:
    """Return the draft of a campaign; None if there is none. Raises DecryptionError."""
    row = connection.execute(select(table).where(table.c.campaign == campaign)).one_or_none()
    if row is None:
        return None
    place = campaign.encode()
    state = orjson.loads(vault.decrypt(row.encrypted_state, CAMPAIGN_DRAFT_STATE, row=place))
    approval = None
    if row.encrypted_approval is not None:
        saved = orjson.loads(
            vault.decrypt(row.encrypted_approval, CAMPAIGN_DRAFT_APPROVAL, row=place)
        )
        approval = DraftApproval(saved["content"], DraftEditor(**saved["by"]))
    packed = vault.decrypt(row.encrypted_files, CAMPAIGN_DRAFT_FILES, row=place)
    return SavedCampaignDraft(
        unpack(campaign, packed),
        row.base,
        row.revision,
        row.changed,
        tuple(DraftEditor(**each) for each in state[_EDITORS]),
        state[_STATE],
        approval,
    )


def campaigns(connection: Connection) -> tuple[str, ...]:
    """Return the slugs of the campaigns that have a draft, in order."""
    named = ~table.c.campaign.startswith(NEW)
    query = select(table.c.campaign).where(named).order_by(table.c.campaign)
    return tuple(connection.execute(query).scalars())


def find_new(
    connection: Connection, vault: Vault, member: str
) -> tuple[str, SavedCampaignDraft] | None:
    """Return what a person saved last of a new campaign, with its id; None if there is nothing."""
    new = select(table.c.campaign).where(table.c.campaign.startswith(NEW))
    ids = connection.execute(new.order_by(table.c.changed.desc())).scalars().all()
    for id_ in ids:
        draft = find(connection, vault, id_)
        if draft and any(each.member == member for each in draft.editors):
            return id_, draft
    return None


def save(
    connection: Connection, vault: Vault, member: str, effect: SaveCampaignDraft, now: datetime
) -> bool:
    """Save a draft. False if it isn't the one any more that the person saw."""
    advisory_lock(connection, _LOCK)
    before = find(connection, vault, effect.campaign)
    if (before.revision if before else "") != effect.seen:
        return False
    former = before.editors if before else ()
    editors = (
        *(each for each in former if each.member != member),
        DraftEditor(member, effect.name),
    )
    kept = before.state if before else {}
    content = {
        _EDITORS: [asdict(each) for each in editors],
        _STATE: kept if effect.state is None else effect.state,
    }
    place = effect.campaign.encode()
    packed = pack(CampaignFiles(effect.campaign, effect.content))
    values = {
        "base": effect.base,
        "revision": secrets.token_hex(8),
        "changed": now,
        "encrypted_files": vault.encrypt(packed, CAMPAIGN_DRAFT_FILES, row=place),
        "encrypted_state": vault.encrypt(orjson.dumps(content), CAMPAIGN_DRAFT_STATE, row=place),
        "encrypted_approval": None,
    }
    if before is None:
        connection.execute(table.insert(), {"campaign": effect.campaign, **values})
    else:
        own = table.c.campaign == effect.campaign
        connection.execute(update(table).where(own).values(**values))
    return True


def drop(connection: Connection, campaign: str, seen: str) -> bool:
    """Delete a draft. False if it isn't the one any more that the person saw."""
    own = (table.c.campaign == campaign, table.c.revision == seen)
    return connection.execute(delete(table).where(*own)).rowcount > 0


def approve(
    connection: Connection, vault: Vault, campaign: str, seen: str, by: DraftEditor
) -> bool:
    """Note that somebody approves a draft exactly as it is. False if it changed meanwhile."""
    advisory_lock(connection, _LOCK)
    draft = find(connection, vault, campaign)
    if draft is None or draft.revision != seen:
        return False
    saved = orjson.dumps({"content": draft.digest, "by": asdict(by)})
    encrypted = vault.encrypt(saved, CAMPAIGN_DRAFT_APPROVAL, row=campaign.encode())
    own = table.c.campaign == campaign
    connection.execute(update(table).where(own).values(encrypted_approval=encrypted))
    return True


def publish(
    connection: Connection,
    vault: Vault,
    member: str,
    effect: PublishCampaignDraft,
    now: datetime,
) -> bool:
    """Publish a draft on its base, and delete it.

    False if the draft or the newest version changed meanwhile, or if it needs an approval that
    nobody gave.
    """
    advisory_lock(connection, _LOCK)
    draft = find(connection, vault, effect.campaign)
    if draft is None or draft.revision != effect.seen:
        return False
    approved = draft.approval is not None and draft.approval.content == draft.digest
    if effect.needs_approval and not approved:
        return False
    new = NewVersion(draft.files, draft.base, VersionOrigin.CHAT, effect.name, member)
    if not isinstance(versions.publish(connection, vault, new, now), VersionInfo):
        return False
    return drop(connection, effect.campaign, effect.seen)


def revoke_approvals(connection: Connection) -> None:
    """End the approvals of all drafts."""
    connection.execute(update(table).values(encrypted_approval=None))


def erase_editor(connection: Connection, vault: Vault, member: str) -> None:
    """Erase a person's name from all drafts. What they wrote belongs to the campaign."""
    advisory_lock(connection, _LOCK)
    rows = connection.execute(select(table.c.campaign, table.c.encrypted_state)).all()
    for row in rows:
        place = row.campaign.encode()
        state = orjson.loads(vault.decrypt(row.encrypted_state, CAMPAIGN_DRAFT_STATE, row=place))
        if all(each["member"] != member for each in state[_EDITORS]):
            continue
        left = [each for each in state[_EDITORS] if each["member"] != member]
        encrypted = vault.encrypt(
            orjson.dumps({**state, _EDITORS: left}), CAMPAIGN_DRAFT_STATE, row=place
        )
        own = table.c.campaign == row.campaign
        connection.execute(update(table).where(own).values(encrypted_state=encrypted))
