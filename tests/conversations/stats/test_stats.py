"""Figures that are asked for: of which time they are, and what is told of few people."""

from collections import defaultdict
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.core.effects.stats import DigestInterval
from conversations.core.facts import Deployment
from conversations.model.stats.figures import (
    MIN_SHOWN_COUNT,
    OTHERS,
    Figure,
    Figures,
    FiguresQuery,
    Period,
    hide_small_counts,
)
from conversations.model.stats.funnel import FunnelStage
from conversations.stats import chart_words
from conversations.stats.chart_layout import BAR_OF_FEW, Words, chart
from conversations.stats.csv_export import CsvRow, sheet
from conversations.stats.digest_schedule import digest_figures
from conversations.stats.report import MAX_CAPTION, text
from conversations.text.html import length, plain
from conversations.text.wording import Wording

MONDAY = date(2031, 5, 12)


@pytest.mark.parametrize(
    ("zone", "last"),
    [("UTC", 11), ("America/Los_Angeles", 11), ("Asia/Hong_Kong", 11), ("Asia/Tokyo", 10)],
)
def test_what_comes_by_itself_is_of_days_that_are_over(zone: str, last: int) -> None:
    deployment = Deployment({}, "bot", "actions@send.example", "tests@send.example", zone=zone)
    day = date(2031, 5, last)
    assert digest_figures(deployment, DigestInterval.DAY, MONDAY) == FiguresQuery(
        "*", Period.TODAY, day
    )
    assert digest_figures(deployment, DigestInterval.WEEK, MONDAY) == FiguresQuery(
        "*", Period.WEEK, day
    )


def test_no_cell_is_taken_for_a_formula() -> None:
    lines = [CsvRow("river", "", "link", value, 7) for value in ("-2-3", "=1+1", "+1", "@a", "a-b")]
    written = sheet(lines, show_few=False).decode("utf-8-sig").splitlines()
    assert [line.split(",")[3] for line in written[1:]] == ["'-2-3", "'=1+1", "'+1", "'@a", "a-b"]


# --- where few act --------------------------------------------------------------------------------

COUNTS = st.dictionaries(st.sampled_from(["BR", "CH", "GB", "HK", "PT"]), st.integers(1, 8))


@given(COUNTS)
def test_nothing_that_is_told_gives_away_how_many_are_few(counts: dict[str, int]) -> None:
    """Who knows the total and the rule still has two answers for each country with few."""
    told = hide_small_counts(counts)
    assert {code: counts[code] for code in told if told[code] is not None} == {
        code: count for code, count in counts.items() if count >= MIN_SHOWN_COUNT
    }
    few = [code for code in told if told[code] is None and code != OTHERS]
    left = sum(counts.values()) - sum(count or 0 for count in told.values())
    possible: dict[str, set[int]] = defaultdict(set)
    for each in product(range(1, MIN_SHOWN_COUNT), repeat=len(few)):
        guess = {code: count for code, count in told.items() if count is not None}
        guess |= dict(zip(few, each, strict=True))
        if sum(each) == left and hide_small_counts(guess) == told:
            for code, count in zip(few, each, strict=True):
                possible[code].add(count)
    assert all(len(possible[code]) > 1 for code in few)


@pytest.mark.parametrize(
    ("counts", "bars"),
    [
        ({"PT": 7, "GB": 3}, [("Portugal", "7"), ("Other countries", "< 5 each")]),
        (
            {"PT": 7, "GB": 3, "BR": 2},
            [("Portugal", "7"), ("Brazil", "fewer than 5"), ("United Kingdom", "fewer than 5")],
        ),
        ({"GB": 4, "BR": 4}, [("Other countries", "< 5 each")]),
        ({"GB": 1}, [("Other countries", "< 5 each")]),
        ({"GB": 5, "BR": 6}, [("Brazil", "6"), ("United Kingdom", "5")]),
    ],
)
def test_picture_and_table_name_the_few_only_where_that_hides_them(
    counts: dict[str, int], bars: list[tuple[str, str]]
) -> None:
    deployment = Deployment({}, "bot", "actions@send.example", "tests@send.example")
    figures = Figures(Period.ALL, MONDAY, MONDAY, sums={Figure.COUNTRY: counts})
    shown = chart(Words(deployment, Wording("en"), {}), "river", figures, show_few=False)
    assert [(bar.label.text, bar.note.text) for bar in shown.countries.bars] == bars
    lines = [CsvRow("river", "", "country", code, count) for code, count in counts.items()]
    table = sheet(lines, show_few=False).decode("utf-8-sig").splitlines()[1:]
    few = {
        "other" if code == OTHERS else code: f"<{MIN_SHOWN_COUNT}"
        for code, n in hide_small_counts(counts).items()
        if n is None
    }
    many = {code: str(count) for code, count in counts.items() if count >= MIN_SHOWN_COUNT}
    assert sorted(table) == sorted(f"river,,country,{k},{v}" for k, v in (many | few).items())
    assert len(sheet(lines, show_few=True).splitlines()) == 1 + len(counts)


def test_languages_hide_the_few_as_countries_do() -> None:
    deployment = Deployment({}, "bot", "actions@send.example", "tests@send.example")
    figures = Figures(Period.ALL, MONDAY, MONDAY, sums={Figure.LANGUAGE: {"en": 7, "de": 1}})
    words = Words(deployment, Wording("en"), {})
    shown = chart(words, "river", figures, show_few=False).languages.bars
    assert [(bar.label.text, bar.note.text) for bar in shown] == [
        ("English", "7"),
        ("Other languages", "< 5 each"),
    ]
    exact = chart(words, "river", figures, show_few=True).languages.bars
    assert [(bar.label.text, bar.note.text) for bar in exact] == [
        ("English", "7"),
        ("Deutsch", "1"),
    ]


def test_countries_and_languages_are_alike_in_the_picture_and_in_its_words() -> None:
    """The few have the same bar and the same words, in the order of their codes."""
    deployment = Deployment({}, "bot", "actions@send.example", "tests@send.example")
    sums: dict[Figure, dict[str, int]] = {
        Figure.COUNTRY: {"PT": 7, "GB": 3, "BR": 2, "DE": 9},
        Figure.LANGUAGE: {"en": 7, "pt": 3, "de": 2},
    }
    sums[Figure.STEP] = {FunnelStage.OPENED: 30}
    figures, wording = Figures(Period.ALL, MONDAY, MONDAY, sums=sums), Wording("en")
    shown = chart(Words(deployment, wording, {}), "river", figures, show_few=False)
    of_countries = [(bar.label.plain, bar.value) for bar in shown.countries.bars]
    assert of_countries == [("DE", 9), ("PT", 7), ("BR", BAR_OF_FEW), ("GB", BAR_OF_FEW)]
    of_languages = [(bar.label.plain, bar.value) for bar in shown.languages.bars]
    assert of_languages == [("en", 7), ("de", BAR_OF_FEW), ("pt", BAR_OF_FEW)]
    told = [plain(line) for line in chart_words.lines(shown, wording, figures)]
    assert (
        "Countries\nGermany 9 · Portugal 7 · Brazil fewer than 5 · United Kingdom fewer than 5"
    ) in told
    assert "Languages\nEnglish 7 · Deutsch fewer than 5 · Português fewer than 5" in told


def test_a_loss_among_few_people_is_no_percentage() -> None:
    """A third of three people says nothing: the chart says of how few it is, and not in red."""
    deployment = Deployment({}, "bot", "actions@send.example", "tests@send.example")
    steps: dict[str, int] = dict(zip(FunnelStage, (40, 30, 19, 3, 2, 2, 2, 2, 1), strict=True))
    figures = Figures(Period.ALL, MONDAY, MONDAY, sums={Figure.STEP: steps})
    shown = chart(Words(deployment, Wording("en"), {}), "river", figures, show_few=False)
    asides = [bar.aside.text if bar.aside else "" for bar in shown.funnel.bars]
    assert asides == ["", "−25%", "−37%", "n = 19", "n = 3", "", "", "", "n = 2"]
    assert [bar.stands_out for bar in shown.funnel.bars] == [
        *(False, False, True, False, False, False, False, False, False)
    ]


def test_the_words_below_a_picture_fit_into_its_caption() -> None:
    """What does not fit is left out from the end, one part after the other."""
    deployment = Deployment({}, "bot", "actions@send.example", "tests@send.example")
    steps: dict[str, int] = dict.fromkeys(FunnelStage, 1234567)
    sources = {f"{number}-{'s' * 40}": 9 for number in range(4)}
    days = dict.fromkeys((date(2031, 4, day) for day in range(1, 31)), 1234567)
    figures = Figures(
        Period.MONTH,
        date(2031, 4, 1),
        date(2031, 4, 30),
        sent=days,
        sums={Figure.STEP: steps, Figure.SOURCE: sources, Figure.LANGUAGE: {"en": 9}},
    )
    wording = Wording("en")
    picture = chart(Words(deployment, wording, {}), "river", figures, show_few=False)
    told = text(deployment, wording, "river", figures, picture)
    assert length(told) <= MAX_CAPTION
    headings = ("Where people stop", "Languages", "Links: submitted / opened", "Letters per day")
    assert [heading in told for heading in headings] == [True, True, True, False]


def test_a_table_of_several_campaigns_hides_the_few_of_each() -> None:
    lines = [
        CsvRow("river", "", "country", "PT", 3),
        CsvRow("sea", "", "country", "GB", 9),
        CsvRow("sea", "", "country", "PT", 2),
        CsvRow("sea", "", "language", "en", 9),
        CsvRow("sea", "", "language", "pt", 2),
        CsvRow("sea", "2031-05-12", "source", "poster", 2),
    ]
    assert sheet(lines, show_few=False).decode("utf-8-sig").splitlines()[1:] == [
        "river,,country,other,<5",
        "sea,,country,GB,9",
        "sea,,country,other,<5",
        "sea,,language,en,9",
        "sea,,language,other,<5",
        "sea,2031-05-12,source,poster,2",
    ]
