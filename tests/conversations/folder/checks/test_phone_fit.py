"""`check` warns of a first message that is higher than a phone's screen."""

import struct
from pathlib import Path

import pytest

from conversations.folder.checks.picture_size import picture_size
from conversations.folder.loading import load_campaign
from conversations.model.mistakes import Mistake
from tests.conversations.folders import EN, TOML, edit, noted
from tests.conversations.play import OTHERS, SAMPLES

ASK = "**Write to those who decide** about the river."


def too_long(lines: int, fix: str = ", or use a wider picture") -> Mistake:
    return Mistake(
        f"The first message is about {lines} lines too long for a phone.",
        f"Shorten Title, Ask or the target's name{fix}.",
        "river/en.md",
        is_error=False,
    )


def too_high(folder: Path) -> list[Mistake]:
    """Return what is noted about the first message in English."""
    return [each for each in noted(folder) if each.where == "river/en.md"]


@pytest.mark.parametrize("ours", [SAMPLES / "hong-kong", OTHERS / "river"], ids=["hk", "river"])
def test_our_own_campaigns_fit_a_phone(ours: Path) -> None:
    assert load_campaign(ours).mistakes == ()


def test_a_long_request_is_noted(folder: Path) -> None:
    edit(folder, EN, ASK, f"{ASK} {'Please do it today. ' * 12}")
    assert too_high(folder) == [too_long(6)]


def test_without_a_picture_there_is_more_space(folder: Path) -> None:
    edit(folder, TOML, 'picture = "picture.png"', "")
    edit(folder, EN, ASK, f"{ASK} {'Please do it today. ' * 12}")
    assert too_high(folder) == []
    edit(folder, EN, ASK, f"{ASK} {'Please do it today. ' * 12}")
    assert too_high(folder) == [too_long(4, "")]


def test_a_high_picture_is_noted(folder: Path) -> None:
    content = bytearray((folder / "picture.png").read_bytes())
    content[16:24] = struct.pack(">II", 800, 600)
    (folder / "picture.png").write_bytes(content)
    assert too_high(folder) == [too_long(5)]


def test_a_long_story_is_folded(folder: Path) -> None:
    edit(folder, EN, "Where otters swam", "It was green once. " * 10 + "Where otters swam")
    assert too_high(folder) == []


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 1200, 500), (1200, 500)),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\xff\xc0\0\x11\x08\x02\x58\x03\x20\x03", (800, 600)),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", None),
        (b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x1f\x03\0\x57\x02\0", (800, 600)),
        (b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x1f\xc3\x95\0", (800, 600)),
        (b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x20\x03\x58\x02", (800, 600)),
        (b"RIFF\0\0\0\0WEBPANIM", None),
    ],
)
def test_the_size_of_a_picture(content: bytes, size: tuple[int, int] | None) -> None:
    assert picture_size(content) == size
