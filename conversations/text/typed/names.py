"""Reads a typed name.

A name has letters and marks of any script, and the signs that an orthography puts inside names:
the medial and optional characters of Unicode annex 31 (tables 3a and 3b), with the signs that
people type instead. Signs that are often typed for another one are put right.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from itertools import groupby

from conversations.text.html import utf16_length
from conversations.text.links import find_link
from conversations.text.scripts import has_no_spaces, script
from conversations.text.word_lists import APOSTROPHES, fold, words_of

MAX_NAME_LENGTH = 100
"""In UTF-16 code units, as Telegram counts."""

_MAX_TYPED_LENGTH = 400
"""Longer texts hold no name; nothing is taken out of them, since that could take long."""

_MAX_MARKS = 4
"""How many nonspacing marks may follow one letter (Unicode standard 39, section 5.4)."""

_MAX_ACCENTS = 2
"""How many accents that belong to no script may follow one letter after NFC."""

_MAX_SIGNS = 2
"""How many signs may follow each other, as in `J.-P.`."""

_APOSTROPHES = "'’‘‛՚"
_DASHES = "-‐‑‒–—―﹘־֊᐀᠆゠゠＝"
_DOTS = ".．·‧・･•∙⋅۔॰᛫"
_SIGNS_OF_SCRIPTS = "׳״་༌፡՛"
"""Hebrew geresh and gershayim, Tibetan tsheg, Ethiopic wordspace, Armenian emphasis."""

_SIGNS = frozenset(_APOSTROPHES + _DASHES + _DOTS + _SIGNS_OF_SCRIPTS)

_NONJOINER, _JOINER = "\u200c", "\u200d"
_JOINERS = _NONJOINER + _JOINER
_MONGOLIAN_SEPARATOR = "\u180e"
_VIRAMA = 9
"""The combining class of the signs that join two consonants."""

# Letters and marks that show nothing: Hangul fillers, Khmer inherent vowels, grapheme joiner.
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5\u034f")

_TYPED_FOR = str.maketrans("`´′＇−－﹣․⸱", "’’’'---.·")
"""Signs that people type for another: an accent for an apostrophe, a minus for a hyphen."""

# What programs put around a text that is copied: marks of direction, spaces of no width.
_AROUND_COPIES = "\u200b\u200e\u200f\u061c\u2060\ufeff\u2066\u2067\u2068\u2069\u202a\u202b\u202c"
_QUOTES = (
    "''",
    "``",
    '""',
    "“”",
    "„“",
    "‘’",
    "«»",
    "‹›",
    "「」",
    "『』",
    "《》",
    "〈〉",
    "（）",
    "()",
    "**",
)
_AT_START = ".,;:。，、*_~"
_BULLET = re.compile(r"^(?:[-–—•] ?|· )")
_AT_END = " ,;:!?…。，、；：！？।॥۔።։།༎*_~-–—"

_VISARGA = {"BENGALI": "\u0983", "DEVANAGARI": "\u0903"}
_SHORT_FORMS = frozenset(
    ("jr", "sr", "jnr", "snr", "md", "st", "esq", "phd", "mag", "ing", "dipl", "mohd", "hon")
)
"""Words, without their dot, that end with a dot even at the end of a name."""

_SOLIDUS = re.compile(r"(?<!\w)(?:[^\W\d_]{1,2}/[^\W\d_]{1,2}(?!\w)|/{1,2}(?=[^\W\d_]))")
"""`A/L` (Malaysia), and the clicks of Khoekhoe as typed: `/Gora`, `//Garoeb`."""

_CLICK = re.compile(r"(?<!\w)!(?=[^\W\d_])")
_ARABIC_TITLE = re.compile("(?<=[\u0621-\u06d3])/ ?(?=[\u0621-\u06d3])")
"""`د/ سلمى`: a title before a name."""

_COMMA = re.compile(r"(?<=[\w.]), (?=\w)")
_GERSHAYIM = re.compile(r'(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea])')
_DOUBLE_HYPHEN = re.compile("(?<=[\u3040-\u30ff])=(?=[\u3040-\u30ff])")
_GLOTTAL_STOP = re.compile(r"(?<=[^\W\d_])7(?=[^\W\d_])")
"""`S7aplek`: Squamish and its neighbours write the glottal stop as 7."""

_SIGNS_IN_PLACE = (_SOLIDUS, _ARABIC_TITLE, _CLICK, _COMMA, _GERSHAYIM, _GLOTTAL_STOP)
"""Signs that are allowed only in certain places."""

_FANCY = re.compile("[\U0001d400-\U0001d7ff\uff21-\uff3a\uff41-\uff5a]+")
"""Letters for mathematics, which people use as fonts, and full-width Latin letters."""

_ENDING = re.compile(
    r"(?<=\w\w)(?:です|と申します|といいます|(?:이?라고 ?(?:합니다|해요|해)|입니다|이에요|예요)"
    r"|(?:ครับ|ค่ะ)"
    r"| (?:हूँ|हूं|है|هستم|است|ạ))$"
)
"""What ends a sentence like “I am …” after the name, where the verb stands last: Japanese, Korean,
Hindi and Persian; or a polite word in Thai and Vietnamese. No name ends like this.
"""


class NameProblem(StrEnum):
    """Why a text cannot be the name under a letter."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    LINK = "link"
    SIGNS = "signs"


def read_name(text: str) -> str | NameProblem:
    """Return the name in `text`, in NFC, with single spaces and cleaned signs.

    A name has at most MAX_NAME_LENGTH characters. Words that introduce it (“my name is”), quotes
    and punctuation around it are left out.
    """
    if utf16_length(" ".join(text.split())) > _MAX_TYPED_LENGTH:
        return NameProblem.TOO_LONG
    name = _cleaned(text)
    if not any(map(_is_letter, name)):
        return NameProblem.SIGNS if name else NameProblem.EMPTY
    if fold(name) in words_of("words.no_name"):
        return NameProblem.EMPTY
    if utf16_length(name) > MAX_NAME_LENGTH:
        return NameProblem.TOO_LONG
    if find_link(name):
        return NameProblem.LINK
    if not _has_allowed_signs(name) or not _has_allowed_marks(name):
        return NameProblem.SIGNS
    return name


def is_as_typed(name: str, text: str) -> bool:
    """Whether `name`, which was read from `text`, is the whole text but for its spaces."""
    return name == " ".join(unicodedata.normalize("NFC", text).split())


# --- cleaning -------------------------------------------------------------------------------------


def _cleaned(text: str) -> str:
    """Return `text` without what is typed around a name, and with its signs put right."""
    plain = _FANCY.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    name = _without_frame(unicodedata.normalize("NFC", plain))
    introduction = _introductions().match(name)
    if introduction:
        name = _without_frame(name[introduction.end() :])
    name = _without_frame(_ENDING.sub("", name))
    name = "".join(map(_without_stray_joiners, re.split("( )", name)))
    name = re.sub(" ?, ?", ", ", name.translate(_TYPED_FOR))
    return _DOUBLE_HYPHEN.sub("＝", _with_visarga(name))


def _without_frame(text: str) -> str:
    """Return `text` without quotes and punctuation around it, and with single spaces."""
    before, name = None, text
    while name != before:
        before = name
        name = " ".join(name.strip(_AROUND_COPIES).split())
        name = _BULLET.sub("", name).lstrip(_AT_START).rstrip(_AT_END).strip()
        if len(name) > 1 and name[0] + name[-1] in _QUOTES:
            name = name[1:-1]
        if name.endswith(".") and not _ends_in_short_form(name):
            name = name.rstrip(".")
    return name


def _ends_in_short_form(name: str) -> bool:
    """Whether the last dot belongs to the word: to an initial, `Jr.`, or `Ph.D.`."""
    last = re.split(r"[\s・·-]", name)[-1][:-1]
    return (
        last.casefold() in _SHORT_FORMS
        or sum(map(_is_letter, last)) == 1
        or bool(re.search(r"\w\.\w", last))
    )


def _without_stray_joiners(word: str) -> str:
    """Return `word` without joiners at its ends. After a virama, one shapes the last letter."""
    kept = word.strip(_JOINERS)
    ends_in_virama = bool(kept) and unicodedata.combining(kept[-1]) == _VIRAMA
    after = word[word.rfind(kept) + len(kept) :][:1]
    return kept + after if ends_in_virama else kept


def _with_visarga(name: str) -> str:
    """Return `name` with the visarga that is often typed as a colon, as in Bengali `মো:`."""
    return re.sub(r"(?<=(.)):", lambda found: _VISARGA.get(script(found[1]), ":"), name)


@cache
def _introductions() -> re.Pattern[str]:
    """Return the pattern of what people write before their name, in each language."""
    greeting = rf"(?:(?:{_either(words_of('words.no_name'))})[\s,，.!。！]+)?"
    phrases = words_of("words.name_is")
    spaced = _either(each for each in phrases if not has_no_spaces(each))
    joined = _either(each for each in phrases if has_no_spaces(each))
    return re.compile(
        rf"{greeting}(?:(?:{spaced})(?:\s*:\s*|\s+)|(?:{joined})\s*[:：]?\s*)(?=\S)", re.IGNORECASE
    )


def _either(phrases: Iterable[str]) -> str:
    """Return a pattern of `phrases`, the longest first; an apostrophe may be any of its signs."""
    longest_first = sorted(phrases, key=len, reverse=True)
    return "|".join(re.escape(each).replace("'", f"[{APOSTROPHES}]") for each in longest_first)


# --- checking -------------------------------------------------------------------------------------


def _is_letter(char: str) -> bool:
    """Whether `char` is a letter. Python may not know the newest ideographs (planes 2 and 3)."""
    category = unicodedata.category(char)
    is_new_ideograph = category == "Cn" and "\U00020000" <= char <= "\U0003fffd"
    return (category[0] == "L" or category == "Nl" or is_new_ideograph) and char not in _INVISIBLE


def _is_mark(char: str) -> bool:
    """Whether `char` is a mark that belongs to a letter. Enclosing marks don't."""
    return unicodedata.category(char) in ("Mn", "Mc") and char not in _INVISIBLE


def _is_letter_or_mark(char: str) -> bool:
    return _is_letter(char) or _is_mark(char)


def _has_allowed_signs(name: str) -> bool:
    """Whether `name` has letters, marks, and signs in places where names have them."""
    checked = name
    for sign in _SIGNS_IN_PLACE:
        checked = sign.sub(lambda found: re.sub('[/!,"7]', "·", found[0]), checked)
    runs = [(kind, len(list(run))) for kind, run in groupby(checked, key=_SIGNS.__contains__)]
    if any(length > _MAX_SIGNS for is_sign, length in runs if is_sign):
        return False
    signs = sum(length for is_sign, length in runs if is_sign)
    letters = sum(map(_is_letter, checked))
    return signs <= letters and all(map(_is_allowed, *_with_neighbours(checked)))


def _with_neighbours(name: str) -> tuple[str, str, str]:
    """Return the characters before those of `name`, those of `name`, and those after them."""
    return f" {name[:-1]}", name, f"{name[1:]} "


def _is_allowed(before: str, char: str, after: str) -> bool:
    """Whether `char` may stand between its neighbours."""
    if char in _JOINERS:
        is_last = unicodedata.combining(before) == _VIRAMA
        return _is_letter_or_mark(before) and (is_last or _is_letter_or_mark(after))
    if char == _MONGOLIAN_SEPARATOR:
        return script(before) == script(after) == "MONGOLIAN"
    if _is_mark(char):
        return _is_letter_or_mark(before) or before in _JOINERS
    return _is_letter(char) or char == " " or char in _SIGNS


def _has_allowed_marks(name: str) -> bool:
    """Whether no letter has more marks than an orthography puts on one."""
    for is_marked, run in groupby(name, key=_is_mark):
        classes = [(unicodedata.combining(char), script(char)) for char in run if is_marked]
        accents = [kind for kind, origin in classes if origin == "COMBINING"]
        is_struck_out = 1 in accents
        marks = sum(kind != 0 for kind, _ in classes)
        if is_struck_out or len(accents) > _MAX_ACCENTS or marks > _MAX_MARKS:
            return False
    return True
