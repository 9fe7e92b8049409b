"""Figures for campaigners and admins: as a picture, as text, as a file, and in daily digests."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.charts import drawing_process
from bot.services.ports import NotDrawn
from conversations.model.stats.chart import Chart
from storage.schema.tally import Tally
from storage.stats import tallies
from tests.chat import Chat
from tests.databases import opened
from tests.stage import Stage
from tests.stories.lines import ANSWERED
from tests.stories.staff.test_alerts import appoint

NOON = datetime(2025, 5, 14, 12, tzinfo=UTC)
"""A Wednesday."""

TITLE = "Stand up for people's rights in Hong Kong"
TIMES = ["Today", "✓ 7 days", "30 days", "All"]
QUIET = "Nothing unusual, and nothing needs attention."
IN_WORDS = """Where people stop
Opened the campaign 2 · Started a letter 1 (n = 2) · Gave a name 1 · Gave a country 1\
 · Gave an email address 1 · Confirmed the address 1 · Saw the letter 1 · Pressed Send 1\
 · Letter accepted 1
What happened to the letters
Accepted 1 · Waiting 0 · Uncertain 0 · Bounced 0 · Failed 0
Countries
Other countries < 5 each
Languages
Other languages < 5 each
Links: submitted / opened
No source 1 / 2
Letters per day
May 14 1"""


@dataclass
class Drawn:
    """Records the charts instead of drawing them."""

    charts: list[Chart] = field(default_factory=list)
    fails: bool = False

    async def draw(self, chart: Chart) -> bytes:
        self.charts.append(chart)
        if self.fails:
            raise NotDrawn
        return b"\x89PNG %d" % len(self.charts)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    drawn = Drawn()
    monkeypatch.setattr(drawing_process, "draw", drawn.draw)
    return drawn


@pytest.fixture(autouse=True)
def noon(stage: Stage) -> None:
    stage.clock.move_to(NOON)


async def counts(stage: Stage, *rows: Tally) -> None:
    async with opened(stage.settings.database.url.get_secret_value()) as database:
        await database.transact(lambda c: tallies.add(c, rows))


def sent(day: str, count: int, slug: str = "hong-kong", accepted: int | None = None) -> list[Tally]:
    """Return the tallies of a day's letters."""
    steps = ("opened", "began", "named", "country", "address", "proved", "reviewed", "sent")
    rows = [Tally(slug, "step", day, step, count) for step in steps]
    rows += [Tally(slug, "step", day, "accepted", count if accepted is None else accepted)]
    others = (("country", "PT"), ("language", "en"), ("source", "poster"), ("link", "poster"))
    return [*rows, *(Tally(slug, figure, day, value, count) for figure, value in others)]


def campaigns_for(stage: Stage, chat: Chat) -> None:
    telegram = stage.settings.telegram.model_copy(update={"campaigners": (chat.person.id,)})
    stage.settings = stage.settings.model_copy(update={"telegram": telegram})


def rows_of(chart: Chart, name: str) -> list[tuple[str, str]]:
    return [(bar.label.text, bar.note.text) for bar in getattr(chart, name).bars]


async def test_a_campaigner_sees_a_supporters_action_in_the_figures(
    stage: Stage, maria: Chat, drawn: Drawn
) -> None:
    ana = stage.person("Ana")
    campaigns_for(stage, ana)
    await maria.sends_the_letter()
    await ana.starts("hong-kong")
    await ana.says("/stats")
    ana.hears(
        f"{TITLE}\nMay 8 – 14, 2025 (UTC)\n\n1 letter submitted, 1 accepted so far. In total: 1 of"
        f" 20,000.\n\n{QUIET}\n{IN_WORDS}"
    )
    assert ana.buttons == [TIMES, ["CSV"]]
    (chart,) = drawn.charts
    assert rows_of(chart, "funnel") == [
        ("Opened the campaign", "2"),
        ("Started a letter", "1"),
        ("Gave a name", "1"),
        ("Gave a country", "1"),
        ("Gave an email address", "1"),
        ("Confirmed the address", "1"),
        ("Saw the letter", "1"),
        ("Pressed Send", "1"),
        ("Letter accepted", "1"),
    ]
    assert rows_of(chart, "countries") == [("Other countries", "< 5 each")]
    assert rows_of(chart, "languages") == [("Other languages", "< 5 each")]
    assert rows_of(chart, "sources") == [("No source", "1 / 2")]
    assert rows_of(chart, "fates")[0] == ("Accepted", "1")
    assert (chart.course.counts, chart.course.totals[-1]) == ((0, 0, 0, 0, 0, 0, 1), 1)
    before = ana.last
    await ana.presses("Today")
    ana.hears(
        f"✎ {TITLE}\nMay 14, 2025 (UTC)\n\n1 letter submitted, 1 accepted so far. In total: 1 of"
        f" 20,000.\n\n{QUIET}\nWhere people stop\n…"
    )
    assert ana.last["message_id"] == before["message_id"]
    assert ana.last["photo"] != before["photo"]
    assert drawn.charts[-1].course.counts[12] == 1


async def test_figures_come_as_a_file(stage: Stage, maria: Chat, drawn: Drawn) -> None:
    campaigns_for(stage, maria)
    await counts(stage, *sent("2025-05-13", 4), *sent("2025-05-14", 3, accepted=2))
    await counts(stage, Tally("hong-kong", "country", "2025-05-14", "GB", 4))
    await maria.says("/export hong-kong")
    maria.hears(f"Figures for {TITLE}, May 13 – 14, 2025. Nobody is named in them.")
    file_id = maria.person.messages[maria.last["message_id"]]["document"]["file_id"]
    content, name = stage.telegram.files[file_id]
    assert name == "figures-hong-kong-2025-05-13-2025-05-14.csv"
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "campaign,day,figure,value,count"
    assert "hong-kong,2025-05-14,step,accepted,2" in lines
    assert lines[-4:] == [
        *("hong-kong,,country,PT,7", "hong-kong,,country,other,<5"),
        *("hong-kong,,language,en,7", ""),
    ]


async def test_only_campaigners_get_figures(stage: Stage, maria: Chat, drawn: Drawn) -> None:
    await maria.starts("hong-kong")
    for command in ("/stats", "/export"):
        await maria.says("/nonsense")
        (unknown,) = maria.heard()
        await maria.says(command)
        maria.hears(unknown)
    shown = maria.last["message_id"]
    for action in ("show", "of", "csv", "often", "day"):
        await maria.presses_again(shown, f"s:stats:{action}:hong-kong:week")
        maria.hears(ANSWERED)
    assert drawn.charts == []


async def test_figures_of_several_campaigns(stage: Stage, maria: Chat, drawn: Drawn) -> None:
    stage.opens("river")
    campaigns_for(stage, maria)
    await counts(stage, *sent("2025-05-14", 3), *sent("2025-05-14", 2, "river"))
    await maria.says("/stats 30 days")
    (text,) = maria.heard()
    assert text.startswith("All campaigns\nApr 15 – May 14, 2025 (UTC)\n\n5 letters submitted,")
    assert maria.buttons[1] == ["All campaigns ▾", "CSV"]
    await maria.presses("All campaigns ▾")
    maria.hears()
    short = "Stand up for people's rights in Hong Ko…"
    assert maria.buttons == [["✓ All campaigns"], [short], ["Let the Amieiro flow"]]
    await maria.presses("Let the Amieiro flow")
    (text,) = maria.heard()
    assert text.startswith("✎ Let the Amieiro flow\nApr 15 – May 14, 2025 (UTC)\n\n2 letters")
    await maria.says("/stats elsewhere")
    maria.hears(
        "I don’t know a campaign or period called “elsewhere”. Try /stats, or add a period:"
        " today, 7, 30, all."
    )


async def test_text_is_sent_if_the_picture_cannot_be_drawn(
    stage: Stage, maria: Chat, drawn: Drawn
) -> None:
    campaigns_for(stage, maria)
    drawn.fails = True
    await maria.says("/stats today")
    maria.hears(
        f"{TITLE}\nMay 14, 2025 (UTC)\n\nNo letters submitted. In total: 0 of 20,000.\n\n{QUIET}"
    )
    drawn.fails = False
    await maria.presses("All")
    (text,) = maria.heard()
    assert text.startswith(TITLE)
    assert maria.last["photo"]


async def test_figures_are_in_the_chats_language(stage: Stage, drawn: Drawn) -> None:
    stage.opens("hong-kong")
    lin = stage.person("Lin", language="zh-hant")
    campaigns_for(stage, lin)
    await counts(stage, *sent("2025-05-14", 60))
    await lin.says("/stats 今天")
    (text,) = lin.heard()
    assert text.startswith("為香港人的權利發聲\n2025年5月14日（UTC）\n\n已提交 60 封信")
    assert rows_of(drawn.charts[0], "countries") == [("葡萄牙", "60")]


# --- digests and alerts ---------------------------------------------------------------------------


async def digests(stage: Stage, **time: float) -> None:
    """Move the clock, and send the digests that are due."""
    stage.clock.ahead += timedelta(**time)
    async with stage.bot() as app:
        await app.monitoring.digest_sender.run_once()


def heads(chat: Chat) -> Iterable[str]:
    return [text.split("\n")[1] for text in chat.heard()]


async def test_a_digest_is_sent_once_each_morning(stage: Stage, maria: Chat, drawn: Drawn) -> None:
    paul = stage.person("Paul")
    appoint(stage, maria, paul)
    for chat in (maria, paul):
        await chat.starts("hong-kong")
        await chat.says("/stats")
        await chat.presses("Send regularly…")
    assert maria.buttons == [["Every morning", "Every Monday", "Never"]]
    await maria.presses("Every morning")
    maria.hears("(You’ll get the figures every morning at 8 (UTC).)")
    assert maria.buttons == [TIMES, ["CSV", "Send regularly…"]]
    await maria.says("/export", "/audit")
    noted = maria.heard()[-1].splitlines()
    assert [line.partition(") ")[2] for line in noted if line.startswith("2025")] == [
        "exported the figures for hong-kong",
        "turned on daily figures",
    ]
    await paul.presses("Every Monday")
    paul.heard()
    await digests(stage)
    await digests(stage, hours=19, minutes=59)  # 07:59
    assert (maria.heard(), paul.heard()) == ([], [])
    await digests(stage, minutes=1)
    await digests(stage)
    assert heads(maria) == ["May 14, 2025 (UTC)"]
    assert maria.buttons == [
        ["Today", "7 days", "30 days", "All"],
        ["CSV", "Send regularly…"],
    ]
    await digests(stage, days=3, hours=14)  # Sunday, 22:00
    assert maria.heard() == []
    await digests(stage, hours=11)
    assert (heads(maria), heads(paul)) == (["May 18, 2025 (UTC)"], ["May 12 – 18, 2025 (UTC)"])
    appoint(stage, maria)
    await stage.stop()
    await digests(stage, days=7)
    assert (len(list(heads(maria))), paul.heard()) == (1, [])
    await maria.presses("Send regularly…")
    await maria.presses("Never")
    maria.hears("(I won’t send you the figures automatically any more.)")
    await digests(stage, days=1)
    assert maria.heard() == []


async def test_a_sudden_change_is_reported_at_once(stage: Stage, maria: Chat) -> None:
    appoint(stage, maria)
    await maria.starts("hong-kong")
    await counts(stage, *sent("2025-05-14", 100))
    await check_anomalies(stage)
    for _ in range(26):
        await counts(stage, *sent("2025-05-14", 2))
        await check_anomalies(stage, hours=1)
    maria.heard()
    await counts(stage, *sent("2025-05-15", 90))
    await counts(stage, Tally("hong-kong", "fate", "2025-05-15", "bounced", 9))
    await check_anomalies(stage, hours=1)
    more, returns = sorted(maria.heard())
    assert more.startswith(f"Far more letters than usual for “{TITLE}”: 90 in an hour; 2 ")
    assert returns.startswith(f"Letters for “{TITLE}” are suddenly coming back: 9 in an hour; 0 ")
    await check_anomalies(stage)
    maria.hears()
    await check_anomalies(stage, hours=1)
    assert sorted(maria.heard()) == [
        f"✎ No more letters for “{TITLE}” come back than usual.",
        f"✎ “{TITLE}” is back to about its usual number of letters.",
    ]


async def test_a_closed_campaign_is_not_reported_as_a_drop(stage: Stage, maria: Chat) -> None:
    """Four days have 30 letters at noon each; then the campaign is closed, and there are none."""
    appoint(stage, maria)
    await maria.starts("hong-kong")
    for day in range(14, 18):
        await check_anomalies(stage)
        await counts(stage, *sent(f"2025-05-{day}", 30))
        await check_anomalies(stage, hours=1)
        stage.clock.ahead += timedelta(hours=23)
    maria.heard()
    await check_anomalies(stage)
    await maria.says("/campaigns")
    await maria.presses("Close", "Yes, do it")
    maria.heard()
    await check_anomalies(stage, hours=1)
    maria.hears()
    await maria.says("/campaigns")
    await maria.presses("Reopen", "Yes, do it")
    maria.heard()
    await check_anomalies(stage, minutes=10)
    (told,) = maria.heard()
    assert told.startswith(f"Far fewer letters than usual for “{TITLE}”")


async def check_anomalies(stage: Stage, **time: float) -> None:
    """Move the clock, then look for anomalies and send alerts."""
    stage.clock.ahead += timedelta(**time)
    async with stage.bot() as app:
        await app.monitoring.anomaly_watch.run_once()
        await app.monitoring.alert_sender.run_once()
