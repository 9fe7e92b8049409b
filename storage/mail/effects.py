"""Handlers of effects on letters, codes, copies, pauses, closed campaigns and blocked senders."""

from dataclasses import asdict

import orjson
from sqlalchemy import bindparam, select, update

from conversations.core.effects.admin import (
    BlockSender,
    CloseCampaign,
    EndExemption,
    ExemptTarget,
    PauseAll,
    PauseCampaign,
    PauseTarget,
    RestoreAddress,
    ResumeAll,
    ResumeCampaign,
    ResumeTarget,
    UnblockSender,
)
from conversations.core.effects.journey import DropCode, QueueCode, SaveDetails
from conversations.core.effects.letters import (
    AskAboutAnswer,
    CorrectAddress,
    DropAnswerQuestions,
    DropUncertain,
    EndOptIn,
    EraseLetter,
    QueueCopy,
    RecordAction,
    RecordAnswer,
    RetryMailServer,
    RetryUncertain,
    Withdraw,
)
from conversations.model.scheduled import ScheduledKind
from storage import erasure_log
from storage.admin import campaign_modes
from storage.chats import consents, scheduled_messages
from storage.chats.consents import Consent
from storage.crypto import campaign_keys
from storage.mail import answers, blocked_senders, opt_ins
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery import letter_changes, mail_outages, pauses, uncertain
from storage.mail.letters import actions, address_correction, copies
from storage.mail.letters.letter_erasure import erase_letter
from storage.mail.proof import codes, disowning
from storage.schema.encryption import CHAT_DETAILS
from storage.schema.tables import blocked_senders as blocked_table
from storage.schema.tables import chats
from storage.stats.action_details import decrypt_details
from storage.transaction import EffectHandlers, Transaction, require

HANDLERS = EffectHandlers()

_SAVE_DETAILS = update(chats).where(chats.c.person_key == bindparam("person"))


@HANDLERS.handles(QueueCode)
def _queue_code(effect: QueueCode, transaction: Transaction) -> None:
    connection, vault, person = transaction.connection, transaction.vault, transaction.person
    codes.queue(connection, vault, person, effect, transaction.now, transaction.turn_id)


@HANDLERS.handles(DropCode)
def _drop_code(effect: DropCode, transaction: Transaction) -> None:
    codes.drop(transaction.connection, transaction.person.limits)


@HANDLERS.handles(RecordAction)
def _record_action(effect: RecordAction, transaction: Transaction) -> None:
    connection, vault, person = transaction.connection, transaction.vault, transaction.person
    targets = [each.letter.target_id for each in effect.letters]
    require(campaign_modes.lock_if_open(connection, vault, effect.campaign, targets))
    now, turn_id = transaction.now, transaction.turn_id
    transaction.count(actions.record(connection, vault, person, effect, now, turn_id))
    if effect.copies and effect.proved:
        copies.save(connection, vault, effect)


@HANDLERS.handles(Withdraw)
def _withdraw(effect: Withdraw, transaction: Transaction) -> None:
    connection, vault, person = transaction.connection, transaction.vault, transaction.person
    withdrawn = actions.withdraw(connection, vault, person, effect.action)
    if withdrawn is None:
        return
    transaction.count(withdrawn.tallies)
    transaction.erased.append(erasure_log.withdrawn(effect.action))
    if withdrawn.mail:
        scheduled_messages.drop_about(connection, vault, withdrawn.mail)
    if not withdrawn.was_last:  # the consent stands for the letters that have left
        return
    key, language, campaign = withdrawn.key, withdrawn.language, withdrawn.campaign
    refusal = Consent(consents.SEND, False, language, campaign)
    consents.add(connection, vault, key, refusal, now=transaction.now)
    opt_ins.end_all(connection, vault, key, campaign, language, transaction.now)


@HANDLERS.handles(EraseLetter)
def _erase_letter(effect: EraseLetter, transaction: Transaction) -> None:
    connection, vault, person = transaction.connection, transaction.vault, transaction.person
    now = transaction.now
    row = actions.find_own(connection, vault, person, effect.action)
    if row is not None and row.round == 1:  # nobody is asked about a reminder
        scheduled_messages.drop_campaign(connection, vault, person, row.campaign)
    transaction.count(erase_letter(connection, vault, person, effect.action, now=now))


@HANDLERS.handles(EndOptIn)
def _end_opt_in(effect: EndOptIn, transaction: Transaction) -> None:
    connection, vault = transaction.connection, transaction.vault
    keys = campaign_keys.keys_of_person(connection, vault, transaction.person)
    row = consents.find_own(connection, keys, effect.consent)
    if row is None:
        return
    question = consents.question_of(vault, row)
    language, now = effect.language, transaction.now
    own = (row.person_key, row.scope, question)
    transaction.count(opt_ins.end(connection, vault, *own, language=language, now=now))


@HANDLERS.handles(QueueCopy)
def _queue_copy(effect: QueueCopy, transaction: Transaction) -> None:
    connection, vault, person = transaction.connection, transaction.vault, transaction.person
    copies.queue(connection, vault, person, effect, transaction.now, transaction.turn_id)


@HANDLERS.handles(CorrectAddress)
def _correct_address(effect: CorrectAddress, transaction: Transaction) -> None:
    connection, vault, person = transaction.connection, transaction.vault, transaction.person
    address_correction.correct_address(connection, vault, person, effect.action, effect.address)


@HANDLERS.handles(SaveDetails)
def _save_details(effect: SaveDetails, transaction: Transaction) -> None:
    connection, vault, person = transaction.connection, transaction.vault, transaction.person
    found = actions.find_sent(connection, vault, person, effect.action)
    row = next((each for each in found if each.encrypted_details is not None), None)
    if row is None:
        return
    details = decrypt_details(vault, row.action, row.encrypted_details)
    content = orjson.dumps(asdict(details.person))
    encrypted = vault.encrypt(content, CHAT_DETAILS, row=person.chat)
    connection.execute(_SAVE_DETAILS, {"person": person.chat, "encrypted_details": encrypted})
    consent = Consent(consents.REMEMBER, True, effect.language)
    consents.add(connection, vault, person.chat, consent, now=transaction.now)


@HANDLERS.handles(AskAboutAnswer)
def _ask_about_answer(effect: AskAboutAnswer, transaction: Transaction) -> None:
    connection, vault, person = transaction.connection, transaction.vault, transaction.person
    answers.agree(connection, vault, person, effect, transaction.now)


@HANDLERS.handles(DropAnswerQuestions)
def _drop_answer_questions(effect: DropAnswerQuestions, transaction: Transaction) -> None:
    connection, person = transaction.connection, transaction.person
    scheduled_messages.drop(connection, person.scheduled, ScheduledKind.ANSWER)
    transaction.erased.append(erasure_log.unscheduled(person.scheduled))
    refusal = Consent(consents.ANSWER, False, effect.language, "*")
    consents.add(connection, transaction.vault, person.chat, refusal, now=transaction.now)


@HANDLERS.handles(RecordAnswer)
def _record_answer(effect: RecordAnswer, transaction: Transaction) -> None:
    connection, vault = transaction.connection, transaction.vault
    person = transaction.person
    require(answers.find_open(connection, vault, person, effect.message) is not None)
    counted = answers.report(connection, vault, effect, transaction.now)
    require(counted is not None)
    transaction.count(counted or ())


@HANDLERS.handles(RetryMailServer)
def _retry_mail_server(effect: RetryMailServer, transaction: Transaction) -> None:
    mail_outages.retry_now(transaction.connection, now=transaction.now)


@HANDLERS.handles(RetryUncertain)
def _retry_uncertain(effect: RetryUncertain, transaction: Transaction) -> None:
    uncertain.resolve_held(transaction.connection, effect.campaign, again=True, now=transaction.now)


@HANDLERS.handles(DropUncertain)
def _drop_uncertain(effect: DropUncertain, transaction: Transaction) -> None:
    uncertain.resolve_held(
        transaction.connection, effect.campaign, again=False, now=transaction.now
    )


@HANDLERS.handles(PauseAll)
def _pause_all(effect: PauseAll, transaction: Transaction) -> None:
    pauses.pause(transaction.connection, pauses.ALL_SENDING, transaction.now)


@HANDLERS.handles(ResumeAll)
def _resume_all(effect: ResumeAll, transaction: Transaction) -> None:
    pauses.resume(transaction.connection, pauses.ALL_SENDING, transaction.now)


@HANDLERS.handles(PauseCampaign)
def _pause_campaign(effect: PauseCampaign, transaction: Transaction) -> None:
    pauses.pause(transaction.connection, effect.campaign, transaction.now)


@HANDLERS.handles(ResumeCampaign)
def _resume_campaign(effect: ResumeCampaign, transaction: Transaction) -> None:
    pauses.resume(transaction.connection, effect.campaign, transaction.now)


@HANDLERS.handles(CloseCampaign)
def _close_campaign(effect: CloseCampaign, transaction: Transaction) -> None:
    connection, now = transaction.connection, transaction.now
    campaign_modes.close(connection, transaction.vault, effect.campaign)
    if effect.withdraw:
        letter_changes.withdraw(connection, effect.campaign, now=now)
        transaction.erased.append(erasure_log.letters_cancelled(effect.campaign, now))


@HANDLERS.handles(PauseTarget)
def _pause_target(effect: PauseTarget, transaction: Transaction) -> None:
    connection, now = transaction.connection, transaction.now
    campaign_modes.lock_out_sends(connection)
    pauses.pause_target(connection, effect.campaign, effect.target, now)


@HANDLERS.handles(ResumeTarget)
def _resume_target(effect: ResumeTarget, transaction: Transaction) -> None:
    connection, now = transaction.connection, transaction.now
    campaign_modes.lock_out_sends(connection)
    pauses.resume_target(connection, effect.campaign, effect.target, now)


@HANDLERS.handles(ExemptTarget)
def _exempt_target(effect: ExemptTarget, transaction: Transaction) -> None:
    connection, now = transaction.connection, transaction.now
    campaign, target = effect.campaign, effect.target
    campaign_modes.exempt(connection, transaction.vault, campaign, target)
    if effect.withdraw:
        letter_changes.withdraw(connection, campaign, target, now=now)
        transaction.erased.append(erasure_log.letters_cancelled(campaign, now, target))


@HANDLERS.handles(EndExemption)
def _end_exemption(effect: EndExemption, transaction: Transaction) -> None:
    connection, vault = transaction.connection, transaction.vault
    campaign_modes.end_exemption(connection, vault, effect.campaign, effect.target)


@HANDLERS.handles(BlockSender)
def _block_sender(effect: BlockSender, transaction: Transaction) -> None:
    connection, vault = transaction.connection, transaction.vault
    acted = blocked_senders.block(connection, vault, effect, now=transaction.now)
    own = blocked_table.c.person_key == bytes.fromhex(effect.person)
    row = connection.execute(select(blocked_table).where(own)).one()
    transaction.erased.append(erasure_log.blocked(row, acted))


@HANDLERS.handles(UnblockSender)
def _unblock_sender(effect: UnblockSender, transaction: Transaction) -> None:
    blocked_senders.unblock(transaction.connection, effect.person)
    transaction.erased.append(erasure_log.unblocked(bytes.fromhex(effect.person)))


@HANDLERS.handles(RestoreAddress)
def _restore_address(effect: RestoreAddress, transaction: Transaction) -> None:
    address = AddressKeys.of(transaction.vault, effect.address)
    disowning.restore(transaction.connection, transaction.vault, address, transaction.now)
