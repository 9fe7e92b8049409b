"""Estimate whether a campaign's first message fits a phone, so that its button is seen at once.

The sizes are those of the demo's page, which looks like Telegram's apps, on a screen of 390 by 844
points with text of normal size. `tests/peers/test_phone.py` measures them in a browser.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from math import ceil

from conversations.core.context import Context
from conversations.core.facts import Deployment, Facts
from conversations.core.replies import Ask
from conversations.folder.checks.picture_size import picture_size
from conversations.journey.flow.transitions import prompt
from conversations.model.campaigns.campaign import Campaign
from conversations.model.journey import Journey, Step
from conversations.model.mistakes import Mistake
from conversations.text.html import Html, plain

_SCREEN = 657
"""What a screen has between the chat's head and the input field, in points."""

_LINE, _ROW, _QUOTE, _MARGINS = 21, 43, 18, 24
"""The heights of a line and of a row of buttons, and what surrounds a quote and the message."""

_DOUBT = _LINE
"""How wrong the estimate may be."""

_PICTURE_WIDTH, _PICTURE_HEIGHT = 340, 430
"""The width of pictures, and the height to which taller ones are cut."""

_LINE_LENGTH = 45
"""How many Latin letters a line holds."""

_FOLDED_LINES = 3
"""How many lines of a folded quote are seen."""

_FOLDED = re.compile(r"\n?<blockquote expandable>(.*?)</blockquote>\n?", re.DOTALL)


def too_high(campaign: Campaign, language: str, file: str) -> Iterator[Mistake]:
    """Yield a warning if the first message in `language` is higher than a phone's screen."""
    replies = prompt(_first_context(campaign, language))
    (first,) = [reply for reply in replies if isinstance(reply, Ask)]
    over = _height(first) - _SCREEN
    if over <= _DOUBT:
        return
    lines = ceil(over / _LINE)
    problem = f"The first message is about {lines} lines too long for a phone."
    fix = "Shorten Title, Ask or the target's name"
    if first.picture:
        fix += ", or use a wider picture"
    yield Mistake(problem, f"{fix}.", file, is_error=False)


def _first_context(campaign: Campaign, language: str) -> Context:
    """Return what a new supporter is shown while the campaign goes well."""
    journey = Journey("0" * 32, language, step=Step.WELCOME, campaign=campaign.slug)
    live = campaign.model_copy(update={"test": False})
    deployment = Deployment({campaign.slug: live}, "bot", "bot@send.example", "")
    counts = {campaign.slug: campaign.goal or campaign.show_counter_from}
    facts = Facts(accepted=counts, people=counts)
    return Context(deployment, journey, facts, datetime(2019, 6, 21, tzinfo=UTC), 0, {})


def _height(message: Ask) -> int:
    """Return how high a message is, in points, with its picture and its buttons."""
    parts = _FOLDED.split(message.text)
    shown = sum(map(_lines, parts[::2])) + sum(
        min(_FOLDED_LINES, _lines(quote)) for quote in parts[1::2]
    )
    quotes = len(parts) // 2
    picture = _picture_height(message.picture) if message.picture else 0
    rows = len(message.keyboard)
    return _MARGINS + picture + shown * _LINE + quotes * _QUOTE + rows * _ROW


def _picture_height(picture: bytes) -> int:
    width, height = picture_size(picture) or (2, 1)
    return min(_PICTURE_HEIGHT, _PICTURE_WIDTH * height // max(1, width))


def _lines(text: str) -> int:
    return sum(
        max(1, ceil(sum(map(_width, line)) / _LINE_LENGTH))
        for line in plain(Html(text)).split("\n")
    )


def _width(character: str) -> float:
    """Return how wide a character is, in Latin letters."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2.25 if unicodedata.east_asian_width(character) in "WF" else 1
