"""Record and end consents that a campaign asks for beside the letter, such as to be called."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select, update

from conversations.core.effects.letters import RecordAction
from conversations.model.campaigns.campaign_questions import NO, YES
from conversations.model.stats.figures import Figure, own_answer_value
from storage import erasure_log
from storage.chats import consents
from storage.chats.consents import Consent
from storage.crypto.vault import Vault
from storage.schema.tables import actions
from storage.schema.tally import Tally
from storage.stats import tallies
from storage.stats.action_details import decrypt_details, encrypt_details


def record(
    connection: Connection, vault: Vault, key: bytes, effect: RecordAction, now: datetime
) -> None:
    """Record each consent or refusal that was given with the letter."""
    for each in effect.own:
        if each.consent:
            given = Consent(
                consents.OPT_IN,
                each.value == YES,
                effect.language,
                effect.campaign,
                version=effect.consent.version,
                notice_digest=effect.consent.notice_digest,
                question=each.question,
            )
            consents.add(connection, vault, key, given, now=now)


def end_all(
    connection: Connection, vault: Vault, key: bytes, campaign: str, language: str, now: datetime
) -> None:
    """Record the refusal of all that a person agreed to with a letter that is withdrawn."""
    for question in consents.opt_ins(connection, vault, key, campaign):
        refusal = Consent(consents.OPT_IN, False, language, campaign, question=question)
        consents.add(connection, vault, key, refusal, now=now)


def end(
    connection: Connection,
    vault: Vault,
    key: bytes,
    campaign: str,
    question: str,
    *,
    language: str,
    now: datetime,
) -> list[Tally]:
    """Record that a person took back a consent; return the changes of figures."""
    refusal = Consent(consents.OPT_IN, False, language, campaign, question=question)
    consents.add(connection, vault, key, refusal, now=now)
    erasure_log.add(connection, vault, [erasure_log.opt_in_ended(key, campaign, question)], now)
    return forget(connection, vault, key, campaign, question)


def forget(
    connection: Connection, vault: Vault, key: bytes, campaign: str, question: str
) -> list[Tally]:
    """Replace a yes by a no in what is stored of the person's letters in a campaign.

    A record that waits, encrypted, for the organisation's archive cannot be changed: it is deleted.
    Returns the changes of figures.
    """
    own = (actions.c.person_key == key, actions.c.campaign == campaign)
    archived = update(actions).where(*own, actions.c.sealed.is_not(None))
    connection.execute(archived.values(sealed=None))
    changes: list[Tally] = []
    stored = select(actions).where(*own, actions.c.encrypted_details.is_not(None))
    for row in connection.execute(stored.with_for_update()).all():
        saved = decrypt_details(vault, row.action, row.encrypted_details)
        answers = tuple(
            replace(each, value=NO) if each.question == question and each.value == YES else each
            for each in saved.own
        )
        if answers == saved.own:
            continue
        changed = encrypt_details(vault, row.action, replace(saved, own=answers))
        this = update(actions).where(actions.c.action == row.action)
        connection.execute(this.values(encrypted_details=changed))
        if not row.test:
            changes += [
                Tally(
                    campaign,
                    Figure.OWN_ANSWER,
                    tallies.day(row.at),
                    own_answer_value(question, to),
                    by,
                )
                for to, by in ((YES, -1), (NO, 1))
            ]
    return changes
