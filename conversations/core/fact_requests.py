"""Facts that only some events need: a handler asks for one, and its caller loads the answer.

    members = context.fact(TeamMembers())

Most facts are loaded at once, in the transaction of the answer. For one that takes longer,
`Context.fact` raises FactMissing: the update handler loads the fact while no transaction waits, and
runs the handler again. Handlers are pure, so a second run is harmless. Each request is declared
next to the handlers that need it; those that several packages need are here.
`bot.services.conversation.facts.fact_loader` knows how each one is loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from conversations.core.facts import AddressFacts, ClearedAction, CodeCheck, CodeWait
from conversations.model.roles import Member
from conversations.text.countries import CountryMatches

T = TypeVar("T")


class Fact(Generic[T]):
    """A request for a fact whose answer is a `T`. Subclasses are frozen dataclasses."""


class FactMissing(Exception):
    """A handler needs a fact that must be loaded before its transaction."""

    def __init__(self, request: Fact[Any]) -> None:
        """Ask for `request`."""
        super().__init__(type(request).__name__)
        self.request = request


class LoadedFacts(dict[Fact[Any], Any]):
    """The facts of one answer, by their requests. A subclass may load those that are not there."""

    def __missing__(self, request: Fact[Any]) -> Any:
        """Raise FactMissing."""
        raise FactMissing(request)


@dataclass(frozen=True)
class StaffHandlers(Fact[bool]):
    """That what answers people with a role is loaded.

    It is a third of `conversations`, which supporters never need. Loading it would hold up a
    transaction for a tenth of a second.
    """


@dataclass(frozen=True)
class CountriesMatching(Fact[CountryMatches]):
    """The countries that a typed text may mean."""

    text: str

    exactly: bool = False
    """Whether misspelled names are left out."""


@dataclass(frozen=True)
class DomainAcceptsMail(Fact[bool | None]):
    """Whether a domain accepts mail; None if DNS didn't answer in time, which blocks nobody."""

    domain: str


@dataclass(frozen=True)
class AddressInUse(Fact[AddressFacts]):
    """What is stored about the email address that a supporter gives for a campaign."""

    address: str
    """The canonical form of the address."""

    campaign: str
    """The campaign's slug."""


@dataclass(frozen=True)
class NextCode(Fact[CodeWait]):
    """When the person may have a code mailed to an address. Others who ask wait for the answer."""

    address: str
    """The canonical form of the address."""


@dataclass(frozen=True)
class ClearedLetter(Fact[ClearedAction | None]):
    """The person's letter in a campaign, if it was sent in a discreet chat that was cleared since.

    Only asked for a person who proved an address, since nobody else may read the answer.
    """

    campaign: str
    """The campaign's slug."""


@dataclass(frozen=True)
class MayRemind(Fact[bool]):
    """Whether the person wrote to a target, and has not sent it a reminder yet."""

    campaign: str
    """The campaign's slug."""

    target: str
    """The target's id."""


@dataclass(frozen=True)
class CodeAttempt(Fact[CodeCheck]):
    """The verdict on a code that was typed for an address. Loading it counts as an attempt, and
    uses the code up if it is right.
    """

    address: str
    """The canonical form of the address."""

    code: str
    """Eight digits."""


@dataclass(frozen=True)
class LastSlots(Fact[Mapping[str, datetime]]):
    """When the last letter leaves that waits for each of these targets, by id, if there is one."""

    campaign: str
    """The campaign's slug."""

    targets: tuple[str, ...]
    """The ids of targets whose letters are paced."""


@dataclass(frozen=True)
class NamedSources(Fact[tuple[str, ...]]):
    """The link sources that admins named in the chat for a campaign."""

    campaign: str


@dataclass(frozen=True)
class TeamMembers(Fact[tuple[Member, ...]]):
    """Everyone who has a role."""

    locked: bool = False
    """Whether nobody may change a role until the transaction ends."""


@dataclass(frozen=True)
class UploadedFile(Fact[bytes | None]):
    """A file that somebody sent; None if it is too large, or Telegram doesn't have it any more."""

    file_id: str
    """The file, as this bot knows it (Bot API, "Sending files")."""

    most: int
    """How many bytes it may have."""
