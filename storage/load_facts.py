"""Loads the facts that every event needs, in the transaction of its answer, with few queries."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Connection,
    Label,
    String,
    and_,
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
from conversations.journey.personal_data.held_records import HeldRecords
from conversations.model.stats.figures import Figure
from conversations.model.stats.funnel import FunnelStage
from storage.admin.campaign_modes import Modes
from storage.admin.roster import Standing
from storage.broadcasts.recipients import listing
from storage.chats import chats, preferences
from storage.chats.chats import SavedChat
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.columns import is_among, numbered
from storage.mail import blocked_senders as blocked_senders_
from storage.mail.address_keys import AddressKeys
from storage.mail.letters import actions
from storage.schema.tables import (
    LIVE,
    audit,
    blocked_senders,
    broadcasts,
    counters,
    digests,
    disowned_addresses,
    outbox,
    subscriptions,
    tallies,
)
from storage.schema.tables import actions as acted
from storage.schema.tables import codes as sent_codes
from storage.stats.action_details import decrypt_details
from storage.stats.tallies import ALL_DAYS


def _fact(name: str) -> Label[str]:
    return literal_column(f"'{name}'", String).label("fact")


_NO_NAME = literal_column("''", String)
_NO_NUMBER = literal_column("0", BigInteger)

_ACTED = acted.c.person_key.in_(bindparam("keys", expanding=True))
_OF_PERSON = (
    select(
        _fact("subscribed"), subscriptions.c.scope.label("name"), _NO_NUMBER.label("number")
    ).where(subscriptions.c.person_key == bindparam("subscriber")),
    select(_fact("blocking"), _NO_NAME, _NO_NUMBER).where(
        exists().where(blocked_senders.c.campaign.is_not(None))
    ),
)
"""The scopes that the person subscribed to, and whether admins blocked anybody."""

_OF_CAMPAIGNS = select(_fact("accepted"), counters.c.campaign, counters.c.accepted)
"""The accepted letters of each campaign."""

_PEOPLE = select(_fact("people"), tallies.c.campaign, tallies.c.count).join_from(
    counters,
    tallies,
    and_(
        tallies.c.campaign == counters.c.campaign,
        tallies.c.figure == Figure.STEP.value,
        tallies.c.day == ALL_DAYS,
        tallies.c.value == FunnelStage.ACCEPTED.value,
    ),
)
"""Of how many people at least one letter was accepted, by campaign."""

_OF_ADDRESS = (
    select(_fact("taken"), _NO_NAME, _NO_NUMBER).where(
        acted.c.campaign == bindparam("in"),
        acted.c.address_key == bindparam("address"),
        ~is_among(acted.c.person_key, "mine", 2),
        text(LIVE),
    ),
    select(_fact("disowned"), _NO_NAME, _NO_NUMBER).where(
        disowned_addresses.c.address_key == bindparam("disowned")
    ),
)
"""Whether another person acted with the address, and whether its owner disowned it."""

_RECORDS = union_all(
    *(
        select(_fact(name), _NO_NAME.label("about"), _NO_NAME.label("value")).where(
            exists().where(column == bindparam(key))
        )
        for name, column, key in (
            ("written", broadcasts.c.person_key, "member"),
            ("digest", digests.c.person_key, "member"),
            ("logged", audit.c.staff_key, "member"),
        )
    ),
    select(_fact("codes"), _NO_NAME, _NO_NAME).where(
        exists().where(sent_codes.c.person_key == bindparam("limited"), ~sent_codes.c.cleared)
    ),
    select(_fact("text"), outbox.c.action, _NO_NAME).where(
        outbox.c.action.in_(select(acted.c.action).where(_ACTED)),
        or_(outbox.c.encrypted_content.is_not(None), outbox.c.encrypted_message.is_not(None)),
    ),
)
"""Which records about the person there are: letters by action, the rest by kind."""

_ADDRESS = union_all(*_OF_ADDRESS)


@cache
def _person_and_campaigns(campaigns: int) -> CompoundSelect[Any]:
    """Return the statement for a person with keys in so many campaigns.

    It also says whether there are actions of the person: most people write once, so their actions
    are rarely read.
    """
    is_own = is_among(acted.c.person_key, "key", campaigns)
    has_acted = select(_fact("acted"), _NO_NAME, _NO_NUMBER).where(is_own)
    return union_all(*_OF_PERSON, has_acted, _OF_CAMPAIGNS, _PEOPLE)


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
    modes: Modes,
    standing: Standing,
) -> Facts:
    """Return what every answer depends on. `chat` is None for a new person."""
    keys = campaign_keys.keys_of_person(connection, vault, person)
    parameters = {**numbered("key", keys), "subscriber": person.subscriptions}
    rows = connection.execute(_person_and_campaigns(len(keys)), parameters).all()
    has_acted = any(each.fact == "acted" for each in rows)
    done = actions.find_all(connection, vault, keys) if has_acted else ()
    blocking = any(each.fact == "blocking" for each in rows)
    return Facts(
        profile_name=profile.name,
        profile_language=profile.language,
        language=chat.language if chat else "",
        details=chats.details(vault, chat) if chat else None,
        acted={each.campaign: each for each in done if not each.test and each.round == 1},
        reminded=tuple(each for each in done if not each.test and each.round > 1),
        tried=tuple(each for each in done if each.test),
        unconfirmed=modes.unconfirmed(),
        closed=modes.closed(),
        exempt=modes.exempt(),
        modes_unknown=modes.is_refused,
        subscriptions=frozenset(each.name for each in rows if each.fact == "subscribed"),
        accepted={each.name: each.number for each in rows if each.fact == "accepted"},
        people={each.name: each.number for each in rows if each.fact == "people"},
        sender_blocked=blocking and blocked_senders_.is_blocked(connection, person),
        role=standing.role,
        lapsed_role=standing.lapsed,
        member_id=person.staff.hex(),
    )


def load_records(connection: Connection, vault: Vault, person: PersonKeys) -> HeldRecords:
    """Return which other records about a person are stored."""
    keys = campaign_keys.keys_of_person(connection, vault, person)
    parameters = {
        "member": person.staff,
        "limited": person.limits,
        "keys": keys,
    }
    rows = connection.execute(_RECORDS, parameters).all()
    done = connection.execute(select(acted).where(_ACTED), {"keys": keys}).all()
    found = frozenset(each.fact for each in rows)
    return HeldRecords(
        codes="codes" in found,
        texts=frozenset(each.about for each in rows if each.fact == "text"),
        sources={
            row.action: decrypt_details(vault, row.action, row.encrypted_details).source
            for row in done
            if row.encrypted_details is not None
        },
        received=listing.is_recipient(connection, person.subscriptions),
        written="written" in found,
        digest="digest" in found,
        logged="logged" in found,
        zone=preferences.find(connection, vault, person).zone,
    )


def load_address(
    connection: Connection, vault: Vault, person: PersonKeys, request: AddressInUse
) -> AddressFacts:
    """Return what is stored about the address that a person gives for a campaign."""
    address = AddressKeys.of(vault, request.address)
    campaign_key = campaign_keys.find_all(connection, vault).get(request.campaign, b"")
    values = {
        "in": request.campaign,
        **numbered("mine", (person.action(campaign_key), person.cleared_action(campaign_key))),
        "address": address.action(campaign_key),
        "disowned": address.disowned,
    }
    found = frozenset(each.fact for each in connection.execute(_ADDRESS, values))
    return AddressFacts("taken" in found, "disowned" in found)
