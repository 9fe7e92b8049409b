"""A draft with the context of the event that is about it, and the facts that drafts need."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from conversations.broadcasts.broadcast_view import PREFIX
from conversations.core.context import Context
from conversations.core.fact_requests import Fact, TeamMembers
from conversations.core.replies import PersistentButton
from conversations.model.broadcast import (
    UNSENT,
    Audience,
    Broadcast,
    BroadcastStatus,
)
from conversations.model.journey import DraftPage, DraftPosition
from conversations.text.wording import offered


@dataclass(frozen=True)
class SavedDraft:
    """A broadcast as the database has it, with its author."""

    broadcast: Broadcast
    """The content, the audience and the time."""

    state: BroadcastStatus
    """Where the broadcast stands: a button may name one that was sent already."""

    mine: bool
    """Whether the person whose event is answered is the author."""

    chat: int
    """The author's chat."""

    language: str
    """The author's language."""

    token: str = ""
    """The token that sends the broadcast, good once; "" if nobody was asked to confirm."""

    approved: str = ""
    """The digest of the content that a colleague approved; "" if none did."""


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


@dataclass(frozen=True)
class AudienceCountries(Fact[tuple[str, ...]]):
    """The countries that subscribers of a scope gave. Collecting them takes seconds."""

    scope: str


@dataclass(frozen=True)
class OwnTimezone(Fact[str]):
    """The time zone that the person whose event is answered chose, or ""."""


@dataclass(frozen=True)
class BroadcastsSending(Fact[int]):
    """How many broadcasts are being sent at this moment."""


@dataclass(frozen=True)
class DraftContext:
    """A draft, or no draft yet, and the context of the event that is about it."""

    context: Context
    """The context of the event."""

    saved: Broadcast | None = None
    """The draft: the person's latest, or the broadcast that a button or a page names."""

    state: BroadcastStatus = BroadcastStatus.DRAFT
    """Where the broadcast stands."""

    mine: bool = True
    """Whether the person is its author."""

    author: tuple[int, str] = (0, "")
    """The author's chat and language."""

    token: str = ""
    """The token that sends the broadcast, good once."""

    approved: bool = False
    """Whether a colleague approved the content as it is now."""

    chosen_zone: str = ""
    """The time zone that the person chose with this event."""

    @property
    def broadcast(self) -> Broadcast:
        """The draft. Raises ValueError if there is none."""
        if self.saved is None:
            raise ValueError("no draft")
        return self.saved

    @property
    def page(self) -> DraftPage:
        """The page that is open."""
        composing = self.context.journey.composing
        return composing.page if composing else DraftPage.PANEL

    @property
    def people(self) -> int:
        """How many people get the broadcast. Raises FactMissing."""
        return self.context.fact(AudienceSize(self.broadcast.audience))

    @property
    def zone(self) -> str:
        """The person's time zone, or "". Raises FactMissing."""
        return self.chosen_zone or self.context.fact(OwnTimezone())

    @property
    def others_sending(self) -> int:
        """How many broadcasts are being sent at this moment. Raises FactMissing."""
        return self.context.fact(BroadcastsSending())

    @property
    def colleagues(self) -> tuple[tuple[int, str], ...]:
        """The chats of everyone else with a role, with their languages. Raises FactMissing."""
        members = self.context.fact(TeamMembers())
        me = self.context.facts.member_id
        return tuple(sorted((each.chat, each.language) for each in members if each.id != me))

    @property
    def needs_approval(self) -> bool:
        """Whether a colleague must approve the broadcast before it is sent. Raises FactMissing."""
        most = self.context.deployment.approval_above
        return most is not None and not self.approved and self.people > most

    @property
    def writable(self) -> tuple[str, ...]:
        """The languages that a version may be in."""
        campaign = self.context.deployment.campaigns.get(self.broadcast.audience.scope)
        spoken = campaign.languages if campaign else ()
        return tuple(dict.fromkeys((*self.broadcast.versions, *offered(), *spoken)))

    def with_broadcast(self, broadcast: Broadcast) -> "DraftContext":
        """Return this context with another draft, which stays approved if it says the same."""
        same = self.saved is not None and _content(self.saved) == _content(broadcast)
        return replace(self, saved=broadcast, approved=self.approved and same)

    def changed(self, **values: Any) -> "DraftContext":
        """Return this context with fields of its broadcast changed."""
        return self.with_broadcast(replace(self.broadcast, **values))

    def at(self, page: DraftPage, *, language: str = "", album: str = "") -> "DraftContext":
        """Return this context with `page` open."""
        about = self.broadcast.id if self.state in UNSENT else ""
        composing = DraftPosition(page, language, album, about)
        journey = replace(self.context.journey, composing=composing)
        return replace(self, context=self.context.within(journey))

    def button(self, key: str, value: str, **values: Any) -> PersistentButton:
        """Return a button that names the draft."""
        label = self.context.wording.label(key, **values)
        return PersistentButton(label, f"b:{self.broadcast.id[:PREFIX]}:{value}")


def draft_context(context: Context, id_: str = "") -> DraftContext:
    """Return the context of the broadcast with this id, else of the person's latest draft.

    Raises FactMissing.
    """
    named = context.fact(DraftById(id_)) if id_ else None
    saved = named or context.fact(OwnDraft())
    if saved is None:
        return DraftContext(context)
    return DraftContext(
        context,
        saved.broadcast,
        saved.state,
        saved.mine,
        (saved.chat, saved.language),
        saved.token,
        saved.approved == content_digest(saved.broadcast),
    )


def content_digest(broadcast: Broadcast) -> str:
    """Return 16 hex digits that are equal for broadcasts that say the same to the same people."""
    words = (sorted(broadcast.versions.items()), broadcast.default, broadcast.buttons)
    said = repr((words, broadcast.audience))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _content(broadcast: Broadcast) -> tuple[object, ...]:
    return (broadcast.versions, broadcast.default, broadcast.buttons)
