"""What can be done with an update that was confirmed: by whom, in which state, and until when."""

from datetime import timedelta
from typing import Any

import pytest

from conversations import staff_router
from conversations.broadcasts.broadcast_control import BroadcastById
from conversations.core.buttons.packing import unpack_persistent
from conversations.core.context import Context, Turn
from conversations.core.effects.broadcasts import BroadcastAction, ControlBroadcast
from conversations.core.events import PersistentButtonPressed
from conversations.core.fact_requests import Fact
from conversations.core.facts import Deployment, Facts
from conversations.core.replies import EditMessage, Toast
from conversations.model.broadcast import BroadcastState, BroadcastStatus, RecipientState
from conversations.model.roles import Role
from conversations.router import begin
from tests.conversations.play import HONG_KONG, NOW

DEPLOYMENT = Deployment({"hong-kong": HONG_KONG}, "river_bot", "a@send.example", "t@send.example")
COUNTS = {RecipientState.SENT: 7, RecipientState.FAILED: 2, RecipientState.PENDING: 1}
CAN = {
    BroadcastStatus.SENDING: {BroadcastAction.PAUSE, BroadcastAction.STOP},
    BroadcastStatus.PAUSED: {BroadcastAction.RESUME, BroadcastAction.STOP},
    BroadcastStatus.STOPPED: {BroadcastAction.RECALL},
    BroadcastStatus.DONE: {BroadcastAction.RETRY, BroadcastAction.RECALL},
}


def facts(state: BroadcastStatus, ago: timedelta = timedelta()) -> BroadcastState:
    began = None if state in (BroadcastStatus.SCHEDULED, BroadcastStatus.MISSED) else NOW - ago
    return BroadcastState("ab" * 16, state, 10, COUNTS, began, NOW)


def pressed(
    update: BroadcastState | None, deed: str, *, role: Role | None = Role.CAMPAIGNER
) -> Turn:
    facts = Facts("Olga", "en", role=role)
    loaded: dict[Fact[Any], Any] = {BroadcastById("ab" * 16): update}
    context = Context(DEPLOYMENT, begin(1, "en"), facts, NOW, 7, loaded)
    button = unpack_persistent(f"s:broadcast:{deed}:{'ab' * 16}")
    turn = staff_router.advance(context, PersistentButtonPressed(button))
    assert turn is not None
    return turn


@pytest.mark.parametrize("deed", list(BroadcastAction))
@pytest.mark.parametrize("state", list(BroadcastStatus))
def test_a_deed_is_done_in_its_states_only_and_by_campaigners_only(
    state: BroadcastStatus, deed: BroadcastAction
) -> None:
    update = facts(state)
    allowed = deed in CAN.get(state, set())
    assert pressed(update, deed).effects == (
        (ControlBroadcast(update.id, deed),) if allowed else ()
    )
    for nobody in (pressed(update, deed, role=None), pressed(None, deed)):
        assert nobody.effects == ()
        assert isinstance(nobody.replies[0], Toast)


def test_whoever_comes_second_sees_how_it_stands() -> None:
    toast, shown = pressed(facts(BroadcastStatus.PAUSED), BroadcastAction.PAUSE).replies
    assert toast == Toast("That’s no longer possible.")
    assert isinstance(shown, EditMessage)
    assert shown.text.startswith("<b>Paused</b> at 9 of 10 · 2 failed.")
    toast, shown = pressed(facts(BroadcastStatus.STOPPED), "halt").replies
    assert isinstance(shown, EditMessage)
    assert shown.text.startswith("<b>Stopped</b>")


def test_it_can_be_taken_back_for_48_hours_and_then_the_reason_is_said() -> None:
    in_time = pressed(facts(BroadcastStatus.DONE, timedelta(hours=48)), BroadcastAction.RECALL)
    assert in_time.effects == (ControlBroadcast("ab" * 16, BroadcastAction.RECALL),)
    late = pressed(
        facts(BroadcastStatus.DONE, timedelta(hours=48, seconds=1)), BroadcastAction.RECALL
    )
    assert late.effects == ()
    assert late.replies == (
        Toast(
            "Telegram only lets bots delete messages for 48 hours, and this update is older. It"
            " stays in people’s chats.",
            alert=True,
        ),
    )
