"""Handlers of effects that change roles, alerts, campaigns and link sources."""

from conversations.core.effects.admin import (
    AcceptInvitation,
    AcknowledgeAlert,
    ConfirmRole,
    DropSource,
    GoLive,
    Invite,
    NameSource,
    OpenCampaign,
    RemoveRole,
    SaveStaffName,
    StartTestMode,
)
from conversations.core.effects.letters import AcknowledgeLetters
from storage.admin import alerts, campaign_modes, link_sources, roles
from storage.transaction import EffectHandlers, Transaction, require

HANDLERS = EffectHandlers()


@HANDLERS.handles(Invite)
def _invite(effect: Invite, transaction: Transaction) -> None:
    connection, vault, now = transaction.connection, transaction.vault, transaction.now
    roles.invite(connection, vault, transaction.person.chat_id, effect.role, effect.token, now)


@HANDLERS.handles(AcceptInvitation)
def _accept_invitation(effect: AcceptInvitation, transaction: Transaction) -> None:
    connection, vault, chat = transaction.connection, transaction.vault, transaction.person.chat_id
    now = transaction.now
    member = roles.SavedMember(effect.role, effect.name, effect.language, now, now)
    roles.accept(connection, vault, chat, effect.token, member)


@HANDLERS.handles(RemoveRole)
def _remove_role(effect: RemoveRole, transaction: Transaction) -> None:
    roles.remove(transaction.connection, transaction.vault, effect.member)


@HANDLERS.handles(ConfirmRole)
def _confirm_role(effect: ConfirmRole, transaction: Transaction) -> None:
    connection, vault, now = transaction.connection, transaction.vault, transaction.now
    roles.confirm(connection, vault, effect.member, now)


@HANDLERS.handles(SaveStaffName)
def _save_staff_name(effect: SaveStaffName, transaction: Transaction) -> None:
    connection, vault, chat = transaction.connection, transaction.vault, transaction.person.chat_id
    roles.save_name(connection, vault, chat, effect.name, effect.language)


@HANDLERS.handles(AcknowledgeAlert)
def _acknowledge_alert(effect: AcknowledgeAlert, transaction: Transaction) -> None:
    connection, vault, person = transaction.connection, transaction.vault, transaction.person.staff
    now = transaction.now
    require(alerts.acknowledge(connection, vault, person, effect.alert, effect.name, now=now))


@HANDLERS.handles(AcknowledgeLetters)
def _acknowledge_letters(effect: AcknowledgeLetters, transaction: Transaction) -> None:
    connection, now = transaction.connection, transaction.now
    alerts.end(connection, effect.kind, effect.campaign, now=now)


@HANDLERS.handles(OpenCampaign)
def _open_campaign(effect: OpenCampaign, transaction: Transaction) -> None:
    campaign_modes.reopen(transaction.connection, transaction.vault, effect.campaign)


@HANDLERS.handles(StartTestMode)
def _start_test_mode(effect: StartTestMode, transaction: Transaction) -> None:
    campaign_modes.start_test_mode(transaction.connection, transaction.vault, effect.campaign)


@HANDLERS.handles(GoLive)
def _go_live(effect: GoLive, transaction: Transaction) -> None:
    campaign_modes.go_live(transaction.connection, transaction.vault, effect.campaign)


@HANDLERS.handles(NameSource)
def _name_source(effect: NameSource, transaction: Transaction) -> None:
    connection, now = transaction.connection, transaction.now
    link_sources.add(connection, effect.campaign, effect.source, now=now)


@HANDLERS.handles(DropSource)
def _drop_source(effect: DropSource, transaction: Transaction) -> None:
    link_sources.remove(transaction.connection, effect.campaign, effect.source)
