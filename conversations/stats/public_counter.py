"""The public counter of a campaign: how many letters were accepted, for other web sites."""

import json
from dataclasses import dataclass

from conversations.model.campaigns.campaign import Campaign
from conversations.model.campaigns.counted import in_words
from conversations.text.html import escape, plain
from conversations.text.wording import Wording

MIN_LETTERS = 50
"""From this number of letters on, the counter can be shown outside of the chat."""

_HEIGHT = 40
_BAR_HEIGHT = 6
_MARGIN = 16
_CHARACTER_WIDTH = 9
"""Width of a character at 16 pixels. No browser's fonts are known here, so it is generous."""
_WIDE_CHARACTER_WIDTH = 17
_FIRST_WIDE_CHARACTER = "\u1100"
"""From Hangul on, characters may be as wide as they are high."""

_STYLE = (
    "rect.card{fill:#fff;stroke:#c8ccd1}text{fill:#1b1f23}rect.whole{fill:#d9dde2}"
    "rect.part{fill:#1a7f37}"
    "@media (prefers-color-scheme:dark){rect.card{fill:#1b1f23;stroke:#444c56}text{fill:#f0f3f6}"
    "rect.whole{fill:#444c56}rect.part{fill:#56d364}}"
)
"""The colours, on a card of its own: a page may be light where the system is dark."""


@dataclass(frozen=True)
class PublicCounter:
    """What anybody may know of a campaign's letters: the same as in the chat."""

    campaign: str
    """The campaign's slug."""

    counts: str
    """What is counted: letters or people."""

    count: int
    """How many letters were accepted, or people have written."""

    goal: int | None

    words: str
    """The same in words, in the campaign's first language."""

    language: str

    right_to_left: bool

    def json(self) -> str:
        """Return the counter as JSON."""
        content = {"campaign": self.campaign, self.counts: self.count, "goal": self.goal}
        return json.dumps({**content, "text": self.words}, ensure_ascii=False)

    def svg(self) -> str:
        """Return the counter as a picture that loads nothing, for light and dark pages."""
        width = sum(map(_width, self.words)) + 2 * _MARGIN
        height = _HEIGHT + (2 * _BAR_HEIGHT if self.goal else 0)
        direction = ' direction="rtl"' if self.right_to_left else ""
        words = escape(self.words)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="t"'
            f' xml:lang="{escape(self.language)}" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}"><title id="t">{words}</title>'
            f"<style>{_STYLE}</style>"
            f'<rect class="card" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6"/>'
            f'<text x="{width / 2}" y="26" text-anchor="middle" font-size="16"'
            f' font-family="system-ui, sans-serif"{direction}>{words}</text>'
            f"{self._bar(width - 2 * _MARGIN)}</svg>"
        )

    def _bar(self, width: int) -> str:
        """Return the bar towards the goal; it grows from the side on which reading begins."""
        if not self.goal:
            return ""
        part = round(width * min(1.0, self.count / self.goal), 1)
        start = _MARGIN + width - part if self.right_to_left else _MARGIN

        def bar(kind: str, x: float, length: float) -> str:
            return (
                f'<rect class="{kind}" x="{x}" y="{_HEIGHT - 2}" width="{length}"'
                f' height="{_BAR_HEIGHT}" rx="3"/>'
            )

        return bar("whole", _MARGIN, width) + bar("part", start, part)


def public_counter(campaign: Campaign, count: int, wording: Wording) -> PublicCounter | None:
    """Return the counter of a campaign; None where it must not be shown.

    `count` is of what the campaign counts. `wording` is that of the campaign's first language.
    """
    shown_from = max(MIN_LETTERS, campaign.show_counter_from)
    if not campaign.public_counter or count < shown_from:
        return None
    return PublicCounter(
        campaign.slug,
        campaign.goal_counts,
        count,
        campaign.goal,
        plain(in_words(campaign, count, wording)),
        wording.language,
        wording.right_to_left,
    )


def _width(character: str) -> int:
    return _WIDE_CHARACTER_WIDTH if character >= _FIRST_WIDE_CHARACTER else _CHARACTER_WIDTH
