"""Folds texts for comparison: what people leave out or write differently makes no difference."""

import re
import unicodedata

_OMITTED_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
"""Accents of Latin, Greek and Cyrillic, Hebrew points, and Arabic vowels and tatweel, which many
people leave out. Marks of other scripts are letters to their readers, and stay.
"""

# Letters without a decomposition (NFKD), and Arabic letters that keyboards mix up.
_SAME_LETTERS = str.maketrans(
    {
        **dict(zip("øđłıəɛɔŋħðþ", "odlieeonhdt", strict=True)),
        **dict(zip("ىیێکھہۃةە臺", "يييكههههه台", strict=True)),
        "æ": "ae",
        "œ": "oe",
    }
)

_OMITTED_WORDS = frozenset({"the", "and"})
_SAME_WORDS = {"st": "saint", "ste": "saint", "rep": "republic"}


def fold(text: str) -> str:
    """Return `text` without case, accents, punctuation, extra spaces, “the” and “and”.

    “St.” becomes “saint” before another word.
    """
    words = fold_words(text)
    if len(words) < 2:
        return " ".join(words)
    return " ".join(_SAME_WORDS.get(word, word) for word in words if word not in _OMITTED_WORDS)


def fold_words(text: str) -> list[str]:
    """Return the words of `text`, folded one by one; none is left out."""
    decomposed = unicodedata.normalize("NFKD", text).casefold().translate(_SAME_LETTERS)
    letters = unicodedata.normalize("NFC", _OMITTED_MARKS.sub("", decomposed))
    return "".join(_kept(char) for char in letters).split()


def unfolded_words(text: str) -> list[str]:
    """Return the words of `text` with their case and accents."""
    return "".join(_kept(char) for char in unicodedata.normalize("NFKC", text)).split()


def _kept(char: str) -> str:
    """Return letters, marks and digits as they are; a space for a sign, nothing for a control."""
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    return char if category[0] in "LMN" else " "
