"""Says how many letters were answered, and how fast, by target."""

from collections.abc import Mapping

from conversations.model.scheduled import REAL_ANSWERS, AnswerKind
from conversations.model.stats.figures import (
    ALL_CAMPAIGNS,
    MIN_SHOWN_COUNT,
    Figures,
    hide_small_counts,
)
from conversations.stats.chart_layout import Words
from conversations.text.html import Html, bold, escape

MAX_TARGETS = 5
"""How many targets are named, those with the most answers first."""


def lines(words: Words, slug: str, figures: Figures) -> tuple[Html, ...]:
    """Return the answers to letters of the campaign `slug`; nothing if none is known.

    A target about which fewer than five people said something is not named.
    """
    answers = figures.answers
    if not answers or slug == ALL_CAMPAIGNS:  # targets of two campaigns may have the same id
        return ()
    counts = hide_small_counts({target: sum(found.values()) for target, found in answers.items()})
    shown = {target: count for target, count in counts.items() if count is not None}
    ranked = sorted(shown.items(), key=lambda each: (-each[1], each[0]))[:MAX_TARGETS]
    said = [_of_target(words, slug, target, answers[target]) for target, _ in ranked]
    if len(shown) < len(answers):
        others, few = words("stats.other_targets"), words("stats.few_each", most=MIN_SHOWN_COUNT)
        said.append(escape(f"{others.text} {few.text}"))
    heading = bold(words("stats.answers").text)
    return (Html("\n".join((heading, *said))),)


def _of_target(words: Words, slug: str, target: str, found: Mapping[AnswerKind, int]) -> Html:
    real = {kind: found.get(kind, 0) for kind in REAL_ANSWERS}
    soon = AnswerKind.REAL_7 if real[AnswerKind.REAL_7] else AnswerKind.REAL_30
    days = REAL_ANSWERS[soon] or 0
    within = sum(n for kind, n in real.items() if (REAL_ANSWERS[kind] or days + 1) <= days)
    return words.wording.say(
        "stats.answers_of",
        target=words.target(slug, target),
        answered=sum(real.values()),
        count=sum(found.values()),
        automatic=found.get(AnswerKind.AUTOMATIC, 0),
        soon=within,
        days=days,
    )
