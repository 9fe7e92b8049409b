"""Reads what supporters write for the letter: own words, a subject, answers, their own letter."""

import unicodedata
from enum import StrEnum

from conversations.text.html import utf16_length
from conversations.text.links import find_link

# Lengths in UTF-16 code units, as Telegram counts.
MAX_OWN_WORDS_LENGTH = 500
MAX_ANSWER_LENGTH = 300
MAX_SUBJECT_LENGTH = 100
MAX_REWRITTEN_LENGTH = 3000

_JOINERS = "\u200c\u200d"


class OwnWordsProblem(StrEnum):
    """Why the supporter's own words cannot be in the letter."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    LINK = "link"


def read_own_words(text: str) -> str | OwnWordsProblem:
    """Return the supporter's own words as one paragraph in NFC. Links and addresses are refused."""
    return _checked(" ".join(_visible(text).split()), MAX_OWN_WORDS_LENGTH)


def read_answer(text: str) -> str | OwnWordsProblem:
    """Return the answer to a campaign's own question: a paragraph of MAX_ANSWER_LENGTH at most."""
    return _checked(" ".join(_visible(text).split()), MAX_ANSWER_LENGTH)


def read_subject(text: str) -> str | OwnWordsProblem:
    """Return the supporter's own subject: one line of at most MAX_SUBJECT_LENGTH characters."""
    return _checked(" ".join(_visible(text).split()), MAX_SUBJECT_LENGTH)


def read_rewritten(text: str, original: str = "") -> str | OwnWordsProblem:
    """Return a letter that the supporter rewrote, in NFC, with its lines.

    Links are refused unless they are in the campaign's `original`.
    """
    lines = text.replace("\r\n", "\n").replace("\t", " ")
    kept = "".join(char for char in _visible(lines) if char == "\n" or not _is_control(char))
    return _checked(kept.strip(), MAX_REWRITTEN_LENGTH, original)


def _checked(words: str, most: int, original: str = "") -> str | OwnWordsProblem:
    if not words.strip(_JOINERS):
        return OwnWordsProblem.EMPTY
    if utf16_length(words) > most:
        return OwnWordsProblem.TOO_LONG
    return OwnWordsProblem.LINK if find_link(words, original) else words


def _visible(text: str) -> str:
    """Return `text` in NFC, without what shows nothing: only spaces and joiners are kept."""
    return "".join(
        char
        for char in unicodedata.normalize("NFC", text)
        if char.isspace()
        or char in _JOINERS
        or unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs")
    )


def _is_control(char: str) -> bool:
    return unicodedata.category(char) == "Cc"
