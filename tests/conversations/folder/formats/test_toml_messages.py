"""What is said of each way to write `campaign.toml` wrongly."""

from datetime import date
from pathlib import Path

import pytest

from conversations.folder.formats.toml_syntax import BOOLEAN, DAY, LIST, NUMBER, QUOTES, TIME
from conversations.folder.loading import load_campaign
from tests.conversations.folders import TOML, edit, found

KEEP_UNTIL, GOAL = "keep_until = 2029-10-31", "goal = 3000"
NAME = 'name = { en = "Embassy of Portugal in Brazil", pt = "Embaixada de Portugal no Brasil" }'


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "fix"),
    [
        (KEEP_UNTIL, "keep_until = 31.12.2030", ":23", "This isn't a valid day.", DAY),
        (KEEP_UNTIL, "keep_until = 31/12/2030", ":23", "This isn't a valid day.", DAY),
        (KEEP_UNTIL, "keep_until = 2030-2-30", ":23", "This isn't a valid day.", DAY),
        (KEEP_UNTIL, "keep_until = 2030-02-30", ":23", "This isn't a valid day.", DAY),
        (KEEP_UNTIL, 'keep_until = "soon"', ":23 keep_until", "This isn't a valid day.", DAY),
        (GOAL, "opens = 2030-01-01 25:00", ":26", "This isn't a valid time.", TIME),
        (GOAL, 'opens = "tomorrow"', ":26 opens", "This isn't a valid time.", TIME),
        ("lock_demands = true", "lock_demands = True", ":35", "This isn't true or false.", BOOLEAN),
        ("lock_demands = true", "lock_demands = yes", ":35", "This isn't true or false.", BOOLEAN),
        (
            "lock_demands = true",
            'lock_demands = "maybe"',
            ":35 lock_demands",
            "This isn't true or false.",
            BOOLEAN,
        ),
        (GOAL, "goal = 3,000", ":26", "This isn't a valid number.", NUMBER),
        (GOAL, "goal = 3.000", ":26 goal", "This isn't a whole number.", NUMBER),
        (GOAL, 'goal = "3000"', ":26 goal", "This isn't a whole number.", NUMBER),
        (GOAL, "goal = -1", ":26 goal", "This number is out of range.", "It must be more than 0."),
        (GOAL, "goal =", ":26", "This key has no value.", None),
        (GOAL, "goal = none", ":26", "TOML has no empty value.", None),
        (GOAL, "goal", ":26", "This line is neither a heading nor a key with a value.", None),
        (GOAL, "goal = 3000 letters", ":26", "Something follows the value.", None),
        (GOAL, "our goal = 3000", ":26", "This key isn't written correctly.", None),
        ('"river"', "river", ":5", "A text needs quotes.", QUOTES),
        ('"river"', '"river', ":5", "A text has no closing quote.", QUOTES),
        ('"river"', '"C:\\quick"', ":5", "A backslash in a text is special.", None),
        ('"river"', "5", ":5 slug", "This must be a text.", 'Write it in quotes: key = "text"'),
        ('["bridge", "newsletter"]', "[bridge]", ":53", "This list isn't written correctly.", LIST),
        (
            '["bridge", "newsletter"]',
            '"bridge"',
            ":53 sources",
            'This must be a list, like ["PT", "ES"].',
            "Put brackets around it, and quotes around each text.",
        ),
        (
            '[[targets]]\nid = "ministry"',
            '[targets]\nid = "ministry"',
            None,
            "This appears twice.",
            "Remove one.",
        ),
        (
            '[[targets]]\nid = "ministry"',
            '[[targets]\nid = "ministry"',
            ":59",
            "The brackets of this heading don't match.",
            "Write [section] or [[targets]].",
        ),
        (
            'edits = "free"',
            'edits = "freely"',
            ":32 edits",
            "This value isn't known.",
            'Did you mean "free"?',
        ),
        (
            'edits = "free"',
            'edits = "x"',
            ":32 edits",
            "This value isn't known.",
            'Possible values: "add", "none", "free"',
        ),
        (
            'country = "BR"',
            'country = "UK"',
            ":72 second target (embassy-brazil): country",
            "“UK” isn't a valid country.",
            "Did you mean GB?",
        ),
        (
            'country = "BR"',
            'country = "Brazil"',
            ":72 second target (embassy-brazil): country",
            "This has the wrong format.",
            "Did you mean BR?",
        ),
        (
            '["PT", "BR", "ES", "FR", "CH", "LU"]',
            '["pt", "BR"]',
            ":50 likely_countries, item 1",
            "This has the wrong format.",
            "Did you mean PT?",
        ),
        (
            'languages = ["en", "pt"]',
            'languages = ["EN", "pt"]',
            ":20 languages, item 1",
            "This has the wrong format.",
            "Did you mean en?",
        ),
        (
            'languages = ["en", "pt"]',
            'languages = ["en", "portuguese"]',
            ":20 languages, item 2",
            "This has the wrong format.",
            "Did you mean pt?",
        ),
        (
            NAME,
            'name = "Embassy"',
            ":70 second target (embassy-brazil): name",
            "This must be a name for each language.",
            'Write it like { en = "Minister", pt = "Ministra" }',
        ),
        (
            NAME,
            'name = { en = "Embassy" }',
            ":70 second target (embassy-brazil): name",
            "It has no name in “pt”, a language of the campaign.",
            'Add pt = "…" to it.',
        ),
        (
            NAME,
            'name.en = "Embassy"\nname.prt = "Embaixada"',
            ":70 second target (embassy-brazil): name",
            "It has no name in “pt”, a language of the campaign.",
            'Add pt = "…" to it.',
        ),
    ],
)
def test_a_mistake_says_what_to_write(
    folder: Path, old: str, new: str, where: str | None, what: str, fix: str | None
) -> None:
    edit(folder, TOML, old, new)
    told = found(folder)
    places = [place for place, problem, _ in told if problem == what]
    assert places, told
    if where is not None:
        assert f"river/{TOML}{where}" in places
    assert fix is None or (what, fix) in [(problem, each) for _, problem, each in told]


def test_a_name_in_a_language_that_the_campaign_does_not_have(folder: Path) -> None:
    edit(folder, TOML, NAME, NAME.replace(" }", ', arr = "x" }'))
    mistakes = [each for each in load_campaign(folder).mistakes if "arr" in each.problem]
    assert [(each.where, each.problem, each.fix, each.is_error) for each in mistakes] == [
        (
            f"river/{TOML}:70 second target (embassy-brazil): name.arr",
            "“arr” isn't a language of the campaign, so this name isn't used.",
            "Possible values: en, pt",
            False,
        )
    ]


@pytest.mark.parametrize(
    ("today", "problem"),
    [
        (date(2029, 10, 31), None),
        (date(2029, 11, 1), "This day is in the past: all personal data would be deleted at once."),
    ],
)
def test_a_day_in_the_past_is_a_mistake(folder: Path, today: date, problem: str | None) -> None:
    loaded = load_campaign(folder, today)
    assert [each.problem for each in loaded.mistakes if each.is_error] == [problem] * bool(problem)
    assert (loaded.campaign is None) == bool(problem)
    assert load_campaign(folder).campaign, "a bot that runs keeps it, and it is closed"


def test_a_translation_that_was_never_stamped(folder: Path) -> None:
    path = folder / "pt.md"
    text = path.read_text(encoding="utf-8")
    assert text.startswith("---\n")
    path.write_text(text.partition("---\n")[2].partition("---\n")[2], encoding="utf-8")
    (mistake,) = [each for each in load_campaign(folder).mistakes if each.where == "river/pt.md"]
    assert (mistake.problem, mistake.fix) == (
        "Not stamped yet.",
        "Once it matches en.md, run: actionbot campaign stamp river",
    )
