"""Records which texts a native speaker has checked, and finds out whether that still holds.

A checked text has a translator's comment in its catalogue, which every gettext editor keeps:

    # Reviewed by Ana Souza: 1f0c5b7a92d4

The number is a digest of the English text and its translation. If either changes, it no longer
fits, and the text counts as not reviewed.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from babel.messages.catalog import Message

from conversations.text import catalogues

SAFETY = "safety"
"""The flag of English texts that can endanger people if they are wrong."""

REVIEW, REVIEWER = "X-Review", "X-Reviewer"
"""The headers of a catalogue that say who has checked all of it."""

_MARK = re.compile(r"Reviewed by (?P<name>.+): (?P<digest>[0-9a-f]{12})")
_HEADER = re.compile(r'^"X-Review: (\w*)\\n"$', re.MULTILINE | re.IGNORECASE)
_KEY = re.compile(r'^msgid "(.+)"$', re.MULTILINE)


class Review(StrEnum):
    """Who has checked the texts in a language. The header X-Review of a catalogue says so."""

    ORIGINAL = "original"
    """They were written in this language."""
    NATIVE = "native"
    """A native speaker has checked them all."""
    NONE = "none"
    """They were translated by a machine, and not all of them have been checked."""


@dataclass(frozen=True)
class Mark:
    """The record that a native speaker has checked a text."""

    name: str
    """Who has checked it: a name, or a pseudonym."""

    digest: str
    """The digest of what was checked."""


def digest(english: Message, translated: Message) -> str:
    """Return 12 hexadecimal digits that change if a text or its translation does."""
    parts = (*catalogues.forms(english), "", *catalogues.forms(translated))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def mark_of(translated: Message) -> Mark | None:
    """Return the record of a review of one text; None if there is none."""
    found = (_MARK.fullmatch(comment.strip()) for comment in translated.user_comments)
    return next((Mark(each["name"], each["digest"]) for each in found if each), None)


def written_review(file: Path) -> Review:
    """Return what the header of a catalogue says. Raises ValueError if it isn't a `Review`."""
    found = _HEADER.search(file.read_text("utf-8"))
    return Review(found[1]) if found else Review.NONE


def reviewed_keys(file: Path, original: Path) -> frozenset[str]:
    """Return the keys of the texts that were written in this language, or whose review holds.

    `file` and `original` are the same part of the texts: translated, and in English.
    """
    translated = _translated(file)
    if written_review(file) is Review.ORIGINAL:
        return frozenset(translated)
    english = _translated(original)
    return frozenset(
        key
        for key, message in translated.items()
        if key in english
        and (mark := mark_of(message))
        and mark.digest == digest(english[key], message)
    )


def record(file: Path, original: Path, name: str, keys: Collection[str]) -> str:
    """Return the new content of `file`: with a record that `name` has checked `keys`.

    The headers say `native` if each English text then has a record that holds.
    """
    english, translated = _translated(original), _translated(file)
    marks = {
        key: f"# Reviewed by {name}: {digest(english[key], translated[key])}"
        for key in keys
        if key in english and key in translated
    }
    head, *blocks = re.split(r"\n{2,}", file.read_text("utf-8").strip("\n"))
    is_complete = english.keys() <= (reviewed_keys(file, original) | marks.keys())
    if is_complete and written_review(file) is not Review.ORIGINAL:
        head = _with_headers(head, {REVIEW: Review.NATIVE, REVIEWER: name})
    return "\n\n".join([head, *(_marked(block, marks) for block in blocks)]) + "\n"


def _translated(file: Path) -> dict[str, Message]:
    found = catalogues.read(file)
    return {catalogues.key(each): each for each in found if catalogues.is_translated(each)}


def _marked(block: str, marks: Mapping[str, str]) -> str:
    """Return the lines of one text with its new mark, in place of an old one."""
    key = _KEY.search(block)
    mark = marks.get(key[1]) if key else None
    if mark is None:
        return block
    lines = [line for line in block.split("\n") if not _MARK.fullmatch(line.lstrip("# "))]
    return "\n".join([mark, *lines])


def _with_headers(head: str, headers: Mapping[str, str]) -> str:
    """Return the lines of a catalogue's headers with new ones, in place of old ones."""
    names = tuple(f'"{name}:'.lower() for name in headers)
    kept = [line for line in head.split("\n") if not line.lower().startswith(names)]
    return "\n".join([*kept, *(f'"{name}: {value}\\n"' for name, value in headers.items())])
