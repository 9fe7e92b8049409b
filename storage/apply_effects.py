"""Effects: what an answer asked to have done, in the transaction that keeps its journey."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import assert_never

import orjson
from sqlalchemy import Connection, bindparam, delete, update

from conversations.admin import audit_log
from conversations.core.effects import (
    AcceptInvitation,
    AcknowledgeAlert,
    AcknowledgeBounces,
    ApproveBroadcast,
    BlockSender,
    ChooseLanguage,
    CloseCampaign,
    ConfirmBroadcast,
    ControlBroadcast,
    CorrectAddress,
    CountStage,
    DiscardDraft,
    DropCode,
    DropSource,
    DropUncertain,
    Effect,
    ErasePerson,
    ExportFigures,
    ForgetDetails,
    GoLive,
    Invite,
    MarkBlocked,
    NameSource,
    OfferBroadcast,
    OpenCampaign,
    PauseAll,
    PauseCampaign,
    QueueCode,
    QueueCopy,
    RecordAction,
    RemoveRole,
    RequestApproval,
    RescheduleBroadcast,
    ResumeAll,
    ResumeCampaign,
    RetryMailServer,
    RetryUncertain,
    SaveDetails,
    SaveDigest,
    SaveDraft,
    SaveTimezone,
    StartTestMode,
    Subscribe,
    UnblockSender,
    UnsubscribeAll,
    Withdraw,
)
from conversations.core.facts import AlertKind
from storage import erasure
from storage.admin import (
    alerts,
    audit,
    campaign_modes,
    link_sources,
    roles,
)
from storage.broadcasts import broadcasts, drafts, ledger
from storage.broadcasts.broadcasts import StaleAnswer
from storage.crypto.vault import Vault
from storage.engine.dialects import insert
from storage.mail import (
    actions,
    blocked_senders,
    codes,
    copies,
    mail_outages,
    outbox,
    outcomes,
    pauses,
)
from storage.schema.tables import actions as acted
from storage.schema.tables import chats, subscriptions
from storage.stats import digests, tallies
from storage.stats.tallies import Tally

_CHAT = update(chats).where(chats.c.person_key == bindparam("person"))


def apply(
    connection: Connection,
    vault: Vault,
    person: bytes,
    effects: Sequence[Effect],
    *,
    now: datetime,
    turn_id: str = "",
    who: str = "",
) -> None:
    """Do all of `effects`; the chat's row is there already.

    Raises actions.Duplicate and broadcasts.Overtaken.
    Mail that is queued bears `turn_id`, what the log calls the answer. What needs a role is
    written into the audit log, done by `who`.
    """
    counted: list[Tally] = []
    for effect in effects:
        counted += _apply(connection, vault, person, effect, now, turn_id)
        if noted := audit_log.noted(effect):
            audit.add(connection, vault, person, who, noted, now)
    # Last: rows that everybody writes are held for a moment only.
    tallies.add(connection, counted)


def _apply(
    connection: Connection,
    vault: Vault,
    person: bytes,
    effect: Effect,
    now: datetime,
    turn_id: str,
) -> list[Tally]:
    match effect:
        case CountStage():
            return tallies.reached(effect, now)
        case QueueCode():
            codes.queue(connection, vault, person, effect, now, turn_id)
        case DropCode():
            codes.drop(connection, person)
        case RecordAction(campaign=campaign):
            _must(campaign_modes.hold_open(connection, campaign))
            counted = actions.record(connection, vault, person, effect, now, turn_id)
            if effect.copies and effect.proved:
                copies.keep(connection, vault, effect)
            return counted
        case Withdraw(action):
            withdrawn = actions.withdraw(connection, person, action)
            if withdrawn is None:
                return []
            row, counted = withdrawn
            _consent(connection, person, "send", row.campaign, False, row.language, now)
            return counted
        case QueueCopy():
            copies.queue(connection, vault, person, effect, now, turn_id)
        case CorrectAddress(action, address):
            actions.mend(connection, vault, person, action, address)
        case SaveDetails(action, language):
            _remember(connection, vault, person, action, language, now)
        case ForgetDetails(language):
            connection.execute(_CHAT, {"person": person, "sealed_details": None})
            _consent(connection, person, "remember", "", False, language, now)
        case Subscribe(scope, given, language):
            _subscribe(connection, person, scope, given, language, now)
            _consent(connection, person, "updates", scope, given, language, now)
        case UnsubscribeAll(language):
            connection.execute(delete(subscriptions).where(subscriptions.c.person_key == person))
            _consent(connection, person, "updates", "*", False, language, now)
        case ChooseLanguage(language):
            connection.execute(_CHAT, {"person": person, "language": language})
        case ErasePerson():
            return erasure.erase(connection, person)
        case MarkBlocked(blocked):
            connection.execute(_CHAT, {"person": person, "blocked": blocked})
        case ResumeCampaign(campaign):
            pauses.resume(connection, campaign, now)
        case AcknowledgeAlert(alert, _, name):
            _must(alerts.take(connection, vault, person, alert, name, now=now))
        case RetryMailServer():
            mail_outages.try_now(connection, now=now)
        case RetryUncertain(campaign):
            outcomes.decide(connection, campaign, again=True, now=now)
        case DropUncertain(campaign):
            outcomes.decide(connection, campaign, again=False, now=now)
        case AcknowledgeBounces(campaign):
            alerts.end(connection, AlertKind.BOUNCED, campaign, now=now)
        case ControlBroadcast(broadcast, deed):
            ledger.steer(connection, broadcast, deed, now)
        case SaveDraft(broadcast, token, album_until):
            _must(broadcasts.keep_draft(connection, vault, person, broadcast, now, token))
            drafts.await_album(connection, broadcast.id, album_until)
        case DiscardDraft(broadcast_id):
            _must(broadcasts.discard(connection, broadcast_id, now))
        case ConfirmBroadcast():
            _must(drafts.confirm(connection, person, effect, now))
        case OfferBroadcast(broadcast_id, token):
            _must(broadcasts.offer(connection, broadcast_id, person, token, now))
        case RescheduleBroadcast(broadcast_id, at):
            _must(broadcasts.reschedule(connection, broadcast_id, person, at, now))
        case ApproveBroadcast(broadcast_id, content):
            drafts.approve(connection, broadcast_id, content)
        case SaveTimezone(zone):
            connection.execute(_CHAT, {"person": person, "zone": zone})
        case Invite(role, token):
            roles.invite(connection, vault, person, role, token, now)
        case AcceptInvitation(token, role, name):
            roles.accept(connection, vault, person, token, role, name, now)
        case RemoveRole(member):
            roles.dismiss(connection, member)
        case PauseAll():
            pauses.pause(connection, pauses.EVERYTHING, now)
        case ResumeAll():
            pauses.resume(connection, pauses.EVERYTHING, now)
        case PauseCampaign(campaign):
            pauses.pause(connection, campaign, now)
        case OpenCampaign(campaign):
            campaign_modes.reopen(connection, campaign)
        case CloseCampaign(campaign, withdraw):
            campaign_modes.close(connection, campaign, now=now)
            if withdraw:
                outbox.withdraw_all(connection, campaign, now=now)
        case StartTestMode(campaign):
            campaign_modes.put_into_test(connection, campaign, now=now)
        case GoLive(campaign):
            campaign_modes.go_live(connection, campaign, now=now)
        case NameSource(campaign, source):
            link_sources.name(connection, campaign, source, now=now)
        case DropSource(campaign, source):
            link_sources.drop(connection, campaign, source)
        case BlockSender():
            blocked_senders.bar(connection, effect, now=now)
        case UnblockSender(barred_person):
            blocked_senders.unbar(connection, barred_person)
        case ExportFigures() | RequestApproval():
            pass  # the audit log has it
        case SaveDigest(every, since):
            digests.keep(connection, person, every, since)
        case unreachable:
            assert_never(unreachable)
    return []


def _must(done: bool) -> None:
    """Answer anew where something stands otherwise by now: what would be said is not true."""
    if not done:
        raise StaleAnswer


def _remember(
    connection: Connection, vault: Vault, person: bytes, action: str, language: str, now: datetime
) -> None:
    mine = (acted.c.action == action, acted.c.person_key == person)
    query = acted.select().where(*mine)
    row = connection.execute(query).one_or_none()
    if row is None:
        return
    details = actions.opened(vault, action, row.sealed_details)
    content = orjson.dumps(asdict(details))
    sealed = vault.seal(content, table="chats", column="details", row=person)
    connection.execute(_CHAT, {"person": person, "sealed_details": sealed})
    _consent(connection, person, "remember", "", True, language, now)


def _subscribe(
    connection: Connection, person: bytes, scope: str, given: bool, language: str, now: datetime
) -> None:
    if given:
        row = {"person_key": person, "scope": scope, "at": now, "language": language}
        added = insert(connection.dialect.name, subscriptions).values(row)
        connection.execute(added.on_conflict_do_nothing())
        return
    own = (subscriptions.c.person_key == person, subscriptions.c.scope == scope)
    connection.execute(delete(subscriptions).where(*own))


def _consent(
    connection: Connection,
    person: bytes,
    kind: str,
    scope: str,
    given: bool,
    language: str,
    now: datetime,
) -> None:
    actions.consent(
        connection, person, kind=kind, scope=scope, given=given, language=language, now=now
    )
