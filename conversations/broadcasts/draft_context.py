"""A draft together with the context of the event that is about it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from conversations.broadcasts.draft_facts import (
    AudienceSize,
    BroadcastsSending,
    DraftById,
    OwnDraft,
    OwnTimezone,
    SavedDraft,
    UnapprovedRecipients,
)
from conversations.core.buttons.broadcasts import DRAFT_ID_DIGITS, DraftAction, DraftButton
from conversations.core.context import Context
from conversations.core.fact_requests import TeamMembers
from conversations.core.replies import PersistentButton
from conversations.model.broadcast import (
    NO_LIMITS,
    WAITING_STATES,
    Broadcast,
    BroadcastKind,
    BroadcastStatus,
    ReleaseLimits,
)
from conversations.model.staff_inputs import DraftPage, DraftPosition
from conversations.text.languages import offered

HOLD = timedelta(minutes=15)
"""How long a broadcast is held that somebody should approve, if nobody else can."""


@dataclass(frozen=True)
class DraftContext:
    """A draft, or none yet, and the context of the event that is about it."""

    context: Context
    """The context of the event."""

    saved: Broadcast | None = None
    """The draft: the person's latest, or the broadcast that a button or a page names."""

    state: BroadcastStatus = BroadcastStatus.DRAFT
    """The broadcast's state."""

    mine: bool = True
    """Whether the person is its author."""

    author: tuple[int, str] = (0, "")
    """The author's chat and language."""

    token: str = ""
    """The token that sends the broadcast, good once."""

    approvals: frozenset[str] = frozenset()
    """Digests of what colleagues approved: this draft, or the broadcast that it edits."""

    held: bool = False
    """Whether it waits because nobody else can approve it."""

    chosen_zone: str = ""
    """The time zone that the person chose with this event."""

    choices_page: int = 1
    """The page of the choices to show: the one where a button was pressed, or that it turns to."""

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
        """The person's time zone, or the organisation's. Raises FactMissing."""
        return self.chosen_zone or self.context.fact(OwnTimezone()) or self.context.deployment.zone

    @property
    def sending_now(self) -> int:
        """How many other broadcasts are being sent at this moment. Raises FactMissing."""
        return self.context.fact(BroadcastsSending())

    @property
    def colleagues(self) -> tuple[tuple[int, str], ...]:
        """The chats of everyone else who may approve, with their languages. Raises FactMissing."""
        members = self.context.fact(TeamMembers())
        me = self.context.facts.member_id
        others = (each for each in members if each.id != me and not each.is_new)
        return tuple(sorted((each.chat, each.language) for each in others))

    @property
    def approved(self) -> bool:
        """Whether a colleague approved exactly this: content, audience and time."""
        return self.broadcast.digest in self.approvals

    @property
    def allowance(self) -> int:
        """How many people may get it unless a colleague approves it. Broadcasts that nobody
        approved share the number, so that many small ones reach no more. Raises FactMissing.
        """
        own = tuple(each for each in (self.broadcast.id, self.broadcast.replaces) if each)
        others = self.context.fact(UnapprovedRecipients(own))
        return max(0, self.context.deployment.approval_above - others)

    @property
    def is_unapproved(self) -> bool:
        """Whether nobody approved it, and more people get it than may. Raises FactMissing."""
        return not self.approved and self.people > self.allowance

    @property
    def needs_approval(self) -> bool:
        """Whether a colleague must approve the broadcast before it is sent. Raises FactMissing."""
        return self.is_unapproved and bool(self.colleagues)

    @property
    def hold_until(self) -> datetime | None:
        """Until when it is held, because nobody else can approve it; None: it isn't.

        Raises FactMissing.
        """
        held = self.is_unapproved and not self.colleagues
        return self.context.now + HOLD if held else None

    @property
    def limits(self) -> ReleaseLimits:
        """What is confirmed with the broadcast. Raises FactMissing."""
        if self.approved:
            return NO_LIMITS
        hold = self.hold_until
        return ReleaseLimits(hold, None if hold else self.allowance)

    @property
    def original(self) -> SavedDraft | None:
        """The scheduled or missed broadcast that this draft edits; None once it was sent or
        cancelled, and for a new broadcast. Raises FactMissing.
        """
        if not self.broadcast.replaces:
            return None
        original = self.context.fact(DraftById(self.broadcast.replaces))
        return original if original and original.state in WAITING_STATES else None

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which a version can be written."""
        campaign = self.context.deployment.campaigns.get(self.broadcast.audience.scope)
        spoken = campaign.languages if campaign else ()
        return tuple(dict.fromkeys((*self.broadcast.versions, *offered(), *spoken)))

    def with_broadcast(self, broadcast: Broadcast) -> "DraftContext":
        """Return this context with another draft, which stays approved if it says the same."""
        return replace(self, saved=broadcast)

    def changed(self, **values: Any) -> "DraftContext":
        """Return this context with fields of its broadcast changed."""
        return self.with_broadcast(replace(self.broadcast, **values))

    def at(self, page: DraftPage, *, language: str = "", album: str = "") -> "DraftContext":
        """Return this context with `page` open."""
        about = self.broadcast.id if self.state in WAITING_STATES else ""
        composing = DraftPosition(page, language, album, about)
        journey = replace(self.context.journey, composing=composing)
        return replace(self, context=self.context.within(journey))

    def button(
        self, key: str, action: DraftAction, value: str = "", **values: Any
    ) -> PersistentButton:
        """Return a button for the draft, labelled with the text of `key`."""
        return self.labelled(self.context.wording.label(key, **values), action, value)

    def labelled(
        self, label: str, action: DraftAction, value: str = "", page: int = 1
    ) -> PersistentButton:
        """Return a button for the draft with this label."""
        id_ = self.broadcast.id[:DRAFT_ID_DIGITS]
        return PersistentButton(label, DraftButton(id_, action, value, page))


def load_draft(context: Context, id_: str = "") -> DraftContext:
    """Return the context of the broadcast with this id, else of the person's latest draft.

    Raises FactMissing.
    """
    named = context.fact(DraftById(id_)) if id_ else None
    if named is not None and named.broadcast.kind is BroadcastKind.NOTICE:
        return DraftContext(context)  # it goes out in another way
    saved = named or context.fact(OwnDraft())
    if saved is None:
        return DraftContext(context)
    draft = DraftContext(
        context,
        saved.broadcast,
        saved.state,
        saved.mine,
        (saved.chat, saved.language),
        saved.token,
        held=saved.held,
    )
    approvals = frozenset(each.approved for each in (saved, draft.original) if each)
    return replace(draft, approvals=approvals)


def edit(draft: DraftContext) -> DraftContext:
    """Return the draft that edits a scheduled or missed broadcast: the one that the person began,
    or a new copy. The broadcast stays as it is. Raises FactMissing.
    """
    begun = load_draft(draft.context)
    if begun.saved is not None and begun.saved.replaces == draft.broadcast.id:
        return begun
    copy = replace(draft.broadcast, id=draft.context.token(), replaces=draft.broadcast.id)
    return replace(draft, saved=copy, state=BroadcastStatus.DRAFT, token="")
