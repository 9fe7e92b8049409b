"""Single values of campaign.toml are changed; everything else stays, comments too."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from conversations.folder.edits.toml_editing import (
    NotEditable,
    flatten,
    merge_values,
    remove_value,
    set_value,
)

CAMPAIGNS = Path(__file__).parents[4] / "conversations" / "campaigns"
SAMPLE = (CAMPAIGNS / "hong-kong" / "campaign.toml").read_text(encoding="utf-8")
SKELETON = (CAMPAIGNS.parent / "folder" / "skeleton" / "campaign.toml").read_text(encoding="utf-8")
CHIEF = ("targets", "chief-executive")

FILE = '''# Top.
slug = "river"   # its name
goal = 1_000 # letters

sources = [
    "poster",  # on walls
    "a ] b # c",
]
text = """
not = "a key"
[nor a table]
"""
organisation.name = 'It''s' # no
'''.replace(" # no", "").replace("'It''s'", "'Its'")

TARGETS = """
[[targets]]  # the first
id = "minister"
name = { en = "Minister", "pt" = "Ministra" }
address = "minister@gov.example"

[[targets]]
address = "mayor@city.example"
id = "mayor"

[targets.name]
en = "Mayor" # of the city

[[questions]]
id = "postcode"
"""


def lines_that_differ(before: str, after: str) -> list[str]:
    old, new = before.splitlines(), after.splitlines()
    return [f"-{each}" for each in old if each not in new] + [
        f"+{each}" for each in new if each not in old
    ]


@pytest.mark.parametrize(
    ("path", "value", "differs"),
    [
        (("goal",), 2000, ["-goal = 1_000 # letters", "+goal = 2000 # letters"]),
        (
            ("slug",),
            'a"b\\c',
            ['-slug = "river"   # its name', '+slug = "a\\"b\\\\c"   # its name'],
        ),
        (("sources",), ["web"], None),
        (("text",), "one", None),
        (("organisation", "name"), "Ours", None),
        (("closes",), datetime(2030, 1, 2, 3, tzinfo=UTC), ["+closes = 2030-01-02T03:00:00Z"]),
        (("keep_until",), date(2030, 1, 2), ["+keep_until = 2030-01-02"]),
        (("copies",), True, ["+copies = true"]),
        (
            ("targets", "minister", "address"),
            "new@gov.example",
            ['-address = "minister@gov.example"', '+address = "new@gov.example"'],
        ),
        (
            ("targets", "minister", "name", "pt"),
            "Ministro",
            [
                '-name = { en = "Minister", "pt" = "Ministra" }',
                '+name = { en = "Minister", pt = "Ministro" }',
            ],
        ),
        (
            ("targets", "mayor", "name", "en"),
            "The Mayor",
            ['-en = "Mayor" # of the city', '+en = "The Mayor" # of the city'],
        ),
        (("targets", "mayor", "name", "zh-Hant"), "市長", ['+zh-Hant = "市長"']),
        (("targets", "mayor", "country"), "PT", ['+country = "PT"']),
    ],
)
def test_a_value_is_changed(path: tuple[str, ...], value: Any, differs: list[str] | None) -> None:
    before = FILE + TARGETS
    after = set_value(before, path, value)
    values = flatten(tomllib.loads(before))
    assert flatten(tomllib.loads(after)) == {**values, path: value}
    if differs is not None:
        assert lines_that_differ(before, after) == differs
    assert after.count("# Top.") == after.count("# the first") == after.count("# of the city") == 1


@pytest.mark.parametrize("content", [SAMPLE, SKELETON, FILE + TARGETS])
def test_each_value_can_be_removed_and_set_again(content: str) -> None:
    values = flatten(tomllib.loads(content))
    for path, value in values.items():
        if path[-1] == "id" or "name" in path:
            continue
        removed = remove_value(content, path)
        assert path not in flatten(tomllib.loads(removed))
        assert flatten(tomllib.loads(set_value(removed, path, value))) == values


def test_a_key_goes_below_the_comment_that_shows_it() -> None:
    after = set_value(SKELETON, ("goal",), 500)
    assert "# how many letters you aim for\ngoal = 500\n# show_counter_from" in after
    assert set_value(SKELETON, ("targets", "minister", "letters_per_hour"), 60).endswith(
        '# hours = "09:00-17:00"                   # and send them only in these hours\n'
        '# time_zone = "Europe/London"\n'
    )


def test_the_same_value_changes_nothing() -> None:
    assert set_value(SAMPLE, ("goal",), 20000) is SAMPLE
    assert remove_value(SAMPLE, ("closes",)) is SAMPLE


def test_typographic_quotes_become_straight() -> None:
    assert set_value("a = “x”\nb = 1\n", ("b",), 2) == 'a = "x"\nb = 2\n'


@pytest.mark.parametrize("content", ["a = ", "a = 1\na = 2", "x = [[[", "[[targets]]\nname = 3"])
def test_what_cannot_be_edited_safely_is_refused(content: str) -> None:
    with pytest.raises(NotEditable):
        set_value(content, ("targets", "minister", "address"), "x@y.example")


def test_a_target_is_found_by_its_id() -> None:
    after = set_value(SAMPLE, (*CHIEF, "address"), "office@government-hk.example")
    assert lines_that_differ(SAMPLE, after) == [
        '-address = "chief-executive@government-hk.example"',
        '+address = "office@government-hk.example"',
    ]


def test_two_changes_are_put_together() -> None:
    mine = set_value(set_value(SAMPLE, ("goal",), 30000), (*CHIEF, "country"), "GB")
    theirs = set_value(SAMPLE, ("contact",), "new@open-letters-hk.example")
    merged, conflicts = merge_values(SAMPLE, mine, theirs)
    assert conflicts == ()
    assert lines_that_differ(theirs, merged) == [
        "-goal = 20000",
        '-country = "HK"',
        "+goal = 30000",
        '+country = "GB"',
    ]
    removed = remove_value(theirs, ("goal",))
    assert merge_values(SAMPLE, mine, removed) == (
        set_value(set_value(removed, ("goal",), 30000), (*CHIEF, "country"), "GB"),
        ("goal",),
    )


def test_a_new_target_is_not_merged_value_by_value() -> None:
    more = SAMPLE + '\n[[targets]]\nid = "mayor"\naddress = "mayor@city.example"\n'
    with pytest.raises(NotEditable):
        merge_values(SAMPLE, more, set_value(SAMPLE, ("goal",), 1))
    merged, conflicts = merge_values(SAMPLE, set_value(SAMPLE, ("goal",), 1), more)
    assert (merged, conflicts) == (set_value(more, ("goal",), 1), ())
