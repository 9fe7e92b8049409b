"""Which fonts a picture needs: the one that comes with matplotlib, and those of the system.

DejaVu Sans has Latin, Greek, Cyrillic, Arabic and more; matplotlib shapes Arabic and orders mixed
directions by itself (raqm). What no font has is said in plain letters: a code, or in English.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache

from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

from conversations.model.chart import Chart, Label

OWN = "DejaVu Sans"
_HAN = {"zh-Hant": ("TC", "HK"), "zh": ("SC",), "ja": ("JP",), "ko": ("KR",)}
"""The languages write Han characters in forms of their own."""


def families(chart: Chart) -> list[str]:
    """Return the families that have the letters of the picture, as far as any has."""
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


def shown(label: Label, among: list[str]) -> str:
    """Return the words of the label if fonts have all letters, else its plain ones."""
    missing = set(label.text)
    for family in among:
        missing = _lacking(missing, family)
    return label.plain if missing else label.text


def labels(part: object) -> Iterator[Label]:
    """Return all words of a picture, or of a part of it."""
    if isinstance(part, Label):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from labels(each)
    elif is_dataclass(part):
        for field in fields(part):
            yield from labels(getattr(part, field.name))


def _of_system(language: str) -> list[str]:
    """Return the families that there are, sans first, those made for the language before."""
    forms = next((forms for tag, forms in _HAN.items() if language.startswith(tag)), ())
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
    """Return the letters that the family has not; what shows nothing needs no font."""
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
