"""Loads the facts that every event needs, in the transaction of its answer, with few queries."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Connection,
    Label,
    String,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    text,
    union_all,
)

from conversations.core.fact_requests import AddressInUse
from conversations.core.facts import AddressFacts, Facts
from conversations.journey.my_data import HeldRecords
from conversations.model.roles import Role
from storage.broadcasts import recipients
from storage.chats import chats
from storage.chats.chats import SavedChat
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.mail import actions, code_limits
from storage.mail.address_keys import address_key
from storage.mail.code_limits import CodeLimits
from storage.schema.tables import (
    LIVE,
    audit,
    blocked_senders,
    broadcasts,
    campaigns,
    consents,
    counters,
    digests,
    disowned_addresses,
    outbox,
    subscriptions,
)
from storage.schema.tables import actions as acted
from storage.schema.tables import chats as people
from storage.schema.tables import codes as sent_codes


def _fact(name: str) -> Label[str]:
    return literal_column(f"'{name}'", String).label("fact")


_NO_NAME = literal_column("''", String)
_NO_NUMBER = literal_column("0", BigInteger)

_OF_PERSON = (
    select(
        _fact("subscribed"), subscriptions.c.scope.label("name"), _NO_NUMBER.label("number")
    ).where(subscriptions.c.person_key == bindparam("subscriber")),
    select(_fact("blocked"), _NO_NAME, _NO_NUMBER).where(
        blocked_senders.c.person_key == bindparam("limited")
    ),
    select(_fact("acted"), _NO_NAME, _NO_NUMBER).where(acted.c.person_key == bindparam("person")),
)
"""The scopes that the person subscribed to, whether an admin blocked the person, and whether there
are actions of the person: most people write once, so their actions are rarely read.
"""

_OF_CAMPAIGNS = (
    select(_fact("accepted"), counters.c.campaign, counters.c.accepted),
    select(_fact("unconfirmed"), campaigns.c.slug, _NO_NUMBER).where(
        campaigns.c.live_since.is_(None)
    ),
    select(_fact("closed"), campaigns.c.slug, _NO_NUMBER).where(
        campaigns.c.closed_since.is_not(None)
    ),
)
"""Of each campaign, the accepted letters, whether it is in test mode, and whether it is closed."""

_OF_ADDRESS = (
    select(_fact("taken"), _NO_NAME, _NO_NUMBER).where(
        acted.c.campaign == bindparam("in"),
        acted.c.address_key == bindparam("address"),
        acted.c.person_key != bindparam("person"),
        text(LIVE),
    ),
    select(_fact("disowned"), _NO_NAME, _NO_NUMBER).where(
        disowned_addresses.c.address_key == bindparam("address")
    ),
)
"""Whether another person acted with the address, and whether its owner disowned it."""

_RECORDS = union_all(
    *(
        select(_fact(name), _NO_NAME.label("about"), _NO_NAME.label("value")).where(
            exists().where(table.c.person_key == bindparam(key))
        )
        for name, table, key in (
            ("choices", consents, "person"),
            ("codes", sent_codes, "limited"),
            ("written", broadcasts, "member"),
            ("digest", digests, "member"),
            ("logged", audit, "member"),
        )
    ),
    select(_fact("text"), outbox.c.action, _NO_NAME).where(
        outbox.c.person_key == bindparam("person"),
        outbox.c.action.is_not(None),
        or_(outbox.c.encrypted_content.is_not(None), outbox.c.encrypted_message.is_not(None)),
    ),
    select(_fact("source"), acted.c.action, acted.c.source).where(
        acted.c.person_key == bindparam("person")
    ),
    select(_fact("zone"), _NO_NAME, people.c.zone).where(
        people.c.person_key == bindparam("person")
    ),
)
"""Which records about the person there are: letters by action, the rest by kind."""

_PERSON_AND_CAMPAIGNS = union_all(*_OF_PERSON, *_OF_CAMPAIGNS)
_ADDRESS = union_all(*_OF_ADDRESS)


@dataclass(frozen=True)
class TelegramProfile:
    """What Telegram says of a person."""

    name: str
    """First and last name."""

    language: str
    """The language of the person's Telegram, as an IETF tag; "" if it is unknown."""


def load(
    connection: Connection,
    vault: Vault,
    person: PersonKeys,
    chat: SavedChat | None,
    *,
    profile: TelegramProfile,
    role: Role | None = None,
) -> Facts:
    """Return what every answer depends on. `chat` is None for a new person."""
    rows = connection.execute(_PERSON_AND_CAMPAIGNS, _parameters(person)).all()
    has_acted = any(each.fact == "acted" for each in rows)
    done = actions.find_all(connection, vault, person.chat) if has_acted else ()
    return Facts(
        profile_name=profile.name,
        profile_language=profile.language,
        language=chat.language if chat else "",
        details=chats.details(vault, chat) if chat else None,
        acted={each.campaign: each for each in done if not each.test},
        tried=tuple(each for each in done if each.test),
        unconfirmed=frozenset(each.name for each in rows if each.fact == "unconfirmed"),
        closed=frozenset(each.name for each in rows if each.fact == "closed"),
        subscriptions=frozenset(each.name for each in rows if each.fact == "subscribed"),
        accepted={each.name: each.number for each in rows if each.fact == "accepted"},
        sender_blocked=any(each.fact == "blocked" for each in rows),
        role=role,
        member_id=person.staff.hex(),
    )


def load_records(connection: Connection, person: PersonKeys) -> HeldRecords:
    """Return which other records about a person are stored."""
    rows = connection.execute(_RECORDS, _parameters(person)).all()
    found = frozenset(each.fact for each in rows)
    return HeldRecords(
        choices="choices" in found,
        codes="codes" in found,
        texts=frozenset(each.about for each in rows if each.fact == "text"),
        sources={each.about: each.value for each in rows if each.fact == "source"},
        received=recipients.is_recipient(connection, person.subscriptions),
        written="written" in found,
        digest="digest" in found,
        logged="logged" in found,
        zone=next((each.value for each in rows if each.fact == "zone"), ""),
    )


def load_address(
    connection: Connection,
    vault: Vault,
    person: PersonKeys,
    request: AddressInUse,
    *,
    limits: CodeLimits,
    now: datetime,
) -> AddressFacts:
    """Return what is stored about the address that a person gives for a campaign."""
    key = address_key(vault, request.address)
    values = {"person": person.chat, "in": request.campaign, "address": key}
    found = frozenset(each.fact for each in connection.execute(_ADDRESS, values))
    domain = code_limits.domain_key(vault, request.address)
    wait = code_limits.wait_for_code(connection, person.limits, key, domain, limits, now)
    return AddressFacts(
        "taken" in found, "disowned" in found, wait.seconds, wait.pending, wait.busy
    )


def _parameters(person: PersonKeys) -> dict[str, bytes]:
    """Return the keys by which statements find rows of a person."""
    return {
        "person": person.chat,
        "subscriber": person.subscriptions,
        "member": person.staff,
        "limited": person.limits,
    }
