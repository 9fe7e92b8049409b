"""The desk of whoever composes an update: what they know, and what lies on it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from conversations.broadcasts.broadcast_view import PREFIX
from conversations.core.context import Context
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
class Review:
    """A colleague's update that this person was asked to look at; `content` is what they saw.

    `state` is how it stands now; `approved` tells that somebody found good what they saw.
    """

    broadcast: Broadcast
    chat: int
    language: str
    content: str
    state: BroadcastStatus = BroadcastStatus.DRAFT
    approved: bool = False


@dataclass(frozen=True)
class DraftContext:
    """What a composer knows: the scene, the draft as it is kept, and whom it may ask.

    The draft is the latest of this person's, or the update that a button or a page names: then it
    may have any `state`; `mine` tells whether it is this person's, `author` which chat it is from,
    with the language spoken there, `colleagues` those of the others. `count` tells how many people
    an audience has, `languages` and `countries` what those of a scope speak and gave. `going` is
    how many updates are being sent, `approved` that somebody else found the draft good,
    `eyes_above` how many people need that, None where nobody does; `paid` that updates cost Stars.
    """

    context: Context
    count: Callable[[Audience], int]
    languages: Callable[[str], tuple[str, ...]]
    countries: Callable[[str], tuple[str, ...]]
    draft: Broadcast | None = None
    state: BroadcastStatus = BroadcastStatus.DRAFT
    mine: bool = True
    author: tuple[int, str] = (0, "")
    token: str = ""
    zone: str = ""
    colleagues: tuple[tuple[int, str], ...] = ()
    going: int = 0
    approved: bool = False
    eyes_above: int | None = None
    paid: bool = False
    review: Review | None = None

    @property
    def kept(self) -> Broadcast:
        """The draft. ValueError where there is none."""
        if self.draft is None:
            raise ValueError("no draft")
        return self.draft

    @property
    def page(self) -> DraftPage:
        """The page that is open."""
        composing = self.context.journey.composing
        return composing.page if composing else DraftPage.PANEL

    @property
    def people(self) -> int:
        """How many get the draft."""
        return self.count(self.kept.audience)

    @property
    def wants_eyes(self) -> bool:
        """Whether somebody else must find the draft good before it goes."""
        if self.eyes_above is None or self.approved:
            return False
        return self.people > self.eyes_above

    @property
    def writable(self) -> tuple[str, ...]:
        """The languages that a version may be in."""
        campaign = self.context.deployment.campaigns.get(self.kept.audience.scope)
        spoken = campaign.languages if campaign else ()
        return tuple(dict.fromkeys((*self.kept.versions, *offered(), *spoken)))

    def keeping(self, draft: Broadcast) -> "DraftContext":
        """Return this desk with another draft on it; what was approved is another one."""
        same = self.draft is not None and _said(self.draft) == _said(draft)
        return replace(self, draft=draft, approved=self.approved and same)

    def changed(self, **values: Any) -> "DraftContext":
        """Return this desk with its draft changed."""
        return self.keeping(replace(self.kept, **values))

    def at(self, page: DraftPage, *, language: str = "", album: str = "") -> "DraftContext":
        """Return this desk with `page` open."""
        about = self.kept.id if self.state in UNSENT else ""
        composing = DraftPosition(page, language, album, about)
        journey = replace(self.context.journey, composing=composing)
        return replace(self, context=self.context.within(journey))

    def button(self, key: str, value: str, **values: Any) -> PersistentButton:
        """Return a button of the composer's, which names the draft it is about."""
        label = self.context.wording.label(key, **values)
        return PersistentButton(label, f"b:{self.kept.id[:PREFIX]}:{value}")


def _said(broadcast: Broadcast) -> tuple[object, ...]:
    return (broadcast.versions, broadcast.default, broadcast.buttons)
