"""The audit log, page by page."""

from datetime import UTC, datetime

from conversations.auditing import AT_ONCE, Entry, Noted, Page, shown
from conversations.journey import Journey
from conversations.known import House, Known
from conversations.rich import length
from conversations.scene import Scene

NOW = datetime(2031, 5, 14, 12, tzinfo=UTC)


def test_a_page_of_the_longest_names_is_a_message() -> None:
    house = House({}, "bot", "actions@send.example", "tests@send.example")
    scene = Scene(house, Journey("a" * 32, "en"), Known("Olga", "en", "en"), NOW, 0)
    who = f"{129 * '🦊'} (1234567890)"
    entries = AT_ONCE * (Entry(NOW, who, Noted("removed", "campaigner", who)),)
    told = shown(scene, Page(1, 1, entries))
    assert length(told.text) <= 4096
    assert told.text.count("… (1234567890)") == 2 * AT_ONCE
