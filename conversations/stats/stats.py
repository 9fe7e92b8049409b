"""Figures in the chat: what campaigners ask for, and what is said and shown then."""

from datetime import UTC, date, datetime, time, timedelta

from conversations.core.context import Context, Turn
from conversations.core.effects.stats import DigestInterval, ExportFigures, SaveDigest
from conversations.core.facts import Deployment
from conversations.core.replies import (
    CsvFile,
    EditButtons,
    Keyboard,
    PersistentButton,
    StatsReport,
    Toast,
)
from conversations.core.turns import show, toast
from conversations.model.chart import Chart
from conversations.model.figures import (
    EVERY,
    Asked,
    Figures,
    Period,
)
from conversations.stats.chart_layout import Words, chart
from conversations.stats.insights import Kind, Remark, remarks
from conversations.text import typed_times
from conversations.text.html import Html, length
from conversations.text.wording import (
    Value,
    Wording,
    raw,
    said_in_any,
)

MOST_REMARKS = 2
"""So many of each kind are said: who reads more, reads none."""

_CAPTION = 1024
"""sendPhoto, caption: characters after entities parsing."""

MORNING, EVENING = time(8), time(20)
"""Between these, figures come by themselves: they wake nobody."""

_TITLE = 40
_MONDAY = 0


# --- what is asked --------------------------------------------------------------------------------


def commanded(context: Context, name: str, argument: str) -> Turn:
    """Answer /stats and /export, with a campaign's slug and a time, each or neither."""
    asked = Asked(_first(context.deployment), Period.WEEK if name == "stats" else Period.ALL)
    words = argument.split()
    slugs = [word for word in words if word in context.deployment.campaigns]
    if time := " ".join(word for word in words if word not in slugs):
        found = next((each for each in Period if said_in_any(f"words.stats_{each}", time)), None)
        if found is None:
            return show(context, context.wording.say("stats.unknown", word=time))
        asked = Asked(asked.campaign, found)
    if slugs:
        asked = Asked(slugs[-1], asked.period)
    language = context.journey.language
    if name == "export":
        return _file(context, asked)
    return Turn(context.journey, (StatsReport(asked, language, context.facts.admin),))


def pressed(context: Context, deed: str, slug: str, period: str) -> Turn:
    """Answer a button under figures."""
    if period not in tuple(Period) or slug not in (EVERY, *context.deployment.campaigns):
        return toast(context, "toast.gone")
    asked, language, admin = (
        Asked(slug, Period(period)),
        context.journey.language,
        context.facts.admin,
    )
    match deed:
        case "of":
            return Turn(
                context.journey,
                (EditButtons(_campaigns(context.deployment, context.wording, asked)),),
            )
        case "csv":
            return _file(context, asked)
        case "often" if admin:
            return Turn(context.journey, (EditButtons(_often(context.wording, asked)),))
        case "day" | "week" | "none" if admin:
            return _digest(context, asked, deed)
        case _:
            return Turn(context.journey, (StatsReport(asked, language, admin, anew=False),))


def _file(context: Context, asked: Asked) -> Turn:
    sheet = CsvFile(asked, context.journey.language)
    return Turn(context.journey, (sheet,), (ExportFigures(asked.campaign),))


def _digest(context: Context, asked: Asked, often: str) -> Turn:
    every = None if often == "none" else DigestInterval(often)
    since = issue(every or DigestInterval.DAY, context.now, context.deployment.zone)
    told = context.wording.label(f"stats.digest_{often}", zone=context.deployment.zone)
    buttons = EditButtons(keyboard(context.deployment, context.wording, asked, admin=True))
    return Turn(context.journey, (buttons, Toast(told, alert=True)), (SaveDigest(every, since),))


def issue(every: DigestInterval, now: datetime, zone: str) -> date:
    """Return on which day the last figures came, or are to come, at eight in the morning there."""
    here = now.astimezone(typed_times.zone(zone))
    day = here.date() if here.time() >= MORNING else here.date() - timedelta(days=1)
    if every is DigestInterval.DAY:
        return day
    return day - timedelta(days=(day.weekday() - _MONDAY) % 7)


def is_daytime(now: datetime, zone: str) -> bool:
    """Whether figures may come by themselves at this time there."""
    return MORNING <= now.astimezone(typed_times.zone(zone)).time() < EVENING


def digest(deployment: Deployment, every: DigestInterval, of: date) -> Asked:
    """Return the figures that come on the day `of`: those of the last day, or week, that is over.

    Days are UTC's: far in the east, that of the day before goes on in the morning.
    """
    period = Period.TODAY if every is DigestInterval.DAY else Period.WEEK
    then = datetime.combine(of, MORNING, typed_times.zone(deployment.zone)).astimezone(UTC)
    return Asked(_first(deployment), period, then.date() - timedelta(days=1))


def _first(deployment: Deployment) -> str:
    return next(iter(deployment.campaigns)) if len(deployment.campaigns) == 1 else EVERY


# --- what is said ---------------------------------------------------------------------------------


def keyboard(deployment: Deployment, wording: Wording, asked: Asked, *, admin: bool) -> Keyboard:
    """Return the buttons under figures."""
    period, slug, label = asked.period, asked.campaign, wording.label
    times = tuple(
        PersistentButton(
            _chosen(label(f"button.stats_{each}"), chosen=each is period and asked.last is None),
            f"stats:show:{slug}:{each}",
        )
        for each in Period
    )
    csv = PersistentButton(label("button.stats_csv"), f"stats:csv:{slug}:{period}")
    if len(deployment.campaigns) > 1:
        title = _short(Words(deployment, wording, {}).title(slug).text)
        of = label("button.stats_campaign", title=title)
        second: tuple[PersistentButton, ...] = (
            PersistentButton(of, f"stats:of:{slug}:{period}"),
            csv,
        )
    else:
        second = (csv,)
    if admin:
        often = PersistentButton(label("button.stats_digest"), f"stats:often:{slug}:{period}")
        second = (*second, often)
    return (times, second)


def _campaigns(deployment: Deployment, wording: Wording, asked: Asked) -> Keyboard:
    title = Words(deployment, wording, {}).title
    return tuple(
        (
            PersistentButton(
                _chosen(_short(title(slug).text), chosen=slug == asked.campaign),
                f"stats:show:{slug}:{asked.period}",
            ),
        )
        for slug in (EVERY, *deployment.campaigns)
    )


def _often(wording: Wording, asked: Asked) -> Keyboard:
    place = f"{asked.campaign}:{asked.period}"
    choices = tuple(
        PersistentButton(wording.label(f"button.digest_{often}"), f"stats:{often}:{place}")
        for often in ("day", "week", "none")
    )
    return (choices,)


def _chosen(label: str, *, chosen: bool) -> str:
    return f"✓ {label}" if chosen else label


def _short(title: str) -> str:
    return title if len(title) <= _TITLE else f"{title[: _TITLE - 1].rstrip()}…"


def text(deployment: Deployment, wording: Wording, slug: str, figures: Figures) -> Html:
    """Return the figures in words, short enough for what stands under a picture."""
    title = Words(deployment, wording, {}).title(slug).text
    days = wording.days(figures.first, figures.last)
    head = wording.say("stats.head", title=title, days=days)
    said = [_letters(wording, figures), *_remarks(wording, remarks(figures))]
    while len(said) > 1 and length(Html("\n\n".join((head, *said)))) > _CAPTION:
        said.pop()
    return Html("\n\n".join((head, *said)))


def _letters(wording: Wording, figures: Figures) -> Html:
    say, total, goal = wording.say, figures.total, figures.goal
    accepted = sum(figures.accepted.values())
    sent = say("stats.letters", count=figures.letters, accepted=accepted)
    letters = sent if figures.letters else say("stats.no_letters")
    if goal:
        return Html(f"{letters} {say('stats.goal_so_far', total=total, goal=goal)}")
    return Html(f"{letters} {say('stats.total_so_far', total=total)}")


def _remarks(wording: Wording, found: tuple[Remark, ...]) -> list[Html]:
    """Return the remarks, what needs a hand first; one sentence where there is none."""
    said = []
    for kind in (Kind.HAND, Kind.ODD, Kind.GOOD):
        of_kind = [remark for remark in found if remark.kind is kind][:MOST_REMARKS]
        sentences = [_sentence(wording, remark) for remark in of_kind]
        if sentences:
            said.append(wording.say(f"stats.{kind}", text=raw(Html(" ".join(sentences)))))
    if all(remark.kind is Kind.GOOD for remark in found):
        said.append(wording.say("stats.well"))
    return said


def _sentence(wording: Wording, remark: Remark) -> Html:
    values: dict[str, Value] = {
        name: value if isinstance(value, str | int) else wording.day(value)
        for name, value in remark.values.items()
    }
    return wording.say(f"stats.say_{remark.key}", **values)


def picture(
    deployment: Deployment, wording: Wording, slug: str, figures: Figures, *, tell_few: bool
) -> Chart:
    """Return what the picture of the figures shows."""
    return chart(Words(deployment, wording, figures.updates), slug, figures, tell_few=tell_few)
