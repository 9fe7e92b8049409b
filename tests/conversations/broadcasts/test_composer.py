"""What holds whoever composes an update: at random on the engine alone, and from every side."""

import json
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from conversations import staff_router
from conversations.broadcasts import composer, scheduled
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
from conversations.core.effects import Effect
from conversations.core.effects.admin import SaveStaffName
from conversations.core.effects.broadcasts import (
    ApproveBroadcast,
    ConfirmBroadcast,
    DiscardDraft,
    OfferBroadcast,
    RequestApproval,
    RescheduleBroadcast,
    SaveDraft,
    SaveTimezone,
)
from conversations.core.events import (
    CommandSent,
    Event,
    MediaSent,
    PersistentButtonPressed,
    TextSent,
)
from conversations.core.fact_requests import Fact, TeamMembers
from conversations.core.facts import Deployment, Facts
from conversations.core.replies import (
    Ask,
    Button,
    EditMessage,
    Keyboard,
    OtherChat,
    PersistentButton,
    Preview,
    Say,
    Toast,
)
from conversations.model.broadcast import (
    WAITING_STATES,
    Audience,
    Broadcast,
    BroadcastStatus,
    Media,
    Part,
    ReleaseLimits,
)
from conversations.model.journey import (
    DraftPage,
    DraftPosition,
    dump,
    load,
)
from conversations.model.roles import Member, Role
from conversations.router import begin, context_of
from conversations.text.html import Html
from tests.conversations.play import HONG_KONG, NOW, RIVER

CAMPAIGNS = {each.slug: each for each in (HONG_KONG, RIVER)}
DEPLOYMENT = Deployment(CAMPAIGNS, "river_bot", "actions@send.example", "tests@send.example")
NOTHING = "nothing"
HELLO = Broadcast("ab" * 16, Audience("hong-kong"), {"en": (Part(Media.TEXT, "Hello"),)}, "en")
ALLOWED = ReleaseLimits(most=10_000)
OLGA, PAUL = (1001, "en"), (1002, "zh-Hant")

FORWARD = re.compile(r"later|confirm|cost|send")

Taken = tuple[str, str]


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
    context = context_of(deployment, begin(1, "en"), facts, NOW, more.pop("chance", 7))
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


def diagram() -> set[Taken]:
    """Read the transitions from the diagram that stands on top of the composer."""
    taken: set[Taken] = set()
    for line in (composer.__doc__ or "").splitlines():
        if found := re.fullmatch(r"    (\w+) ─+▶ ([a-z ]+)", line):
            taken |= {(found[1], to) for to in found[2].split()}
    return taken


@dataclass
class Olga:
    """Somebody who composes at random; the tables are a few fields."""

    random: Random
    at: DraftContext = field(default_factory=lambda: draft_of(None))
    buttons: list[str] = field(default_factory=list)
    sent: int = 0
    turns: int = 0

    @property
    def page(self) -> str:
        composing = self.at.context.journey.composing
        return composing.page.value if composing else NOTHING

    def goes_on(self) -> Taken:
        before, event = self.page, self._event()
        self.turns += 1
        journey = load(json.loads(json.dumps(dump(self.at.context.journey))))
        context = replace(self.at.context, journey=journey, chance=self.turns * 2**100 + 1)
        turn = answers(replace(self.at, context=context), event)
        if turn is None:
            return before, before
        self._check(event, turn)
        self.at = replace(self.at, context=context.within(turn.journey))
        for effect in turn.effects:
            self._apply(effect)
        shown = [each.keyboard for each in turn.replies if isinstance(each, Say | EditMessage)]
        if shown and not self._is_note(turn):
            rows = [button for row in shown[-1] for button in row]
            self.buttons = [packed(each) for each in rows if isinstance(each, PersistentButton)]
        return before, self.page

    def _event(self) -> Event:
        if self.page == NOTHING:
            self.buttons = []
            return CommandSent("broadcast")
        if self.buttons and self.random.random() < 0.6:
            forward = [each for each in self.buttons if FORWARD.search(each)]
            hurries = forward and self.random.random() < 0.5
            return press(self.random.choice(forward if hurries else self.buttons))
        typed = {
            DraftPage.LINK: ("Read https://a.example", "nothing"),
            DraftPage.ZONE: ("UTC+8", "Atlantis"),
            DraftPage.LATER: ("tomorrow 18:00", "2019-01-01 10:00", "whenever"),
        }.get(DraftPage(self.page), ("Good news", "x" * 4097))
        if self.random.random() < 0.8:
            return TextSent(self.random.choice(typed))
        part = Part(Media.PHOTO, "They answered", file_id="f")
        return self.random.choice((MediaSent("photo", part), MediaSent("sticker"), ODD))

    @staticmethod
    def _is_note(turn: Turn) -> bool:
        last = turn.replies[-1]
        return isinstance(last, Say) and not last.keyboard

    def _check(self, event: Event, turn: Turn) -> None:
        for reply in turn.replies:
            assert not isinstance(reply, Ask), "the supporter's question stays as it stood"
            if isinstance(reply, Toast | EditMessage):
                assert isinstance(event, PersistentButtonPressed)
            if isinstance(reply, Say | EditMessage):
                for each in (button for row in reply.keyboard for button in row):
                    assert isinstance(each, PersistentButton)
                    assert len(f"s:{packed(each)}".encode()) <= 64
        assert turn.replies, "everything is answered"

    def _apply(self, effect: Effect) -> None:
        match effect:
            case SaveDraft(draft, token):
                self.at = replace(self.at, saved=draft, token=token)
            case DiscardDraft() | ConfirmBroadcast():
                confirms = isinstance(effect, ConfirmBroadcast)
                assert not confirms or effect.token == self.at.token  # type: ignore[union-attr]
                self.sent += confirms
                self.at = replace(self.at, saved=None, token="")
            case SaveTimezone(zone):
                assert isinstance(self.at.context.loaded, Tables)
                self.at.context.loaded.zone = zone
            case SaveStaffName():
                pass
            case RequestApproval(broadcast):
                assert self.at.saved is not None
                assert broadcast == self.at.saved.id
            case _:
                raise AssertionError(effect)


ODD = press("draft:abababababab:go:nowhere")


def test_the_diagram_is_the_code() -> None:
    seen: set[Taken] = set()
    sent = 0
    for seed in range(100):
        paid, zone = seed % 2 == 0, "UTC" if seed % 3 else ""
        olga = Olga(Random(seed), draft_of(None, paid=paid, zone=zone))  # noqa: S311 - the seed is the point
        for _ in range(60):
            seen.add(olga.goes_on())
            if olga.page in ("confirm", "cost") and olga.random.random() < 0.3:
                context = replace(olga.at.context, now=olga.at.context.now + timedelta(days=2))
                olga.at = replace(olga.at, context=context)
            if olga.random.random() < 0.01:  # a letter's question takes the floor
                journey = replace(olga.at.context.journey, composing=None)
                olga.at = replace(olga.at, context=olga.at.context.within(journey))
        sent += olga.sent
    assert {(one, other) for one, other in seen if one != other} == diagram()
    assert sent > 50


def test_what_is_paid_for_asks_again_and_says_what_it_costs() -> None:
    at = draft_of(paid=True)
    asked = presses(at, "go:confirm")
    assert said(asked)[0].startswith("<b>To 8,204 people, now.</b> Takes about 1 minute.")
    (kept,) = asked.effects
    assert isinstance(kept, SaveDraft)
    token = kept.token
    (question,) = asked.replies
    assert isinstance(question, EditMessage)
    carried = [packed(button) for row in question.keyboard for button in row]
    assert f"send:{token}" not in str(carried), "nothing is sent before the cost was seen"
    turn = presses(replace(at, token=token), "cost")
    assert said(turn) == [
        "<b>This costs up to 821 Stars</b>, from the bot’s balance. Up to 1,000 messages go out"
        " per second; those above 30 per second cost 0.1 Star each."
    ]
    (reply,) = turn.replies
    assert isinstance(reply, EditMessage)
    assert labels(reply.keyboard) == ["Send for up to 821 Stars", "Not yet"]
    sends = presses(replace(at, token=token), f"send:{token}")
    assert sends.effects == (ConfirmBroadcast(HELLO.id, token, 8204, None, limits=ALLOWED),)


@pytest.mark.parametrize(("people", "parts", "cost"), [(3, 1, 1), (0, 1, 1), (100, 10, 110)])
def test_the_cost_counts_every_message_and_names_nobody(people: int, parts: int, cost: int) -> None:
    album = tuple(Part(Media.PHOTO, file_id=f"{n}", album="a") for n in range(parts))
    draft = replace(HELLO, versions={"en": album if parts > 1 else HELLO.version("en")})
    answer = presses(draft_of(draft, people=people, paid=True, token="t"), "cost")
    assert said(answer)[0].startswith(f"<b>This costs up to {cost} Star")


def test_what_is_in_doubt_is_sent_once_more_if_so_chosen() -> None:
    turn = presses(draft_of(), "again")
    (kept,) = turn.effects
    assert isinstance(kept, SaveDraft)
    assert kept.broadcast.again
    (page,) = turn.replies
    assert isinstance(page, EditMessage)
    assert "✓ If unsure: resend once" in labels(page.keyboard)
    again = presses(draft_of(kept.broadcast), "again")
    assert isinstance(again.effects[0], SaveDraft)
    assert not again.effects[0].broadcast.again


WAITS = replace(HELLO, at=NOW + timedelta(days=1))
TOKEN = f"{7:032x}"[:16]
MINE = {
    "see": (),
    "change": (SaveDraft(replace(WAITS, id=f"{7:032x}", replaces=HELLO.id)),),
    "time": (),
    "hurry": (OfferBroadcast(HELLO.id, TOKEN),),
    "drop": (),
    "drop:yes": (DiscardDraft(HELLO.id),),
    "keep": (),
    "send:t": (ConfirmBroadcast(HELLO.id, "t", 8204, None, limits=ALLOWED),),
    "send:other": (),
}
"""What the buttons of an update that waits have done: for its author, and for a colleague."""


@pytest.mark.parametrize("state", sorted(WAITING_STATES))
@pytest.mark.parametrize("value", [*MINE, "go:panel", "plain", "lang:en", "write:en", "cancel"])
def test_what_waits_is_its_authors_and_a_colleague_may_stop_it(
    state: BroadcastStatus, value: str
) -> None:
    mine = draft_of(WAITS, state=state, token="t")
    assert presses(mine, value).effects == MINE.get(value, ())
    other = replace(mine, mine=False)
    assert presses(other, value).effects == (MINE["drop:yes"] if value == "drop:yes" else ())


def test_its_author_hears_of_a_colleague_who_cancels() -> None:
    turn = presses(
        draft_of(WAITS, state=BroadcastStatus.SCHEDULED, mine=False, author=PAUL), "drop:yes"
    )
    answer = Say(Html("Olga Petrova 取消了你那則等待發送的消息，沒有人會收到。"))
    assert turn.replies[1:] == (OtherChat(PAUL[0], (answer,)),)


def test_another_time_keeps_the_update_as_it_is() -> None:
    at = draft_of(WAITS, state=BroadcastStatus.MISSED, zone="UTC+08:00").at(DraftPage.LATER)
    assert at.context.journey.composing == DraftPosition(DraftPage.LATER, about=HELLO.id)
    turn = answers(at, TextSent("2030-06-01 18:00"))
    assert turn is not None
    assert said(turn) == ["Scheduled for June 1, 2030, 18:00 (UTC+08:00)."]
    (moved,) = turn.effects
    assert isinstance(moved, RescheduleBroadcast)
    assert moved.at.isoformat() == "2030-06-01T10:00:00+00:00"
    cancelled = answers(at, CommandSent("cancel"))
    assert cancelled and cancelled.effects == (), "/cancel gives up the typing, not the update"


GOOD = HELLO.digest
SENT_ONES = sorted(
    set(BroadcastStatus) - WAITING_STATES - {BroadcastStatus.DRAFT, BroadcastStatus.DISCARDED}
)


@pytest.mark.parametrize("state", SENT_ONES)
def test_who_presses_after_it_was_sent_hears_so(state: BroadcastStatus) -> None:
    for value in ("send:t", "go:confirm", "cancel", "drop:yes", "test", "hurry"):
        at = draft_of(state=state, token="")
        assert presses(at, value) == scheduled.no_longer_waits(at)
        answer = ["You’ve already sent this one. It only goes out once."]
        assert said(scheduled.no_longer_waits(at)) == answer
    other = draft_of(state=state, mine=False)
    assert said(presses(other, "send:t")) == ["A colleague has already sent this one."]


def test_who_presses_after_it_was_given_up_hears_so() -> None:
    turn = presses(draft_of(state=BroadcastStatus.DISCARDED), "send:t")
    assert said(turn) == ["This one was cancelled or replaced. It won’t be sent."]
    assert turn.effects == ()


def test_nobody_touches_the_draft_of_another() -> None:
    for value in ("send:t", "go:confirm", "cancel", "see", "drop:yes", "test"):
        turn = presses(draft_of(token="t", mine=False), value)
        assert said(turn) == ["That button no longer works."]
        assert turn.effects == ()


@pytest.mark.parametrize(
    ("state", "content", "approved", "answer"),
    [
        (BroadcastStatus.DRAFT, GOOD, False, ["Thank you. I’ve told them.", "OtherChat"]),
        (
            BroadcastStatus.DRAFT,
            HELLO.digest,
            True,
            ["It’s already approved."],
        ),
        (
            BroadcastStatus.DRAFT,
            "old",
            False,
            ["It has changed since you saw it. Ask your colleague to show it to you again."],
        ),
        (BroadcastStatus.SENDING, GOOD, False, ["A colleague has already sent this one."]),
        (
            BroadcastStatus.DISCARDED,
            "",
            False,
            ["This one was cancelled or replaced. It won’t be sent."],
        ),
    ],
)
def test_a_colleague_hears_how_it_stands(
    state: BroadcastStatus, content: str, approved: bool, answer: list[str]
) -> None:
    approvals = frozenset({HELLO.digest} if approved else ())
    at = draft_of(state=state, mine=False, approvals=approvals)
    turn = answers(at, press(f"approve:{HELLO.id[:12]}:{content}"))
    assert turn is not None
    assert said(turn) == answer
    good = (ApproveBroadcast(HELLO.id, content),) if len(answer) == 2 else ()
    assert turn.effects == good


def test_a_word_for_few_people_is_none_for_more() -> None:
    wider = replace(HELLO, audience=replace(HELLO.audience, scope="*"))
    assert wider.digest != GOOD
    assert replace(HELLO, at=NOW).digest != GOOD, "another time was not approved"
    assert replace(HELLO, again=not HELLO.again).digest == GOOD


def test_two_who_send_at_once_are_told_of_each_other() -> None:
    at = draft_of(sending=1, token="t")
    asked = presses(at, "go:confirm")
    assert said(asked)[0].endswith(
        "Another update is going out right now. Yours starts when that one is done."
    )
    sent = presses(at, "send:t")
    answer = "Olga Petrova 剛剛也發出了一則消息，會在目前這則發完後開始。"
    _, other = sent.replies
    assert isinstance(other, OtherChat)
    (shown,) = other.replies
    assert isinstance(shown, Say)
    assert (other.chat, shown.text) == (PAUL[0], answer)
    later = replace(at, saved=WAITS)
    assert not any(isinstance(each, OtherChat) for each in presses(later, "send:t").replies)


def test_after_a_crash_the_composer_asks_what_it_asked() -> None:
    shown = composer.open_page(seen_by(draft_of().at(DraftPage.PANEL)))
    assert [type(each) for each in shown] == [Preview, Say]
    empty = draft_of(replace(HELLO, versions={})).at(DraftPage.CONTENT)
    (asked,) = composer.open_page(seen_by(empty))
    assert isinstance(asked, Say)
    assert asked.text.startswith("<b>Send me the update</b>")


def alone(at: DraftContext) -> DraftContext:
    """Return the same draft of a campaigner who has no colleagues."""
    tables = at.context.loaded
    assert isinstance(tables, Tables)
    tables.alone = True
    return at


def test_what_nobody_approved_goes_to_few_and_many_small_ones_count_together() -> None:
    few = draft_of(people=50, approval_above=50, token="t")
    (sent,) = presses(few, "send:t").effects
    assert sent == ConfirmBroadcast(HELLO.id, "t", 50, None, limits=ReleaseLimits(most=50))
    few.context.loaded.unapproved = 1  # type: ignore[attr-defined]  # of Tables
    turn = presses(few, "send:t")
    assert turn.effects == ()
    assert said(turn) == ["A colleague has to approve it first: tap “Ask for approval”."]


def test_nobody_else_can_approve_so_it_is_held() -> None:
    at = alone(draft_of(people=51, approval_above=50, token="t"))
    asked = said(presses(at, "go:confirm"))[0]
    assert asked.startswith("<b>To 51 people, in 15 minutes.</b> Takes about 1 minute.")
    assert asked.endswith("So it waits at least 15 minutes, and you can stop it until then.")
    turn = presses(at, "send:t")
    until = NOW + timedelta(minutes=15)
    limits = ReleaseLimits(hold_until=until)
    assert turn.effects == (ConfirmBroadcast(HELLO.id, "t", 51, until, limits=limits),)
    (shown,) = turn.replies
    assert isinstance(shown, EditMessage)
    assert labels(shown.keyboard) == ["Stop", "Edit"]
    assert said(turn)[0].startswith(
        "It goes out on June 21, 2026, 14:17 (UTC), unless you stop it."
    )


def test_a_held_update_is_stopped_with_one_tap_and_not_hurried() -> None:
    saved = replace(HELLO, at=NOW + timedelta(minutes=15))
    held = alone(draft_of(saved, people=51, approval_above=50, held=True))
    held = replace(held, state=BroadcastStatus.SCHEDULED, token="t")
    assert presses(held, "halt").effects == (DiscardDraft(HELLO.id),)
    for value in ("hurry", "time", "now"):
        assert presses(held, value).effects == (), value
    assert presses(replace(held, mine=False), "halt").effects == (DiscardDraft(HELLO.id),)


def test_another_time_of_an_approved_update_needs_another_approval() -> None:
    at = draft_of(
        WAITS,
        people=51,
        approval_above=50,
        state=BroadcastStatus.SCHEDULED,
        approvals=frozenset({WAITS.digest}),
        token="t",
    )
    for turn in (
        presses(at, "hurry"),
        answers(at.at(DraftPage.LATER), TextSent("2030-06-01 18:00")),
    ):
        assert turn is not None
        (kept,) = turn.effects
        assert isinstance(kept, SaveDraft), "a copy, which must be approved"
        assert kept.broadcast.replaces == WAITS.id
        assert said(turn)[-1].endswith("tap “Ask for approval”.")
    assert presses(at, "send:t").effects == (), "the token of an earlier question sends nothing"
