"""Words by which the parts of a page are recognised, in all languages of `cue_words.toml`."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from conversations.text.scripts import has_no_spaces, scripts

FILE = Path(__file__).parent / "cue_words.toml"

_FUNCTION_WORDS = "function_words"
_MIN_FUNCTION_WORDS = 3
_MIN_SHARE = 0.12
"""A language whose small words are a smaller share of a text isn't the text's."""

_QUOTES = str.maketrans("’‘`´", "''''")
_AROUND = " .,;:!?¿¡…\"'“”„«»‹›()[]|·•*_-–—→>。，、；：！？「」『』（）【】"
_TRADITIONAL = frozenset("們這國為會個來時對後說學進發點還過種無與從現長業東車書馬門間問題應當關")
_SIMPLIFIED = frozenset("们这国为会个来时对后说学进发点还过种无与从现长业东车书马门间问题应当关")


class Cue(StrEnum):
    """What words tell; the names of the lists in the file."""

    LABEL = "labels"
    STORY_HEADING = "story_headings"
    MORE_HEADING = "more_headings"
    ASK_HEADING = "ask_headings"
    DEMAND_HEADING = "demand_headings"
    NOTICE_HEADING = "notice_headings"
    ASK = "asks"
    DEMAND = "demands"
    NOTICE = "notices"
    LETTER_HEADING = "letter_headings"
    SALUTATION = "salutations"
    GREETING = "greetings"
    SUBJECT = "subjects"
    FAREWELL = "farewells"
    SITE = "site"
    SITE_START = "site_starts"


def fold(text: str) -> str:
    """Return `text` for comparing: without case, width and the shape of apostrophes."""
    return unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()


def is_cue(cue: Cue, text: str) -> bool:
    """Whether `text` is one of the phrases and nothing else, apart from signs around it."""
    return fold(text).strip(_AROUND) in _phrases(cue)


def starts_with(cue: Cue, text: str) -> bool:
    """Whether `text` starts with one of the phrases."""
    folded = fold(text).lstrip(_AROUND)
    return any(folded.startswith(each) and _pattern(each).match(folded) for each in _phrases(cue))


def contains(cue: Cue, text: str) -> bool:
    """Whether one of the phrases is in `text`."""
    folded = fold(text)
    return any(each in folded and _pattern(each).search(folded) for each in _phrases(cue))


def guess_language(text: str) -> str | None:
    """Return the language that the small words of `text` belong to; None if that isn't clear."""
    if "HAN" in scripts(text[:2000]) and not {"HIRAGANA", "HANGUL"} & scripts(text[:2000]):
        written = set(text)
        differing = _TRADITIONAL ^ _SIMPLIFIED
        traditional = len(written & _TRADITIONAL & differing)
        return "zh-Hant" if traditional > len(written & _SIMPLIFIED & differing) else "zh-Hans"
    words = Counter(re.findall(r"\w+", fold(text)))
    scores = {
        language: sum(words[word] * weight for word, weight in weights.items())
        for language, weights in _weights().items()
    }
    best, second = sorted(scores, key=lambda each: -scores[each])[:2]
    enough = max(_MIN_FUNCTION_WORDS, 2 * scores[second], words.total() * _MIN_SHARE)
    return best if scores[best] >= enough else None


@cache
def _weights() -> Mapping[str, Mapping[str, float]]:
    """Return the small words of each language: one that several languages have weighs less."""
    found = {
        language: fold(lists[_FUNCTION_WORDS][0]).split() for language, lists in _lists().items()
    }
    shared = Counter(word for each in found.values() for word in each)
    return {language: {word: 1 / shared[word] for word in each} for language, each in found.items()}


def is_small_word(word: str, language: str) -> bool:
    """Whether a word is an article, a preposition or the like in a language that is known."""
    lists = _lists().get(language) or _lists().get(language.partition("-")[0], {})
    return fold(word) in lists.get(_FUNCTION_WORDS, ("",))[0].split()


def first_label(language: str) -> str:
    """Return the usual label of an action in a language; "" if its words aren't known."""
    lists = _lists().get(language) or _lists().get(language.partition("-")[0], {})
    unwanted = _SIMPLIFIED - _TRADITIONAL if language == "zh-Hant" else _TRADITIONAL - _SIMPLIFIED
    labels = (each for each in lists.get(Cue.LABEL, ()) if not unwanted & set(each))
    return next(labels, "").capitalize()


@cache
def _lists() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the lists of each language."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        language: {
            name: tuple(listed) if isinstance(listed, list) else (listed,)
            for name, listed in lists.items()
        }
        for language, lists in content.items()
    }


@cache
def _phrases(cue: Cue) -> frozenset[str]:
    return frozenset(fold(phrase) for lists in _lists().values() for phrase in lists[cue])


@cache
def _pattern(phrase: str) -> re.Pattern[str]:
    """Return a pattern of the phrase as whole words, where spaces separate words."""
    escaped = re.escape(phrase)
    return re.compile(escaped if has_no_spaces(phrase) else rf"(?<!\w){escaped}(?!\w)")
