"""/stats and /export: what campaigners ask for, and the buttons under figures."""

from conversations.core.buttons.stats import StatsAction, StatsButton
from conversations.core.context import Context, Turn
from conversations.core.effects.stats import DigestInterval, ExportFigures, SaveDigest
from conversations.core.facts import Deployment
from conversations.core.paging import page_of
from conversations.core.replies import (
    CsvFile,
    EditButtons,
    Keyboard,
    PersistentButton,
    StatsReport,
    Toast,
)
from conversations.core.turns import show, toast
from conversations.model.stats.figures import ALL_CAMPAIGNS, FiguresQuery, Period
from conversations.stats.chart_layout import Words
from conversations.stats.digest_schedule import default_campaign, last_digest_day
from conversations.text.wording import Wording

MAX_TITLE = 40
"""How many characters of a campaign's title a button shows."""


# --- commands and buttons -------------------------------------------------------------------------


def answer_stats(context: Context, argument: str) -> Turn:
    """Answer /stats with a picture. `argument` may hold a campaign's slug and a period."""
    asked = _read(context, argument, Period.WEEK)
    return _show(context, asked) if isinstance(asked, FiguresQuery) else asked


def answer_export(context: Context, argument: str) -> Turn:
    """Answer /export with a CSV file. `argument` may hold a campaign's slug and a period."""
    asked = _read(context, argument, Period.ALL)
    return _file(context, asked) if isinstance(asked, FiguresQuery) else asked


def _read(context: Context, argument: str, period: Period) -> FiguresQuery | Turn:
    """Return the figures that a command asks for; a turn that says which word is unknown."""
    campaign, campaigns = default_campaign(context.deployment), context.deployment.campaigns
    words = argument.split()
    slugs = [word for word in words if word in campaigns]
    if name := " ".join(word for word in words if word not in slugs):
        found = next((each for each in Period if context.means(f"words.stats_{each}", name)), None)
        if found is None:
            return show(context, context.wording.say("stats.unknown", word=name[:MAX_TITLE]))
        period = found
    return FiguresQuery(slugs[-1] if slugs else campaign, period)


def pressed(context: Context, button: StatsButton) -> Turn:
    """Answer a button under figures."""
    if button.campaign not in (ALL_CAMPAIGNS, *context.deployment.campaigns):
        return toast(context, "toast.gone")
    asked, admin = FiguresQuery(button.campaign, button.period), context.facts.admin
    match button.action:
        case StatsAction.CHOOSE_CAMPAIGN:
            return _edit_buttons(context, _campaigns(context, asked, button.page))
        case StatsAction.CSV:
            return _file(context, asked)
        case StatsAction.CHOOSE_DIGEST if admin:
            return _edit_buttons(context, _digest_choices(context.wording, asked))
        case StatsAction.DAILY | StatsAction.WEEKLY | StatsAction.NO_DIGEST if admin:
            return _save_digest(context, asked, button.action)
        case _:
            return _show(context, asked, is_new=False)


def _show(context: Context, asked: FiguresQuery, *, is_new: bool = True) -> Turn:
    report = StatsReport(asked, context.journey.language, context.facts.admin, is_new=is_new)
    return Turn(context.journey, (report,))


def _file(context: Context, asked: FiguresQuery) -> Turn:
    file = CsvFile(asked, context.journey.language)
    return Turn(context.journey, (file,), (ExportFigures(asked.campaign),))


def _edit_buttons(context: Context, keyboard: Keyboard) -> Turn:
    return Turn(context.journey, (EditButtons(keyboard),))


def _save_digest(context: Context, asked: FiguresQuery, action: StatsAction) -> Turn:
    interval = None if action is StatsAction.NO_DIGEST else DigestInterval(action.value)
    since = last_digest_day(interval or DigestInterval.DAY, context.now, context.deployment.zone)
    note = context.wording.label(f"stats.digest_{action}", zone=context.deployment.zone)
    buttons = EditButtons(keyboard(context.deployment, context.wording, asked, admin=True))
    effect = SaveDigest(interval, since)
    return Turn(context.journey, (buttons, Toast(note, alert=True)), (effect,))


# --- the buttons under figures --------------------------------------------------------------------


def keyboard(
    deployment: Deployment, wording: Wording, asked: FiguresQuery, *, admin: bool
) -> Keyboard:
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


def _campaigns(context: Context, asked: FiguresQuery, page: int) -> Keyboard:
    """Return a page of the campaigns whose figures can be shown."""
    title = Words(context.deployment, context.wording, {}).title
    more = context.wording.label("button.more_choices")
    buttons = [
        PersistentButton(
            _ticked(_short(title(slug).text), chosen=slug == asked.campaign),
            StatsButton(StatsAction.SHOW, slug, asked.period),
        )
        for slug in (ALL_CAMPAIGNS, *context.deployment.campaigns)
    ]

    def turn(number: int, _: int) -> PersistentButton:
        here = StatsButton(StatsAction.CHOOSE_CAMPAIGN, asked.campaign, asked.period, number)
        return PersistentButton(more, here)

    return page_of(buttons, page, 1, turn)


def _digest_choices(wording: Wording, asked: FiguresQuery) -> Keyboard:
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
    return title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1].rstrip()}…"
