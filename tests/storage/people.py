"""Maria and Ahmed, and what they do, as storage sees it."""

import secrets
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from conversations.core.effects import Effect
from conversations.core.effects.journey import QueueCode
from conversations.core.effects.letters import Consent, LetterToSend, RecordAction
from conversations.core.events import TextSent
from conversations.core.fact_requests import AddressInUse
from conversations.core.facts import AddressFacts, CodeCheck, CodeWait, Facts
from conversations.model.journey import Answers, Journey, Step
from conversations.model.letters.letter import Letter
from conversations.text.html import Html
from conversations.text.typed.codes import read_code
from storage import apply_effects, load_facts
from storage.admin import campaign_modes
from storage.admin.roster import Standing
from storage.chats import chats
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.load_facts import TelegramProfile
from storage.mail.address_keys import AddressKeys
from storage.mail.proof import code_limits, codes
from storage.mail.proof.code_limits import CodeLimits

NOW = datetime(2019, 6, 21, 14, 2, tzinfo=UTC)
MARIA, AHMED = 1001, 1002
LIMITS = CodeLimits(per_domain=100, in_total=1000)
HELLO = TextSent("hello")


def at_the_code(address: str = "maria@mail.example") -> Journey:
    return Journey(
        id="a" * 32,
        language="en",
        turn=7,
        asked=7,
        step=Step.CODE,
        campaign="river",
        answers=Answers(name="Maria Silva", country="PT", address=address),
    )


def code(digits: str = "48210937", address: str = "maria@mail.example") -> QueueCode:
    return QueueCode(
        "river", "River Friends", address, digits, "en", f"{digits} is your code", "Hello"
    )


def letter(address: str = "maria@mail.example") -> Letter:
    return Letter(
        subject="The river",
        body="Let it flow.",
        language="en",
        target_id="ministry",
        target_name="Minister",
        target_address="minister@gov.example",
        sender_name="Maria Silva",
        sender_address=address,
        sender_country="PT",
        reply_name="Maria Silva",
        reply_address=address,
        identity="relay",
    )


def sends(
    action: str = "1" * 32, *, address: str = "maria@mail.example", undo_seconds: int = 30
) -> RecordAction:
    consent = Consent("version", Html("The notice."), "notice-digest", letter(address).digest, "en")
    return RecordAction(
        action=action,
        campaign="river",
        source="poster",
        language="en",
        letter=letter(address),
        consent=consent,
        message_token="5" * 32,
        undo_seconds=undo_seconds,
        proved=True,
        keep_until=date(2019, 9, 30),
    )


def acts(
    connection: Connection,
    vault: Vault,
    chat: int,
    *done: Effect,
    journey: Journey | None = None,
    now: datetime = NOW,
) -> None:
    person = PersonKeys(vault, chat)
    chats.lock(connection, person.chat)
    chats.save(connection, vault, person, journey or at_the_code(), now)
    apply_effects.apply(connection, vault, person, done, now=now)


def queues(
    connection: Connection,
    vault: Vault,
    number: int,
    now: datetime,
    body: str = "Let it flow.",
    targets: int = 1,
) -> None:
    """Let the `number`-th of many supporters queue letters to some targets, due at once."""
    address = f"w{number}@mail.example"
    own = replace(letter(address), body=body)
    others = (
        LetterToSend(
            secrets.token_hex(16), replace(own, target_id=f"t{each}"), secrets.token_hex(16)
        )
        for each in range(1, targets)
    )
    effect = replace(
        sends(secrets.token_hex(16), address=address, undo_seconds=0),
        letter=own,
        others=tuple(others),
        message_token=secrets.token_hex(16),
        keep_until=now.date() + timedelta(days=90),
    )
    acts(connection, vault, 7_100_000_001 + number, effect, now=now)


def known(
    connection: Connection,
    vault: Vault,
    chat: int,
) -> Facts:
    person = PersonKeys(vault, chat)
    return load_facts.load(
        connection,
        vault,
        person,
        chats.find(connection, vault, person),
        profile=TelegramProfile("Maria", "en"),
        modes=campaign_modes.load(connection, vault),
        standing=Standing(),
    )


def known_of(
    connection: Connection, vault: Vault, chat: int, address: str = "maria@mail.example"
) -> AddressFacts:
    """Return what is known of the address that this supporter gives."""
    request = AddressInUse(address, at_the_code().campaign)
    return load_facts.load_address(connection, vault, PersonKeys(vault, chat), request)


def next_code_for(
    connection: Connection,
    vault: Vault,
    chat: int,
    address: str,
    *,
    limits: CodeLimits = LIMITS,
    now: datetime = NOW,
) -> CodeWait:
    """Return when this supporter may have a code mailed to an address."""
    person, key = PersonKeys(vault, chat).limits, AddressKeys.of(vault, address).code
    domain = code_limits.domain_key(vault, address)
    return code_limits.wait_for_code(connection, person, key, domain, limits, now)


def types_code(
    connection: Connection,
    vault: Vault,
    chat: int,
    text: str,
    *,
    address: str,
    now: datetime,
) -> CodeCheck:
    """Return the verdict on the code in `text`, which this supporter types for `address`."""
    person, key = PersonKeys(vault, chat).limits, AddressKeys.of(vault, address).code
    return codes.check(connection, vault, person, key, read_code(text), now)


def after(**time: float) -> datetime:
    return NOW + timedelta(**time)
