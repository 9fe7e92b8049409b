"""Drafts of broadcasts for tests: a draft in its context, presses of buttons, and answers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from conversations import staff_router
from conversations.broadcasts.draft_context import DraftContext
from conversations.broadcasts.draft_facts import (
    AudienceCountries,
    AudienceLanguages,
    AudienceSize,
    BroadcastsSending,
    DraftById,
    OwnDraft,
    OwnTimezone,
    SavedDraft,
    UnapprovedRecipients,
)
from conversations.core.buttons.packing import pack_persistent, unpack_persistent
from conversations.core.context import Context, Turn
from conversations.core.events import Event, PersistentButtonPressed
from conversations.core.fact_requests import Fact, LoadedFacts, TeamMembers
from conversations.core.facts import Deployment, Facts
from conversations.core.replies import Button, EditMessage, Keyboard, PersistentButton, Say, Toast
from conversations.model.broadcast import Audience, Broadcast, Media, Part, ReleaseLimits
from conversations.model.roles import Member, Role
from conversations.router import begin, context_of
from tests.conversations.play import HONG_KONG, NOW, RIVER

CAMPAIGNS = {each.slug: each for each in (HONG_KONG, RIVER)}
DEPLOYMENT = Deployment(CAMPAIGNS, "river_bot", "actions@send.example", "tests@send.example")

HELLO = Broadcast("ab" * 16, Audience("hong-kong"), {"en": (Part(Media.TEXT, "Hello"),)}, "en")
ALLOWED = ReleaseLimits(most=10_000)
OLGA, PAUL = (1001, "en"), (1002, "zh-Hant")


class Tables(dict[Fact[Any], Any]):
    """What the database says: answers every request."""

    def __init__(self, people: int = 8204, zone: str = "UTC", sending: int = 0) -> None:
        super().__init__()
        self.people, self.zone, self.sending = people, zone, sending
        self.draft: SavedDraft | None = None
        self.unapproved = 0
        self.alone = False

    def __missing__(self, request: Fact[Any]) -> Any:
        match request:
            case AudienceSize():
                return self.people
            case AudienceLanguages():
                return ("en", "zh-Hant")
            case AudienceCountries():
                return ("PT", "TW")
            case OwnTimezone():
                return self.zone
            case UnapprovedRecipients():
                return self.unapproved
            case BroadcastsSending():
                return self.sending
            case TeamMembers():
                members = {"olga": OLGA, **({} if self.alone else {"paul": PAUL})}.items()
                return tuple(
                    Member(id_, Role.CAMPAIGNER, who[0], "", who[1]) for id_, who in members
                )
            case OwnDraft() | DraftById():
                return self.draft
            case _:
                raise AssertionError(request)


def draft_of(
    draft: Broadcast | None = HELLO,
    *,
    people: int = 8204,
    zone: str = "UTC",
    sending: int = 0,
    paid: bool = False,
    **more: Any,
) -> DraftContext:
    facts = Facts("Olga Petrova", "en", role=Role.CAMPAIGNER, member_id="olga")
    above = more.pop("approval_above", 10_000)
    deployment = replace(DEPLOYMENT, paid_broadcasts=paid, approval_above=above)
    context = context_of(
        deployment, begin(1, "en"), facts, NOW, more.pop("chance", 7), LoadedFacts()
    )
    context = replace(context, loaded=Tables(people, zone, sending))
    return DraftContext(context, draft, **({"author": OLGA} | more))


def seen_by(at: DraftContext) -> Context:
    """Return the context of an event, where the tables hold the draft of `at`."""
    tables = at.context.loaded
    assert isinstance(tables, Tables)
    tables.draft = None
    if at.saved is not None:
        approved = next(iter(at.approvals), "")
        tables.draft = SavedDraft(
            at.saved, at.state, at.mine, *at.author, at.token, approved, at.held
        )
    return at.context


def answers(at: DraftContext, event: Event) -> Turn | None:
    return staff_router.advance(seen_by(at), event)


def press(data: str) -> PersistentButtonPressed:
    """Return the press of a button that carries `data`."""
    return PersistentButtonPressed(unpack_persistent(f"s:{data}"))


def packed(button: Button) -> str:
    """Return what Telegram keeps for a button."""
    assert isinstance(button, PersistentButton)
    return pack_persistent(button.data).removeprefix("s:")


def presses(at: DraftContext, value: str, draft: Broadcast = HELLO) -> Turn:
    turn = answers(at, press(f"draft:{draft.id[:12]}:{value}"))
    assert turn is not None
    return turn


def said(turn: Turn) -> list[str]:
    return [
        each.text if isinstance(each, Say | EditMessage | Toast) else type(each).__name__
        for each in turn.replies
    ]


def labels(keyboard: Keyboard) -> list[str]:
    return [button.label for row in keyboard for button in row]


WAITS = replace(HELLO, at=NOW + timedelta(days=1))


def alone(at: DraftContext) -> DraftContext:
    """Return the same draft of a campaigner who has no colleagues."""
    tables = at.context.loaded
    assert isinstance(tables, Tables)
    tables.alone = True
    return at
