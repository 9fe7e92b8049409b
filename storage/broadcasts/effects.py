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
)
from storage.broadcasts import broadcasts, drafts, ledger
from storage.transaction import EffectHandlers, Transaction, require

HANDLERS = EffectHandlers()


@HANDLERS.handles(ControlBroadcast)
def _control_broadcast(effect: ControlBroadcast, transaction: Transaction) -> None:
    ledger.control(transaction.connection, effect.broadcast, effect.action, transaction.now)


@HANDLERS.handles(SaveDraft)
def _save_draft(effect: SaveDraft, transaction: Transaction) -> None:
    connection, vault, person = transaction.connection, transaction.vault, transaction.person.staff
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
    require(drafts.confirm(connection, person, effect, now))


@HANDLERS.handles(OfferBroadcast)
def _offer_broadcast(effect: OfferBroadcast, transaction: Transaction) -> None:
    connection, person, now = transaction.connection, transaction.person.staff, transaction.now
    require(broadcasts.offer(connection, effect.broadcast, person, effect.token, now))


@HANDLERS.handles(RescheduleBroadcast)
def _reschedule_broadcast(effect: RescheduleBroadcast, transaction: Transaction) -> None:
    connection, person, now = transaction.connection, transaction.person.staff, transaction.now
    require(broadcasts.reschedule(connection, effect.broadcast, person, effect.at, now))


@HANDLERS.handles(ApproveBroadcast)
def _approve_broadcast(effect: ApproveBroadcast, transaction: Transaction) -> None:
    drafts.approve(transaction.connection, effect.broadcast, effect.content)


@HANDLERS.handles(RequestApproval)
def _request_approval(effect: RequestApproval, transaction: Transaction) -> None:
    """Change nothing: the audit log records the request."""
