"""How a button's data is packed into the string that Telegram keeps, and unpacked."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import pytest

from conversations.core.buttons.packing import (
    PersistentButtonData,
    TurnButtonData,
    UnknownButton,
    pack_persistent,
    pack_turn,
    unpack_persistent,
    unpack_turn,
)

JOURNEY = "0123456789abcdef" * 2


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Painted(PersistentButtonData, prefix="test_painted"):
    what: str
    layers: int
    dry: bool
    colour: Colour
    under: Colour | None
    coats: int | None = None


@dataclass(frozen=True)
class Bare(TurnButtonData, prefix="test_bare"):
    pass


@pytest.fixture(scope="module", autouse=True)
def registered() -> Iterator[None]:
    """Take the buttons of this file out of the registries when its tests are over."""
    yield
    for button in (Painted, Bare):
        del button.registry[button.prefix]


@pytest.mark.parametrize(
    ("button", "packed"),
    [
        (
            Painted("door", 3, dry=True, colour=Colour.RED, under=None),
            "s:test_painted:door:3:yes:red::",
        ),
        (
            Painted("", -1, dry=False, colour=Colour.RED, under=Colour.RED, coats=0),
            "s:test_painted::-1:no:red:red:0",
        ),
    ],
)
def test_every_type_of_field_comes_back(button: Painted, packed: str) -> None:
    assert pack_persistent(button) == packed
    assert unpack_persistent(packed) == button


def test_a_field_that_was_added_later_has_its_default_in_older_buttons() -> None:
    older = unpack_persistent("s:test_painted:door:3:yes:red:")
    assert older == Painted("door", 3, dry=True, colour=Colour.RED, under=None)


@pytest.mark.parametrize(
    "packed",
    [
        "s:test_painted",
        "s:test_painted:door:3:yes",
        "s:test_painted:door:3:yes:red:::",
        "s:test_painted:door:three:yes:red:",
        "s:test_painted:door:03:yes:red:",
        "s:test_painted:door:٣:yes:red:",
        "s:test_painted:door:3:perhaps:red:",
        "s:test_painted:door:3:yes:blue:",
        "s:",
        "test_painted:door:3:yes:red:",
    ],
)
def test_what_no_button_can_have_packed_is_unknown(packed: str) -> None:
    assert unpack_persistent(packed) == UnknownButton()


def test_a_button_of_a_turn_names_its_journey_and_turn() -> None:
    packed = pack_turn(Bare(), JOURNEY, 12)
    assert packed == "t:0123456789abcdef:12:test_bare"
    assert unpack_turn(packed) == (Bare(), JOURNEY[:16], 12)


def test_a_button_that_outlives_its_turn_is_none_of_a_turn() -> None:
    assert unpack_turn("s:test_bare") is None
    assert unpack_persistent("t:0123456789abcdef:12:test_bare") == UnknownButton()


def test_a_button_is_refused_that_telegram_would_not_take() -> None:
    def painted(what: str) -> Painted:
        return Painted(what, 1, dry=True, colour=Colour.RED, under=None)

    assert len(pack_persistent(painted("é" * 18 + "x")).encode()) == 64
    with pytest.raises(ValueError, match="65 bytes"):
        pack_persistent(painted("é" * 19))
    with pytest.raises(ValueError, match="cannot carry"):
        pack_persistent(painted("a:b"))


@pytest.mark.parametrize("prefix", ["test_bare", "Wrong", "", "a:b"])
def test_each_class_needs_a_prefix_of_its_own(prefix: str) -> None:
    with pytest.raises(TypeError):
        type("Again", (TurnButtonData,), {}, prefix=prefix)
