"""A broadcast that waits to be sent: who may change or stop it, and what is answered afterwards."""

from dataclasses import replace

import pytest

from conversations.broadcasts import scheduled
from conversations.core.effects.broadcasts import (
    ConfirmBroadcast,
    DiscardDraft,
    OfferBroadcast,
    RescheduleBroadcast,
    SaveDraft,
)
from conversations.core.events import CommandSent, TextSent
from conversations.core.replies import OtherChat, Say
from conversations.model.broadcast import WAITING_STATES, BroadcastStatus
from conversations.model.staff_inputs import DraftPage, DraftPosition
from conversations.text.html import Html
from tests.conversations.broadcasts.drafts import (
    ALLOWED,
    HELLO,
    PAUL,
    WAITS,
    answers,
    draft_of,
    presses,
    said,
)

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
