"""What people type in answer to a campaign's own questions."""

import pytest

from conversations.text.typed.choices import find_options
from conversations.text.typed.numbers import read_number

BANKS = {
    "left": ("the left bank", "a margem esquerda", "左岸"),
    "right": ("the right bank", "a margem direita", "右岸"),
    "saint-mary": ("St. Mary's island", "Ilha de Santa Maria"),
    "none": ("None of them",),
}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("The LEFT bank!", ("left",)),
        ("left", ("left",)),
        ("I live on the right bank of it", ("right",)),
        ("esquerda", ("left",)),
        ("a margem esqerda", ("left",)),
        ("左岸", ("left",)),
        ("我住在 左岸 附近", ("left",)),
        ("bank", ("left", "right")),
        ("margem", ("left", "right")),
        ("the rigt bank", ("right",)),
        ("my house is on the rigt bannk", ("right",)),
        ("of", ()),
        ("the middle", ()),
        ("", ()),
        ("?!", ()),
    ],
)
def test_an_option_is_found(typed: str, found: tuple[str, ...]) -> None:
    assert find_options(typed, BANKS) == found


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("12", "12"),
        (" 007 ", "7"),
        ("000", "0"),
        ("1,200", "1200"),
        ("1 200 000", "1200000"),
        ("1.500", "1500"),
        ("1.5", None),
        ("١٢", "12"),
        ("１２", "12"),
        ("-3", None),
        ("twelve", None),
        ("", None),
        ("1234567890", None),
    ],
)
def test_a_number_is_read(typed: str, read: str | None) -> None:
    assert read_number(typed, 9) == read
