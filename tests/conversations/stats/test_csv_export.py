"""CSV for spreadsheets."""

from conversations.stats.csv_export import encode


def test_a_table_has_no_signs_of_direction() -> None:
    """A cell is data: a name in another direction stands in it as it was written."""
    names = ("محمد علي", "José", "\u2068José\u2069")
    assert encode(["name"], [{"name": name} for name in names]).decode("utf-8-sig") == (
        "name\r\nمحمد علي\r\nJosé\r\nJosé\r\n"
    )
