"""What the public counter shows, and from how many letters on."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from conversations.stats.public_counter import PublicCounter, public_counter
from conversations.text.wording import Wording
from tests.conversations.play import RIVER

SVG = "{http://www.w3.org/2000/svg}"


def counter(accepted: int, language: str = "en", **settings: Any) -> PublicCounter | None:
    campaign = RIVER.model_copy(update={"public_counter": True, **settings})
    return public_counter(campaign, accepted, Wording(language))


def shown(accepted: int, language: str = "en", **settings: Any) -> PublicCounter:
    found = counter(accepted, language, **settings)
    assert found is not None
    return found


def parsed(found: PublicCounter) -> ElementTree.Element:
    return ElementTree.fromstring(found.svg())  # noqa: S314 - the bot's own, not a stranger's


@pytest.mark.parametrize(
    ("accepted", "settings", "is_shown"),
    [
        (49, {}, False),
        (50, {}, True),
        (99, {"show_counter_from": 100}, False),
        (100, {"show_counter_from": 100}, True),
        (5000, {"public_counter": False}, False),
    ],
)
def test_from_how_many_letters_on(
    accepted: int, settings: dict[str, Any], *, is_shown: bool
) -> None:
    assert (counter(accepted, "en", **settings) is not None) == is_shown


def test_json() -> None:
    assert json.loads(shown(1234).json()) == {
        "campaign": "river",
        "letters": 1234,
        "goal": 3000,
        "text": "1,234 of 3,000 letters accepted",
    }
    assert json.loads(shown(1234, goal=None).json()) == {
        "campaign": "river",
        "letters": 1234,
        "goal": None,
        "text": "1,234 letters accepted",
    }


def test_people() -> None:
    assert json.loads(shown(1234, goal_counts="people").json()) == {
        "campaign": "river",
        "people": 1234,
        "goal": 3000,
        "text": "1,234 of 3,000 people have written",
    }
    assert shown(1234, goal_counts="people", goal=None).words == "1,234 people have written"


def test_picture_says_the_same_to_screen_readers() -> None:
    picture = parsed(shown(1500))
    assert picture.attrib["role"] == "img"
    title, text = picture.find(f"{SVG}title"), picture.find(f"{SVG}text")
    assert title is not None and text is not None
    assert picture.attrib["aria-labelledby"] == title.attrib["id"]
    assert title.text == text.text == "1,500 of 3,000 letters accepted"
    card, whole, part = picture.findall(f"{SVG}rect")
    assert float(part.attrib["width"]) * 2 == float(whole.attrib["width"])
    assert part.attrib["x"] == whole.attrib["x"]
    assert float(card.attrib["width"]) < float(picture.attrib["width"])


def test_bar_is_never_longer_than_the_goal() -> None:
    *_, whole, part = parsed(shown(9000)).findall(f"{SVG}rect")
    assert part.attrib["width"] == f"{float(whole.attrib['width'])}"
    (card,) = parsed(shown(9000, goal=None)).findall(f"{SVG}rect")
    assert card.attrib["class"] == "card"


def test_arabic_is_written_from_right_to_left() -> None:
    picture = parsed(shown(1500, "ar"))
    text, part = picture.find(f"{SVG}text"), picture.findall(f"{SVG}rect")[2]
    assert text is not None and text.attrib["direction"] == "rtl"
    end = float(part.attrib["x"]) + float(part.attrib["width"])
    assert end == float(picture.attrib["width"]) - 16


def test_picture_is_escaped_and_loads_nothing() -> None:
    hostile = PublicCounter(
        "river", "letters", 60, None, '</title><script src="//evil">&', '"><a', False
    )
    picture = parsed(hostile)
    assert {each.tag.removeprefix(SVG) for each in picture.iter()} == {
        "svg",
        "title",
        "style",
        "rect",
        "text",
    }
    assert "url(" not in hostile.svg() and "href" not in hostile.svg()
    assert "<script" not in hostile.svg()
