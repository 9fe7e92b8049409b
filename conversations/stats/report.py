"""The report of figures: a picture, and words under it."""

from dataclasses import replace

from conversations.core.facts import Deployment
from conversations.model.stats.chart import Chart
from conversations.model.stats.figures import Figures
from conversations.stats import answer_words, chart_words
from conversations.stats.answer_bars import answer_bars
from conversations.stats.chart_layout import Words, chart
from conversations.stats.insights import Insight, InsightKind, insights
from conversations.text.html import Html, length
from conversations.text.wording import Value, Wording, raw

MAX_INSIGHTS = 2
"""How many insights of each kind are shown: nobody reads more."""

MAX_CAPTION = 1024
"""sendPhoto, caption: characters after entities parsing."""


def text(
    deployment: Deployment, wording: Wording, slug: str, figures: Figures, chart: Chart
) -> Html:
    """Return the figures in words, short enough for the caption of a picture.

    What the picture shows follows in a folded quote, as far as there is room.
    """
    title = Words(deployment, wording, {}).title(slug).text
    days = wording.days(figures.first, figures.last)
    head = wording.say("stats.head", title=title, days=days)
    parts = [_letters(wording, figures), *_insights(wording, insights(figures))]
    while len(parts) > 1 and length(Html("\n\n".join((head, *parts)))) > MAX_CAPTION:
        parts.pop()
    told = Html("\n\n".join((head, *parts)))
    answers = answer_words.lines(Words(deployment, wording, {}), slug, figures)
    return Html(told + _folded((*answers, *chart_words.lines(chart, wording, figures)), told))


def _folded(lines: tuple[Html, ...], before: Html) -> str:
    """Return the lines that fit below `before` as a quote that opens when it is tapped.

    Bot API, Formatting options: <blockquote expandable>.
    """
    room = MAX_CAPTION - length(before)
    kept = list(lines)
    while kept and length(Html("\n".join(kept))) + 1 > room:
        kept.pop()
    return "\n<blockquote expandable>{}</blockquote>".format("\n".join(kept)) if kept else ""


def picture(
    deployment: Deployment, wording: Wording, slug: str, figures: Figures, *, show_few: bool
) -> Chart:
    """Return the chart of the figures. `show_few` also shows the counts of few people."""
    words = Words(deployment, wording, figures.updates)
    answers = answer_bars(words, slug, figures, show_few=show_few)
    return replace(chart(words, slug, figures, show_few=show_few), answers=answers)


def _letters(wording: Wording, figures: Figures) -> Html:
    say, total, goal = wording.say, figures.total, figures.goal
    accepted = sum(figures.accepted.values())
    sent = say("stats.letters", count=figures.letters, accepted=accepted)
    letters = sent if figures.letters else say("stats.no_letters")
    if figures.with_own_words:
        percent = round(100 * figures.with_own_words / figures.letters)
        letters = Html(f"{letters} {say('stats.own_words', percent=percent)}")
    if figures.people is not None:
        letters = Html(f"{letters} {say('stats.total_so_far', total=total)}")
        if goal:
            return Html(f"{letters} {say('goal.people_of_goal', people=figures.people, goal=goal)}")
        return Html(f"{letters} {say('goal.people_so_far', people=figures.people)}")
    if goal:
        return Html(f"{letters} {say('stats.goal_so_far', total=total, goal=goal)}")
    return Html(f"{letters} {say('stats.total_so_far', total=total)}")


def _insights(wording: Wording, found: tuple[Insight, ...]) -> list[Html]:
    """Return a paragraph for each kind of insight, and one more if there is no problem."""
    paragraphs = []
    for kind in (InsightKind.HAND, InsightKind.ODD, InsightKind.GOOD):
        of_kind = [insight for insight in found if insight.kind is kind][:MAX_INSIGHTS]
        sentences = [_sentence(wording, insight) for insight in of_kind]
        if sentences:
            paragraphs.append(wording.say(f"stats.{kind}", text=raw(Html(" ".join(sentences)))))
    if all(insight.kind is InsightKind.GOOD for insight in found):
        paragraphs.append(wording.say("stats.well"))
    return paragraphs


def _sentence(wording: Wording, insight: Insight) -> Html:
    values: dict[str, Value] = {
        name: value if isinstance(value, str | int) else wording.day(value)
        for name, value in insight.values.items()
    }
    return wording.say(f"stats.say_{insight.key}", **values)
