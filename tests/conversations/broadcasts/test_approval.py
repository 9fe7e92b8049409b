"""When a colleague has to approve a broadcast, and what happens where nobody can."""

from dataclasses import replace
from datetime import timedelta

import pytest

from conversations.core.effects.broadcasts import (
    ApproveBroadcast,
    ConfirmBroadcast,
    DiscardDraft,
    SaveDraft,
)
from conversations.core.events import TextSent
from conversations.core.replies import EditMessage
from conversations.model.broadcast import BroadcastStatus, ReleaseLimits
from conversations.model.staff_inputs import DraftPage
from tests.conversations.broadcasts.drafts import (
    HELLO,
    WAITS,
    alone,
    answers,
    draft_of,
    labels,
    press,
    presses,
    said,
)
from tests.conversations.play import NOW

GOOD = HELLO.digest


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
