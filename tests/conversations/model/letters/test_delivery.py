"""The states of a letter: the diagram says the same as the table."""

import re

import pytest

from conversations.model.letters import delivery
from conversations.model.letters.delivery import (
    FINAL_STATES,
    WITHDRAWABLE_STATES,
    DeliveryEvent,
    LetterState,
    after,
    states_before,
)
from storage.schema.tables import DUE


def test_the_diagram_shows_every_change() -> None:
    words = set(re.findall(r"[a-z]+(?: [a-z]+)?", (delivery.__doc__ or "").split("\n\n")[1]))
    shown = {word for name in words for word in (name, *name.split())}
    assert {happening.value for happening in DeliveryEvent} <= shown
    assert {state.value for state in LetterState} <= shown


def test_final_states_can_only_become_bounced() -> None:
    for state in FINAL_STATES:
        ways = [happening for happening in DeliveryEvent if state in states_before(happening)]
        assert ways == ([DeliveryEvent.RETURNED] if state is LetterState.ACCEPTED else [])


def test_an_impossible_event_raises_key_error() -> None:
    possible = 0
    for state in LetterState:
        for happening in DeliveryEvent:
            if state in states_before(happening):
                possible += 1
                assert after(state, happening) in LetterState
            else:
                with pytest.raises(KeyError):
                    after(state, happening)
    assert possible == 13


def test_due_letters_can_be_claimed_and_waiting_ones_withdrawn() -> None:
    assert set(re.findall(r"'(\w+)'", DUE)) == {
        state.value for state in states_before(DeliveryEvent.CLAIMED)
    }
    assert states_before(DeliveryEvent.WITHDRAWN) - {LetterState.SENDING} == WITHDRAWABLE_STATES
