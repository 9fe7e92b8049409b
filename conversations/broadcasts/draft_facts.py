"""The facts that handlers of drafts ask for."""

from dataclasses import dataclass

from conversations.core.fact_requests import Fact
from conversations.model.broadcast import Audience, Broadcast, BroadcastStatus


@dataclass(frozen=True)
class SavedDraft:
    """A broadcast as the database has it, with its author."""

    broadcast: Broadcast
    """The content, the audience and the time."""

    state: BroadcastStatus
    """The broadcast's state: a button may name one that was sent already."""

    mine: bool
    """Whether the person whose event is answered is the author."""

    chat: int
    """The author's chat."""

    language: str
    """The author's language."""

    token: str = ""
    """The token that sends the broadcast, good once; "" if nobody was asked to confirm."""

    approved: str = ""
    """The digest of what a colleague approved (`Broadcast.digest`); "" if nobody did."""

    held: bool = False
    """Whether it waits because nobody else can approve it."""


@dataclass(frozen=True)
class OwnDraft(Fact[SavedDraft | None]):
    """The latest draft of the person whose event is answered."""


@dataclass(frozen=True)
class DraftById(Fact[SavedDraft | None]):
    """The broadcast whose id is `id`, or begins with it, in any state and by any author."""

    id: str


@dataclass(frozen=True)
class AudienceSize(Fact[int]):
    """How many people are in an audience. Counting a million takes seconds."""

    audience: Audience


@dataclass(frozen=True)
class AudienceLanguages(Fact[tuple[str, ...]]):
    """The languages that subscribers of a scope speak. Collecting them takes seconds."""

    scope: str
    """A campaign's slug, or "*" for all subscribers."""


@dataclass(frozen=True)
class AudienceCountries(Fact[tuple[str, ...]]):
    """The countries that subscribers of a scope gave. Collecting them takes seconds."""

    scope: str
    """A campaign's slug, or "*" for all subscribers."""


@dataclass(frozen=True)
class OwnTimezone(Fact[str]):
    """The time zone that the person whose event is answered chose, or ""."""


@dataclass(frozen=True)
class UnapprovedRecipients(Fact[int]):
    """How many people get other broadcasts that nobody approved: those that began in the last 24
    hours, and scheduled ones.
    """

    besides: tuple[str, ...]
    """Ids of broadcasts that are not counted."""


@dataclass(frozen=True)
class BroadcastsSending(Fact[int]):
    """How many broadcasts are being sent at this moment."""
