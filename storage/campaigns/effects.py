"""Handlers of effects that edit campaigns and publish versions of them."""

from conversations.core.effects.campaigns import (
    ApproveCampaignDraft,
    DropCampaignDraft,
    PublishCampaignDraft,
    RequestDraftApproval,
    SaveCampaignDraft,
)
from conversations.core.effects.new_campaigns import (
    CreateCampaign,
    DropNewCampaign,
    SaveNewCampaign,
)
from conversations.folder.campaign_files import CampaignFiles
from conversations.model.campaigns.campaign_draft import DraftEditor
from conversations.model.campaigns.versions import VersionInfo, VersionOrigin
from storage.admin import campaign_modes
from storage.campaigns import drafts, versions
from storage.campaigns.versions import NewVersion
from storage.transaction import EffectHandlers, Transaction, require

HANDLERS = EffectHandlers()


@HANDLERS.handles(SaveCampaignDraft)
def _save_draft(effect: SaveCampaignDraft, transaction: Transaction) -> None:
    connection, vault, now = transaction.connection, transaction.vault, transaction.now
    require(drafts.save(connection, vault, transaction.person.staff.hex(), effect, now))


@HANDLERS.handles(DropCampaignDraft)
def _drop_draft(effect: DropCampaignDraft, transaction: Transaction) -> None:
    require(drafts.drop(transaction.connection, effect.campaign, effect.seen))


@HANDLERS.handles(PublishCampaignDraft)
def _publish_draft(effect: PublishCampaignDraft, transaction: Transaction) -> None:
    connection, vault, now = transaction.connection, transaction.vault, transaction.now
    require(drafts.publish(connection, vault, transaction.person.staff.hex(), effect, now))


@HANDLERS.handles(RequestDraftApproval)
def _request_approval(effect: RequestDraftApproval, transaction: Transaction) -> None:
    """Change nothing: the audit log records the request."""


@HANDLERS.handles(ApproveCampaignDraft)
def _approve_draft(effect: ApproveCampaignDraft, transaction: Transaction) -> None:
    by = DraftEditor(transaction.person.staff.hex(), effect.name)
    connection, vault = transaction.connection, transaction.vault
    require(drafts.approve(connection, vault, effect.campaign, effect.seen, by))


@HANDLERS.handles(SaveNewCampaign)
def _save_new(effect: SaveNewCampaign, transaction: Transaction) -> None:
    connection, vault, now = transaction.connection, transaction.vault, transaction.now
    draft = SaveCampaignDraft(
        effect.id, effect.content, 0, effect.seen, effect.name, "", effect.state
    )
    require(drafts.save(connection, vault, transaction.person.staff.hex(), draft, now))


@HANDLERS.handles(DropNewCampaign)
def _drop_new(effect: DropNewCampaign, transaction: Transaction) -> None:
    require(drafts.drop(transaction.connection, effect.id, effect.seen))


@HANDLERS.handles(CreateCampaign)
def _create(effect: CreateCampaign, transaction: Transaction) -> None:
    """Publish the first version, and start test mode before any process can serve it as live."""
    connection, vault, now = transaction.connection, transaction.vault, transaction.now
    files = CampaignFiles(effect.campaign, effect.content)
    member = transaction.person.staff.hex()
    new = NewVersion(files, 0, VersionOrigin.CHAT, effect.name, member)
    require(isinstance(versions.publish(connection, vault, new, now), VersionInfo))
    campaign_modes.start_test_mode(connection, vault, effect.campaign)
    require(drafts.drop(connection, effect.id, effect.seen))
