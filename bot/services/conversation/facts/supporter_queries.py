"""Queries for facts about the person whose event is answered: one for each request."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from bot.services.conversation.facts.fact_sources import Asker, FactSources, Queries
from conversations.core.fact_requests import (
    AddressInUse,
    ClearedLetter,
    CodeAttempt,
    LastSlots,
    MayRemind,
    NamedSources,
    NextCode,
)
from conversations.core.facts import AddressFacts, ClearedAction, CodeCheck, CodeWait
from conversations.core.notices import NoticeById
from conversations.journey.after_letter.answers import OpenAnswerQuestion
from conversations.journey.personal_data.held_records import HeldRecords, OwnRecords
from conversations.model.broadcast import Broadcast
from conversations.model.scheduled import AskedAbout
from storage import held_records, load_facts
from storage.admin import link_sources
from storage.broadcasts import content
from storage.erasure import clearing
from storage.mail import answers
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery import pace_slots
from storage.mail.letters import reminder_letters
from storage.mail.proof import code_limits, codes


def address_in_use(
    sources: FactSources, connection: Connection, asker: Asker, request: AddressInUse
) -> AddressFacts:
    """Return what the tables say of an address that the person gave."""
    return load_facts.load_address(connection, sources.vault, asker.person, request)


def next_code(
    sources: FactSources, connection: Connection, asker: Asker, request: NextCode
) -> CodeWait:
    """Return when the person may have a code mailed to an address."""
    return code_limits.wait_for_code(
        connection,
        asker.person.limits,
        AddressKeys.of(sources.vault, request.address).code,
        code_limits.domain_key(sources.vault, request.address),
        sources.code_limits,
        asker.now,
    )


def code_attempt(
    sources: FactSources, connection: Connection, asker: Asker, request: CodeAttempt
) -> CodeCheck:
    """Check a code. This counts the attempt, and uses the code up if it is right."""
    key = AddressKeys.of(sources.vault, request.address).code
    return codes.check(connection, sources.vault, asker.person.limits, key, request.code, asker.now)


def last_slots(
    sources: FactSources, connection: Connection, asker: Asker, request: LastSlots
) -> Mapping[str, datetime]:
    """Return when the last letter leaves that waits for each target."""
    return pace_slots.last_slots(connection, request.campaign, request.targets)


def cleared_letter(
    sources: FactSources, connection: Connection, asker: Asker, request: ClearedLetter
) -> ClearedAction | None:
    """Return the person's letter in a campaign, if its discreet chat was cleared."""
    return clearing.cleared_letter(connection, sources.vault, asker.person, request)


def named_sources(
    sources: FactSources, connection: Connection, asker: Asker, request: NamedSources
) -> tuple[str, ...]:
    """Return the link sources that admins named for a campaign."""
    return link_sources.names(connection, request.campaign)


def own_records(
    sources: FactSources, connection: Connection, asker: Asker, request: OwnRecords
) -> HeldRecords:
    """Return which records about the person are stored."""
    return held_records.load(connection, sources.vault, asker.person)


def open_answer_question(
    sources: FactSources, connection: Connection, asker: Asker, request: OpenAnswerQuestion
) -> AskedAbout | None:
    """Return the letter about which the person has a question to answer."""
    return answers.find_open(connection, sources.vault, asker.person, request.message)


def may_remind(
    sources: FactSources, connection: Connection, asker: Asker, request: MayRemind
) -> bool:
    """Return whether the person may send a target a reminder."""
    return reminder_letters.may_remind(connection, sources.vault, asker.person, request)


def notice_by_id(
    sources: FactSources, connection: Connection, asker: Asker, request: NoticeById
) -> Broadcast | None:
    """Return a notice that was sent."""
    return content.find_notice(connection, sources.vault, request.id)


QUERIES: Queries = {
    AddressInUse: address_in_use,
    ClearedLetter: cleared_letter,
    CodeAttempt: code_attempt,
    LastSlots: last_slots,
    MayRemind: may_remind,
    NamedSources: named_sources,
    NextCode: next_code,
    NoticeById: notice_by_id,
    OpenAnswerQuestion: open_answer_question,
    OwnRecords: own_records,
}
"""The query for each request."""
