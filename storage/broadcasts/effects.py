"""Handlers of effects that change broadcasts and their drafts."""

from conversations.core.effects.broadcasts import (
    ApproveBroadcast,
    ConfirmBroadcast,
    ControlBroadcast,
    DiscardDraft,
    OfferBroadcast,
    RequestApproval,
    RescheduleBroadcast,
    SaveDraft,
    SendNotice,
)
from storage.broadcasts import broadcasts, controls, drafts, notices, releases
from storage.transaction import EffectHandlers, Transaction, require

HANDLERS = EffectHandlers()


@HANDLERS.handles(ControlBroadcast)
def _control_broadcast(effect: ControlBroadcast, transaction: Transaction) -> None:
    connection, vault, id_ = transaction.connection, transaction.vault, effect.broadcast
    controls.control(connection, vault, id_, effect.action, transaction.now)
    if effect.approves:
        releases.approve_now(connection, vault, id_, transaction.person.staff.hex())


@HANDLERS.handles(SaveDraft)
def _save_draft(effect: SaveDraft, transaction: Transaction) -> None:
    connection, vault, person = transaction.connection, transaction.vault, transaction.person
    draft, now = effect.broadcast, transaction.now
    require(broadcasts.save_draft(connection, vault, person, draft, now, effect.token))
    drafts.set_album_deadline(connection, draft.id, effect.album_until)


@HANDLERS.handles(DiscardDraft)
def _discard_draft(effect: DiscardDraft, transaction: Transaction) -> None:
    require(broadcasts.discard(transaction.connection, effect.broadcast, transaction.now))


@HANDLERS.handles(ConfirmBroadcast)
def _confirm_broadcast(effect: ConfirmBroadcast, transaction: Transaction) -> None:
    connection, person, now = transaction.connection, transaction.person.staff, transaction.now
    if effect.replaces:
        require(broadcasts.replace(connection, effect.replaces, person, now))
    require(drafts.confirm(connection, transaction.vault, person, effect, now))


@HANDLERS.handles(OfferBroadcast)
def _offer_broadcast(effect: OfferBroadcast, transaction: Transaction) -> None:
    connection, person, now = transaction.connection, transaction.person.staff, transaction.now
    require(broadcasts.offer(connection, effect.broadcast, person, effect.token, now))


@HANDLERS.handles(RescheduleBroadcast)
def _reschedule_broadcast(effect: RescheduleBroadcast, transaction: Transaction) -> None:
    connection, person, now = transaction.connection, transaction.person.staff, transaction.now
    require(broadcasts.reschedule(connection, effect.broadcast, person, effect.at, now))
    vault, id_ = transaction.vault, effect.broadcast
    releases.release(connection, vault, id_, person.hex(), effect.limits)


@HANDLERS.handles(ApproveBroadcast)
def _approve_broadcast(effect: ApproveBroadcast, transaction: Transaction) -> None:
    approval = releases.Approval(effect.content, transaction.person.staff.hex())
    releases.approve(transaction.connection, transaction.vault, effect.broadcast, approval)


@HANDLERS.handles(SendNotice)
def _send_notice(effect: SendNotice, transaction: Transaction) -> None:
    by = transaction.person.staff.hex()
    approval = releases.Approval(effect.content, by)
    connection, vault, now = transaction.connection, transaction.vault, transaction.now
    require(notices.send(connection, vault, effect.notice, approval, now))


@HANDLERS.handles(RequestApproval)
def _request_approval(effect: RequestApproval, transaction: Transaction) -> None:
    """Change nothing: the audit log records the request."""
