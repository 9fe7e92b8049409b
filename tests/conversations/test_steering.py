"""What can be done with an update that was confirmed: by whom, in which state, and until when."""

from datetime import timedelta

import pytest

from conversations import steering
from conversations.broadcast import Fate, Progress, State
from conversations.effects import Deed, Steer
from conversations.known import House, Known
from conversations.replies import Replace, Toast
from conversations.roles import Role
from conversations.scene import Scene, Turn
from conversations.supporter import begin
from tests.conversations.play import HONG_KONG, NOW

HOUSE = House({"hong-kong": HONG_KONG}, "river_bot", "a@send.example", "t@send.example")
COUNTS = {Fate.SENT: 7, Fate.FAILED: 2, Fate.PENDING: 1}
CAN = {
    State.SENDING: {Deed.PAUSE, Deed.STOP},
    State.PAUSED: {Deed.RESUME, Deed.STOP},
    State.STOPPED: {Deed.RECALL},
    State.DONE: {Deed.RETRY, Deed.RECALL},
}


def facts(state: State, ago: timedelta = timedelta()) -> Progress:
    began = None if state in (State.SCHEDULED, State.MISSED) else NOW - ago
    return Progress("ab" * 16, state, 10, COUNTS, began, NOW)


def pressed(update: Progress | None, deed: str, *, role: Role | None = Role.CAMPAIGNER) -> Turn:
    known = Known("Olga", "en", role=role, update=update)
    return steering.pressed(Scene(HOUSE, begin(1, "en"), known, NOW, 7), deed)


@pytest.mark.parametrize("deed", list(Deed))
@pytest.mark.parametrize("state", list(State))
def test_a_deed_is_done_in_its_states_only_and_by_campaigners_only(
    state: State, deed: Deed
) -> None:
    update = facts(state)
    allowed = deed in CAN.get(state, set())
    assert pressed(update, deed).effects == ((Steer(update.id, deed),) if allowed else ())
    for nobody in (pressed(update, deed, role=None), pressed(None, deed)):
        assert nobody.effects == ()
        assert isinstance(nobody.replies[0], Toast)


def test_whoever_comes_second_sees_how_it_stands() -> None:
    toast, shown = pressed(facts(State.PAUSED), Deed.PAUSE).replies
    assert toast == Toast("That’s no longer possible.")
    assert isinstance(shown, Replace)
    assert shown.text.startswith("<b>Paused</b> at 9 of 10 · 2 failed.")
    toast, shown = pressed(facts(State.STOPPED), "halt").replies
    assert isinstance(shown, Replace)
    assert shown.text.startswith("<b>Stopped</b>")


def test_it_can_be_taken_back_for_48_hours_and_then_the_reason_is_said() -> None:
    in_time = pressed(facts(State.DONE, timedelta(hours=48)), Deed.RECALL)
    assert in_time.effects == (Steer("ab" * 16, Deed.RECALL),)
    late = pressed(facts(State.DONE, timedelta(hours=48, seconds=1)), Deed.RECALL)
    assert late.effects == ()
    assert late.replies == (
        Toast(
            "Telegram only lets bots delete messages for 48 hours, and this update is older. It"
            " stays in people’s chats.",
            alert=True,
        ),
    )
