"""Chooses the fonts of a chart: the one that comes with matplotlib, and those of the system.

DejaVu Sans has Latin, Greek, Cyrillic, Arabic and more. matplotlib shapes Arabic and orders mixed
directions by itself (raqm). A label with a letter that is in no font is drawn as its plain text.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache

from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

from conversations.model.stats.chart import Chart, Label

OWN = "DejaVu Sans"
"""The font that comes with matplotlib."""

_HAN_SUFFIXES = {"zh-Hant": ("TC", "HK"), "zh": ("SC",), "ja": ("JP",), "ko": ("KR",)}
"""How the names of fonts end that have the Han characters in the forms of a language."""


def families(chart: Chart) -> list[str]:
    """Return font families that together have the letters of `chart`, as far as any has."""
    chosen = [OWN]
    missing = _lacking({letter for label in labels(chart) for letter in label.text}, OWN)
    for family in _of_system(chart.language):
        if not missing:
            break
        left = _lacking(missing, family)
        if left != missing:
            chosen.append(family)
            missing = left
    return chosen


def shown(label: Label, families: list[str]) -> str:
    """Return the text of `label`, or its plain text if a letter is in none of the families."""
    missing = set(label.text)
    for family in families:
        missing = _lacking(missing, family)
    return label.plain if missing else label.text


def labels(part: object) -> Iterator[Label]:
    """Return all labels of a chart, or of a part of it."""
    if isinstance(part, Label):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from labels(each)
    elif is_dataclass(part):
        for field in fields(part):
            yield from labels(getattr(part, field.name))


def _of_system(language: str) -> list[str]:
    """Return the installed families: sans first, and those made for the language before others."""
    forms = next((forms for tag, forms in _HAN_SUFFIXES.items() if language.startswith(tag)), ())
    names = {
        font.name
        for font in fontManager.ttflist
        if (font.style, font.stretch, font.weight) == ("normal", "normal", 400)
        and "Last Resort" not in font.name  # it has all letters, as boxes
        and font.name != OWN
    }

    def order(name: str) -> tuple[object, ...]:
        form = next((place for place, form in enumerate(forms) if name.endswith(form)), 9)
        return ("Sans" not in name, "Mono" in name, form, name)

    return sorted(names, key=order)


def _lacking(letters: set[str], family: str) -> set[str]:
    """Return the letters that `family` lacks. Invisible ones need no font."""
    has = _letters(family)
    return {
        letter
        for letter in letters
        if ord(letter) not in has and unicodedata.category(letter) not in ("Cf", "Zs")
    }


@cache
def _letters(family: str) -> frozenset[int]:
    font = get_font(findfont(FontProperties(family=family)))
    return frozenset(font.get_charmap())
