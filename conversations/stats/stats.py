"""Figures in the chat: what campaigners ask for, and what is said and shown then."""

from datetime import UTC, date, datetime, time, timedelta

from conversations.core.buttons.stats import StatsAction, StatsButton
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


# --- commands and buttons -------------------------------------------------------------------------


def answer_stats(context: Context, argument: str) -> Turn:
    """Answer /stats with a picture. `argument` may hold a campaign's slug and a period."""
    asked = _read(context, argument, Period.WEEK)
    return _show(context, asked) if isinstance(asked, Asked) else asked


def answer_export(context: Context, argument: str) -> Turn:
    """Answer /export with a CSV file. `argument` may hold a campaign's slug and a period."""
    asked = _read(context, argument, Period.ALL)
    return _file(context, asked) if isinstance(asked, Asked) else asked


def _read(context: Context, argument: str, period: Period) -> Asked | Turn:
    """Return the figures that a command asks for; a turn that says which word is unknown."""
    campaign, campaigns = _default_campaign(context.deployment), context.deployment.campaigns
    words = argument.split()
    slugs = [word for word in words if word in campaigns]
    if name := " ".join(word for word in words if word not in slugs):
        found = next((each for each in Period if said_in_any(f"words.stats_{each}", name)), None)
        if found is None:
            return show(context, context.wording.say("stats.unknown", word=name))
        period = found
    return Asked(slugs[-1] if slugs else campaign, period)


def pressed(context: Context, button: StatsButton) -> Turn:
    """Answer a button under figures."""
    if button.campaign not in (EVERY, *context.deployment.campaigns):
        return toast(context, "toast.gone")
    asked, admin = Asked(button.campaign, button.period), context.facts.admin
    match button.action:
        case StatsAction.CHOOSE_CAMPAIGN:
            return _edit_buttons(context, _campaigns(context.deployment, context.wording, asked))
        case StatsAction.CSV:
            return _file(context, asked)
        case StatsAction.CHOOSE_DIGEST if admin:
            return _edit_buttons(context, _digest_choices(context.wording, asked))
        case StatsAction.DAILY | StatsAction.WEEKLY | StatsAction.NO_DIGEST if admin:
            return _save_digest(context, asked, button.action)
        case _:
            return _show(context, asked, anew=False)


def _show(context: Context, asked: Asked, *, anew: bool = True) -> Turn:
    report = StatsReport(asked, context.journey.language, context.facts.admin, anew=anew)
    return Turn(context.journey, (report,))


def _file(context: Context, asked: Asked) -> Turn:
    file = CsvFile(asked, context.journey.language)
    return Turn(context.journey, (file,), (ExportFigures(asked.campaign),))


def _edit_buttons(context: Context, keyboard: Keyboard) -> Turn:
    return Turn(context.journey, (EditButtons(keyboard),))


def _save_digest(context: Context, asked: Asked, action: StatsAction) -> Turn:
    interval = None if action is StatsAction.NO_DIGEST else DigestInterval(action.value)
    since = issue(interval or DigestInterval.DAY, context.now, context.deployment.zone)
    note = context.wording.label(f"stats.digest_{action}", zone=context.deployment.zone)
    buttons = EditButtons(keyboard(context.deployment, context.wording, asked, admin=True))
    effect = SaveDigest(interval, since)
    return Turn(context.journey, (buttons, Toast(note, alert=True)), (effect,))


# --- digests --------------------------------------------------------------------------------------


def issue(interval: DigestInterval, now: datetime, zone: str) -> date:
    """Return the day of the last digest: digests are sent at MORNING in the time zone `zone`."""
    local = now.astimezone(typed_times.zone(zone))
    day = local.date() if local.time() >= MORNING else local.date() - timedelta(days=1)
    if interval is DigestInterval.DAY:
        return day
    return day - timedelta(days=(day.weekday() - _MONDAY) % 7)


def is_daytime(now: datetime, zone: str) -> bool:
    """Whether a digest may be sent at this time in the time zone `zone`."""
    return MORNING <= now.astimezone(typed_times.zone(zone)).time() < EVENING


def digest(deployment: Deployment, interval: DigestInterval, day: date) -> Asked:
    """Return the figures of the digest of `day`: those of the last day, or week, that is over.

    Figures are by days in UTC: far in the east, the day before is not over in the morning.
    """
    period = Period.TODAY if interval is DigestInterval.DAY else Period.WEEK
    zone = typed_times.zone(deployment.zone)
    sent = datetime.combine(day, MORNING, zone).astimezone(UTC)
    return Asked(_default_campaign(deployment), period, sent.date() - timedelta(days=1))


def _default_campaign(deployment: Deployment) -> str:
    return next(iter(deployment.campaigns)) if len(deployment.campaigns) == 1 else EVERY


# --- what is shown --------------------------------------------------------------------------------


def keyboard(deployment: Deployment, wording: Wording, asked: Asked, *, admin: bool) -> Keyboard:
    """Return the buttons under figures."""
    label = wording.label

    def button(text: str, action: StatsAction, period: Period = asked.period) -> PersistentButton:
        return PersistentButton(text, StatsButton(action, asked.campaign, period))

    periods = tuple(
        button(
            _ticked(label(f"button.stats_{each}"), chosen=each is asked.period and not asked.last),
            StatsAction.SHOW,
            each,
        )
        for each in Period
    )
    second = [button(label("button.stats_csv"), StatsAction.CSV)]
    if len(deployment.campaigns) > 1:
        title = _short(Words(deployment, wording, {}).title(asked.campaign).text)
        campaign = label("button.stats_campaign", title=title)
        second.insert(0, button(campaign, StatsAction.CHOOSE_CAMPAIGN))
    if admin:
        second.append(button(label("button.stats_digest"), StatsAction.CHOOSE_DIGEST))
    return (periods, tuple(second))


def _campaigns(deployment: Deployment, wording: Wording, asked: Asked) -> Keyboard:
    title = Words(deployment, wording, {}).title
    return tuple(
        (
            PersistentButton(
                _ticked(_short(title(slug).text), chosen=slug == asked.campaign),
                StatsButton(StatsAction.SHOW, slug, asked.period),
            ),
        )
        for slug in (EVERY, *deployment.campaigns)
    )


def _digest_choices(wording: Wording, asked: Asked) -> Keyboard:
    choices = tuple(
        PersistentButton(
            wording.label(f"button.digest_{action}"),
            StatsButton(action, asked.campaign, asked.period),
        )
        for action in (StatsAction.DAILY, StatsAction.WEEKLY, StatsAction.NO_DIGEST)
    )
    return (choices,)


def _ticked(label: str, *, chosen: bool) -> str:
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
