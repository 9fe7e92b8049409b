"""How a button's data becomes the string that Telegram keeps for it, and is read back.

Telegram stores at most 64 bytes of UTF-8 with a button and returns them when it is pressed (Bot
API, InlineKeyboardButton, callback_data). The string is one of

    t:JOURNEY:TURN:PREFIX:FIELD:FIELD…    a button of one turn of a journey
    s:PREFIX:FIELD:FIELD…                 a button that outlives its turn

A prefix names a class; each field is written by its type: str, int, bool (yes or no), StrEnum (its
value), or one of these or None (empty). Buttons stay in people's chats for years: never change a
class's prefix or the order of its fields, and give a default to each field that you add, so that
older buttons still unpack.
"""

import re
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, ClassVar, NamedTuple, get_args

MAX_CALLBACK_BYTES = 64
"""The most that Telegram keeps with a button (Bot API, InlineKeyboardButton, callback_data)."""

JOURNEY_ID_DIGITS = 16
"""How many digits of its journey's id a button of a turn carries, to leave room for its data."""

_SEPARATOR = ":"
_TURN = re.compile(rf"t:([0-9a-f]{{{JOURNEY_ID_DIGITS}}}):([0-9]{{1,9}}):(.+)", re.DOTALL)
_PERSISTENT = re.compile(r"s:(.+)", re.DOTALL)
_PREFIX = re.compile(r"[a-z][a-z_]*")
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_BOOLEANS = {"yes": True, "no": False}


class ButtonData:
    """What a button carries. Subclass `TurnButtonData` or `PersistentButtonData`, not this class.

    A subclass is a frozen dataclass and names its prefix:

        @dataclass(frozen=True)
        class CountryChosen(TurnButtonData, prefix="country"):
            country: str
    """

    prefix: ClassVar[str]
    """The first part of the packed string. It names the class."""

    registry: ClassVar[dict[str, type[Any]]]
    """The classes of this kind of button, by their prefix."""

    def __init_subclass__(cls, prefix: str | None = None) -> None:
        """Register the class under `prefix`. Raises TypeError where another class has it."""
        super().__init_subclass__()
        if prefix is None:
            return
        if not _PREFIX.fullmatch(prefix) or prefix in cls.registry:
            raise TypeError(f"{cls.__name__} needs a prefix of its own, not {prefix!r}")
        cls.prefix = prefix
        cls.registry[prefix] = cls


class TurnButtonData(ButtonData):
    """Data of a button that works for one turn of a journey only."""

    registry: ClassVar[dict[str, type[Any]]] = {}


class PersistentButtonData(ButtonData):
    """Data of a button that works for as long as its message exists."""

    registry: ClassVar[dict[str, type[Any]]] = {}


class StaffButtonData(PersistentButtonData):
    """Data of a button of people with a role, which `conversations.staff_router` answers."""


@dataclass(frozen=True)
class UnknownButton:
    """Stands for data that no class here can have packed: forged, or from a newer version."""


class PressedTurnButton(NamedTuple):
    """A button of a turn, as it was unpacked."""

    button: TurnButtonData | UnknownButton
    journey: str
    """The first `JOURNEY_ID_DIGITS` digits of the id of the journey that showed the button."""
    turn: int
    """The turn of that journey whose prompt showed the button."""


def pack_turn(button: TurnButtonData, journey: str, turn: int) -> str:
    """Return the callback data of a button of turn `turn` of the journey with the id `journey`.

    Raises ValueError if Telegram would not take it.
    """
    return _checked(f"t:{journey[:JOURNEY_ID_DIGITS]}:{turn}:{_pack(button)}")


def pack_persistent(button: PersistentButtonData) -> str:
    """Return the callback data of a button that outlives its turn.

    Raises ValueError if Telegram would not take it.
    """
    return _checked(f"s:{_pack(button)}")


def unpack_turn(data: str) -> PressedTurnButton | None:
    """Return the button of a turn that `data` stands for; None if `data` is of another kind."""
    found = _TURN.fullmatch(data)
    if found is None:
        return None
    button = _unpack(TurnButtonData.registry, found[3])
    known = button if isinstance(button, TurnButtonData) else UnknownButton()
    return PressedTurnButton(known, found[1], int(found[2]))


def unpack_persistent(data: str) -> PersistentButtonData | UnknownButton:
    """Return the button that `data` stands for, which outlives its turn."""
    found = _PERSISTENT.fullmatch(data)
    button = _unpack(PersistentButtonData.registry, found[1]) if found else None
    return button if isinstance(button, PersistentButtonData) else UnknownButton()


def _checked(data: str) -> str:
    size = len(data.encode())
    if size > MAX_CALLBACK_BYTES:
        raise ValueError(f"a button carries {size} bytes, and Telegram takes {MAX_CALLBACK_BYTES}")
    return data


def _pack(button: Any) -> str:
    values = (getattr(button, field.name) for field in fields(button))
    return _SEPARATOR.join((button.prefix, *map(_write, values)))


def _unpack(registry: dict[str, type[Any]], packed: str) -> object:
    """Return the button of `registry` that `packed` stands for; None if there is none."""
    prefix, *parts = packed.split(_SEPARATOR)
    button = registry.get(prefix)
    if button is None:
        return None
    declared = fields(button)
    required = sum(field.default is MISSING for field in declared)
    if not required <= len(parts) <= len(declared):
        return None
    try:
        return button(
            *(_read(each.type, part) for each, part in zip(declared, parts, strict=False))
        )
    except ValueError:
        return None


def _write(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case str() if _SEPARATOR not in value:
            return str(value)
        case _:
            raise ValueError("a button cannot carry this value")


def _read(type_: Any, part: str) -> object:
    """Return the value of the type `type_` that `part` stands for. Raises ValueError."""
    if isinstance(type_, UnionType):
        if part == "":
            return None
        (type_,) = set(get_args(type_)) - {NoneType}
    if type_ is bool and part in _BOOLEANS:
        return _BOOLEANS[part]
    if type_ is int and _INTEGER.fullmatch(part):
        return int(part)
    if type_ is str or (isinstance(type_, type) and issubclass(type_, StrEnum)):
        return type_(part)
    raise ValueError("this is not a value of the field's type")
