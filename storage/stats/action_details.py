"""What is encrypted of an action: who acted, in which language, from which link, and its number."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import Row

from conversations.core.effects.letters import RecordAction
from conversations.core.facts import Details
from conversations.model.campaigns.campaign_questions import COUNTED, GivenAnswer
from conversations.model.stats.figures import own_answer_value
from storage.crypto.vault import Vault
from storage.schema.encryption import ACTION_DETAILS, ACTION_NUMBER
from storage.stats.tallies import CountedAction


@dataclass(frozen=True, slots=True)
class ActionDetails:
    """What is encrypted of an action."""

    person: Details
    language: str
    """Language tag of the conversation."""

    source: str
    """Source of the supporter's link."""

    hides_address: bool = False
    """Whether the target does not see the address."""

    clear_after: int = 0
    """How many hours after the letter was sent its discreet chat is cleared; 0 if not discreet."""

    has_own_words: bool = False
    """Whether the letter has words of its writer's own."""

    own: tuple[GivenAnswer, ...] = ()
    """The answers to the campaign's own questions."""

    @classmethod
    def of(cls, effect: RecordAction) -> "ActionDetails":
        """Return the details of the action that `effect` records."""
        letter = effect.letter
        return cls(
            Details(
                letter.sender_name, letter.sender_country, letter.sender_address, effect.proved
            ),
            effect.language,
            effect.source,
            letter.hides_address,
            effect.clear_after,
            effect.has_own_words,
            effect.own,
        )


def decrypt_details(vault: Vault, action: str, encrypted: bytes) -> ActionDetails:
    """Return the details of an action."""
    saved = orjson.loads(vault.decrypt(encrypted, ACTION_DETAILS, row=action.encode()))
    own = tuple(GivenAnswer(**each) for each in saved.pop("own", ()))
    return ActionDetails(**{**saved, "person": Details(**saved["person"]), "own": own})


def decrypt_number(vault: Vault, action: str, encrypted: bytes | None) -> int | None:
    """Return the number of an action's accepted letter in its campaign; None if it has none."""
    if encrypted is None:
        return None
    return int(vault.decrypt(encrypted, ACTION_NUMBER, row=action.encode()))


def encrypt_details(vault: Vault, action: str, details: ActionDetails) -> bytes:
    """Return the encrypted details of an action."""
    content = orjson.dumps(asdict(details))
    return vault.encrypt(content, ACTION_DETAILS, row=action.encode())


def counted_action(row: Row[Any], details: ActionDetails) -> CountedAction:
    """Return what the figures count of the action in `row`."""
    return CountedAction(
        row.campaign,
        details.person.country,
        details.language,
        details.source,
        row.at,
        details.has_own_words,
        counted_answers(details.own),
        row.leads,
    )


def counted_answers(own: Iterable[GivenAnswer]) -> tuple[str, ...]:
    """Return the answers that the figures count, as they are counted."""
    return tuple(
        own_answer_value(each.question, each.value) for each in own if each.kind in COUNTED
    )
