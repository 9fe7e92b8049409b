"""The picture of figures: what stands in it, in which letters, and that it is one."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from matplotlib.font_manager import FontProperties, findfont

from bot.charts import drawing_process, fonts
from bot.charts.drawing import ChartDrawing
from bot.charts.sheet import WIDTH
from bot.services.ports import NotDrawn
from conversations.core.facts import Deployment
from conversations.model.stats.chart import Chart, Label
from conversations.model.stats.figures import Figure, Figures, Period
from conversations.model.stats.funnel import FunnelStage
from conversations.stats.chart_layout import Words, chart
from conversations.text import countries
from conversations.text.languages import offered, own_name
from conversations.text.wording import Wording

LAST = date(2031, 5, 14)
HOUSE = Deployment({}, "bot", "actions@send.example", "tests@send.example")
LONG = "دافعوا عن حقوق الناس في هونغ كونغ وطالبوا بالإفراج عن جميع السجناء السياسيين فورا " * 3


def figures(days: int = 7, countries: int = 12, goal: int | None = 1000) -> Figures:
    dates = [LAST - timedelta(days=day) for day in range(days)]
    codes = ("PT", "GB", "HK", "TW", "DE", "FR", "BR", "CH", "CA", "AU", "JP", "KR")
    sums: dict[Figure, dict[str, int]] = {
        Figure.STEP: {stage: 900 - 100 * number for number, stage in enumerate(FunnelStage)},
        Figure.COUNTRY: {code: 20 // (n + 1) for n, code in enumerate(codes[:countries])},
        Figure.LANGUAGE: {"en": 150, "zh-Hant": 50},
        Figure.SOURCE: {"poster": 120, "share": 80},
        Figure.LINK: {"poster": 500, "share": 400},
        Figure.FATE: {"bounced": 20, "failed": 10, "unknown": 5},
        Figure.HOUR: {"09": 12, "21": 3},
    }
    counts = dict.fromkeys(dates, 20)
    return Figures(
        Period.WEEK, dates[-1], LAST, counts, counts, sums, 65, None, 300, 300 + 20 * days, goal
    )


def pictured(language: str, given: Figures, *, show_few: bool = False) -> Chart:
    return chart(Words(HOUSE, Wording(language), {}), "hong-kong", given, show_few=show_few)


def drawn(given: Chart) -> ChartDrawing:
    picture = ChartDrawing(given)
    picture.draw()
    return picture


def axes(picture: ChartDrawing, name: str) -> Any:
    return next(axes for axes in picture.figure.axes if axes.get_label() == name)


def texts(picture: ChartDrawing) -> list[str]:
    return [text.get_text() for text in picture.figure.texts]


def test_every_part_stands_in_it() -> None:
    picture = drawn(pictured("en", figures()))
    assert [bar.get_height() for bar in axes(picture, "course").patches] == [20] * 7
    (line, goal) = axes(picture, "totals").lines
    assert list(line.get_ydata()) == [320, 340, 360, 380, 400, 420, 440]
    assert goal.get_ydata()[0] == 1000
    assert [bar.get_width() for bar in axes(picture, "funnel").patches] == [
        *(900, 800, 700, 600, 500, 400, 300, 200, 100)
    ]
    # accepted, waiting, unknown, bounced, failed, over the ground
    assert [bar.get_width() for bar in axes(picture, "fates").patches[1:]] == [100, 65, 5, 20, 10]
    said = texts(picture)
    for words in ("hong-kong", "May 8 – 14, 2031", "−33%", "Portugal", "and 5 more", "120 / 500"):
        assert words in said
    assert ("fewer than 5" in said, "5" in said) == (True, True)
    ticks = axes(picture, "course").get_xticklabels()
    assert [tick.get_text() for tick in ticks] == ["May 8", "May 10", "May 12", "May 14"]


def test_one_day_is_shown_by_its_hours() -> None:
    bars = axes(drawn(pictured("en", figures(days=1))), "course").patches
    assert [(n, bar.get_height()) for n, bar in enumerate(bars) if bar.get_height()] == [
        (9, 12),
        (21, 3),
    ]


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_it_is_mirrored_for_scripts_from_right_to_left(language: str) -> None:
    left, right = drawn(pictured("en", figures())), drawn(pictured(language, figures()))
    assert pictured(language, figures()).right_to_left
    for name in ("course", "funnel", "fates", "countries", "languages"):
        from_left, from_right = axes(left, name).get_position(), axes(right, name).get_position()
        assert from_right.width == pytest.approx(from_left.width, abs=0.05)
        first, last = axes(right, name).get_xlim()
        assert (last, first) == axes(left, name).get_xlim()
    side = axes(right, "course").yaxis.get_ticks_position()
    assert (side, axes(right, "totals").yaxis.get_ticks_position()) == ("right", "left")
    title = next(text for text in right.figure.texts if text.get_text() == "hong-kong")
    assert title.get_horizontalalignment() == "right"
    place = countries.name("PT", language)
    (country,) = [text for text in right.figure.texts if text.get_text() == place]
    assert country.get_position()[0] == pytest.approx(1 - (44 + 12) / WIDTH)


@pytest.mark.parametrize(
    "given",
    [
        Figures(Period.ALL, LAST, LAST),
        figures(days=1, countries=0),
        figures(days=400, goal=None),
        figures(days=2, goal=10**9),
    ],
)
def test_whatever_the_figures_nothing_stands_outside(given: Figures) -> None:
    picture = drawn(replace(pictured("zh-Hant", given), title=Label(LONG, "long")))
    picture.figure.canvas.draw()
    sheet = picture.figure.bbox
    for text in picture.figure.texts:
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= sheet.x1 and box.y0 >= 0 and box.y1 <= sheet.y1, text


def test_words_that_no_font_has_are_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without fonts: DejaVu Sans comes with matplotlib and has no Chinese."""
    monkeypatch.setattr(fonts, "_of_system", lambda language: [])
    given = replace(pictured("zh-Hant", figures()), title=Label("حقوق", "hong-kong"))
    said = texts(drawn(given))
    for words in ("حقوق", "2031-05-08 – 2031-05-14", "Where people stop", "PT", "zh-Hant"):
        assert words in said


@pytest.mark.parametrize("language", offered())
def test_a_font_is_installed_for_each_language(language: str) -> None:
    """CI installs them, and docs/operating.md names them."""
    name = Label(own_name(language), language)
    found = fonts.families(replace(pictured("en", figures()), title=name))
    assert fonts.shown(name, found) == name.text


def test_the_letters_are_those_of_a_font_that_is_there() -> None:
    chosen = fonts.families(pictured("en", figures()))
    assert chosen[0] == "DejaVu Sans"
    assert all(findfont(FontProperties(family=name), fallback_to_default=False) for name in chosen)
    assert fonts.shown(Label("\U0010ffff", "plain"), chosen) == "plain"


async def test_a_process_of_its_own_draws_it() -> None:
    picture = await drawing_process.draw(pictured("en", figures()))
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20]) == WIDTH


def test_the_bot_itself_never_imports_what_draws() -> None:
    command = "import bot.app, bot.cli, sys; sys.exit('matplotlib' in sys.modules)"
    subprocess.run((sys.executable, "-c", command), check=True)  # noqa: S603 - our own


async def test_what_is_asked_for_again_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = await drawing_process.draw(pictured("en", figures()))
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert await drawing_process.draw(pictured("en", figures())) is picture


async def test_a_flood_of_questions_is_drawn_one_by_one_and_each_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawing: list[bytes] = []

    async def slowly(shown: bytes) -> bytes:
        assert not drawing, "a second picture is drawn beside one"
        drawing.append(shown)
        await asyncio.sleep(0)
        drawing.remove(shown)
        asked.append(shown)
        return shown

    asked: list[bytes] = []
    monkeypatch.setattr(drawing_process, "_run_process", slowly)
    monkeypatch.setattr(drawing_process, "_CACHE", {})
    months = [pictured("en", figures(days=days)) for days in (5, 6, 7)]
    pictures = await asyncio.gather(
        *(drawing_process.draw(months[number % 3]) for number in range(300))
    )
    assert asked == pictures[:3]
    assert pictures == asked * 100


@pytest.mark.parametrize("broken", ["time", "no process", "process"])
async def test_what_cannot_be_drawn_is_told(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    if broken == "time":
        monkeypatch.setattr(drawing_process, "_TIMEOUT", 0.0)
    else:
        monkeypatch.setattr(sys, "executable", {"process": "false"}.get(broken, "/nowhere/python"))
    with pytest.raises(NotDrawn):
        await drawing_process.draw(pictured("en", figures(days=3)))
