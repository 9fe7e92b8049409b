"""Questions whether a letter was answered: agreeing to one, and what is known without asking."""

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from conversations.core.effects.letters import AskAboutAnswer, RecordAnswer
from conversations.model.scheduled import AnswerKind, AskedAbout, ScheduledKind, real_answer
from storage.chats import consents, scheduled_messages
from storage.chats.consents import Consent
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import DecryptionError, Vault
from storage.engine.rounding import day_of
from storage.mail.letters import actions
from storage.schema.tables import outbox as mails
from storage.schema.tables import scheduled_messages as table
from storage.schema.tally import Tally
from storage.stats import answers, tallies

_ASKED_AT = timedelta(hours=12)
"""The time of day, in UTC, at which people are asked."""


def agree(
    connection: Connection,
    vault: Vault,
    person: PersonKeys,
    effect: AskAboutAnswer,
    now: datetime,
) -> None:
    """Record whether a person may be asked about a letter, and schedule the question."""
    row = actions.find_own(connection, vault, person, effect.action)
    if row is None:
        return
    query = select(mails.c.mail).where(mails.c.action == effect.action)
    mail = connection.execute(query).scalar_one_or_none()
    if mail is None:
        return
    scheduled_messages.drop_campaign(connection, vault, person, row.campaign)
    consent = Consent(consents.ANSWER, effect.given, effect.language, row.campaign)
    consents.add(connection, vault, person.chat, consent, now=now)
    if not effect.given:
        return
    content = {
        "language": effect.language,
        "campaign": row.campaign,
        "target": effect.target,
        "mail": mail,
        "sent_on": row.at.date().isoformat(),
        "names_target": effect.names_target,
    }
    due = day_of(now) + timedelta(days=effect.days) + _ASKED_AT
    kind = ScheduledKind.ANSWER
    scheduled_messages.add(connection, vault, person, kind, content, due=due, mail=mail)


def find_open(
    connection: Connection, vault: Vault, person: PersonKeys, message: str
) -> AskedAbout | None:
    """Return what this person was asked about; None if there is no question left to answer."""
    mine = (table.c.message == message, table.c.person_key == person.scheduled)
    row = connection.execute(select(table).where(*mine, table.c.asked.is_not(None))).one_or_none()
    if row is None:
        return None
    content = scheduled_messages.read(vault, row)
    return AskedAbout(content["campaign"], content["target"])


def report(
    connection: Connection, vault: Vault, effect: RecordAnswer, now: datetime
) -> list[Tally] | None:
    """Count what a person said, and delete the question; None if it is gone."""
    query = select(table).where(table.c.message == effect.message).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    content = scheduled_messages.read(vault, row)
    connection.execute(delete(table).where(table.c.message == effect.message))
    kind = effect.kind
    if kind is AnswerKind.REAL:
        kind = real_answer((now.date() - date.fromisoformat(content["sent_on"])).days)
    return answers.record(connection, content["campaign"], content["target"], kind, now)


def hear_automatic(connection: Connection, vault: Vault, mail: str) -> None:
    """Note that a program answered a letter. A person may still answer until the question."""
    mine = table.c.mail_key == scheduled_messages.mail_key(vault, mail)
    connection.execute(update(table).where(mine).values(heard=AnswerKind.AUTOMATIC.value))


def hear_real(connection: Connection, vault: Vault, mail: str, now: datetime) -> None:
    """Count that a person answered a letter; its writer is no longer asked."""
    mine = table.c.mail_key == scheduled_messages.mail_key(vault, mail)
    row = connection.execute(select(table).where(mine).with_for_update()).one_or_none()
    if row is None:
        return
    connection.execute(delete(table).where(mine))
    try:
        content = scheduled_messages.read(vault, row)
    except DecryptionError:
        return  # a damaged row must not keep the answer from its reader
    kind = real_answer((now.date() - date.fromisoformat(content["sent_on"])).days)
    counted = answers.record(connection, content["campaign"], content["target"], kind, now)
    tallies.add(connection, counted)


def campaigns_asked_about(
    connection: Connection, vault: Vault, person: PersonKeys
) -> tuple[str, ...]:
    """Return the campaigns of letters about which a person is asked."""
    own = (table.c.person_key == person.scheduled, table.c.kind == ScheduledKind.ANSWER.value)
    rows = connection.execute(select(table).where(*own)).all()
    return tuple(sorted(scheduled_messages.read(vault, row)["campaign"] for row in rows))
