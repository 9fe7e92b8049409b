import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.model.journey import (
    VERSION,
    Answers,
    Aside,
    Journey,
    NewerVersion,
    Reviewed,
    Step,
    dump,
    load,
)

MARIA = Journey(
    id="k3f9a2c1",
    language="en",
    turn=7,
    asked=6,
    step=Step.COUNTRY_CHECK,
    aside=Aside.SWITCH,
    aside_campaign="river",
    campaign="hong-kong",
    source="poster",
    answers=Answers(name="Maria", candidates=("CD", "CG"), draw=4, own=(("bank", "left"),)),
    reviewed=Reviewed("letter", "notice", "token"),
)


def saved(journey: Journey) -> dict[str, object]:
    values: dict[str, object] = json.loads(json.dumps(dump(journey)))
    return values


def test_a_journey_comes_back_as_it_was_saved() -> None:
    assert load(saved(MARIA)) == MARIA


@given(st.builds(Journey, aside=st.none() | st.sampled_from(Aside)))
def test_every_journey_survives_being_saved(journey: Journey) -> None:
    assert load(saved(journey)) == journey


def test_a_journey_of_a_newer_version_is_left_to_that_version() -> None:
    with pytest.raises(NewerVersion):
        load(saved(MARIA) | {"version": VERSION + 1})


def test_moving_on_changes_the_step_alone() -> None:
    assert MARIA.at(Step.ADDRESS) == replace(MARIA, step=Step.ADDRESS)
