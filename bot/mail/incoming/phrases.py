"""Phrases by which mail from servers and automatic replies are recognised: see phrases.txt."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

_FILE = Path(__file__).with_name("phrases.txt")

_TYPED = ("not-me", "it-was-me")
"""Sections of what people type, often without accents. Search them with `occurs_typed`."""

_PLAIN = {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ı": "i"}
"""Plain letters for those that Unicode does not decompose."""


def without_accents(text: str) -> str:
    """Return `text` with plain letters for Latin ones with an accent. Its length stays the same."""
    return "".join(map(_plain_letter, text))


def _plain_letter(char: str) -> str:
    first = unicodedata.normalize("NFD", char)[:1]
    return first if first.isascii() else _PLAIN.get(char, char)


def _read() -> dict[str, re.Pattern[str]]:
    """Return one pattern for each section of the file."""
    sections: dict[str, list[str]] = {}
    for line in _FILE.read_text("utf-8").splitlines():
        if line.startswith("== "):
            sections[line.strip("= ")] = []
        elif line and not line.startswith("#"):
            sections[list(sections)[-1]].append(line)
    patterns = {name: "|".join(lines) for name, lines in sections.items()}
    patterns |= {name: without_accents(patterns[name]) for name in _TYPED}
    return {name: re.compile(pattern, re.I) for name, pattern in patterns.items()}


_PATTERNS = _read()

DELAY = _PATTERNS["delay"]
"""A server will try again, or only warns."""

GIVEN_UP = _PATTERNS["given-up"]
"""A server does not try again, although words of `DELAY` may occur as well."""

FAILURE = _PATTERNS["failure"]
"""A server could not deliver a mail."""

FAILURE_SUBJECT = _PATTERNS["failure-subject"]
"""How the subject of a report of failure begins."""

RETURNED_COPY = _PATTERNS["returned-copy"]
"""How the copy of the returned mail begins, in the text of a report."""

AUTOMATIC_SUBJECT = _PATTERNS["automatic-subject"]
"""How the subject of an automatic reply begins."""

ABSENCE_SUBJECT = _PATTERNS["absence-subject"]
"""How the subject of a notice of absence begins."""

ABSENCE = _PATTERNS["absence"]
"""What somebody says who is away."""

RECEIPT_SUBJECT = _PATTERNS["receipt-subject"]
"""How the subject of a receipt begins."""

RECEIPT = _PATTERNS["receipt"]
"""An office confirms that it has received a mail."""

REQUEST = _PATTERNS["request"]
"""An office asks for something."""

CHALLENGE = _PATTERNS["challenge"]
"""A filter asks the sender to prove that a person wrote."""

BOILERPLATE = _PATTERNS["boilerplate"]
"""What receipts contain besides."""

AUTOMATED = _PATTERNS["automated"]
"""A text says of itself that a program wrote it."""

READ_SUBJECT = _PATTERNS["read-subject"]
"""How the subject of a proof of reading begins."""

READ_RECEIPT = _PATTERNS["read-receipt"]
"""A mail program reports that a mail was displayed, in words."""

NOT_ME = _PATTERNS["not-me"]
"""The owner of an address says that they did not ask for our mail."""

IT_WAS_ME = _PATTERNS["it-was-me"]
"""The owner of an address says that they asked for our mail after all."""

_PIECE_LENGTH, _OVERLAP = 500, 150
"""Characters that are searched at once: a search lets no other thread work."""


def matches(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    """Yield where phrases occur in `text`, and which. One in two pieces may come twice."""
    for at in range(0, len(text), _PIECE_LENGTH):
        for found in pattern.finditer(text[at : at + _PIECE_LENGTH + _OVERLAP]):
            yield at + found.start(), found[0]


def occurs(pattern: re.Pattern[str], text: str) -> bool:
    """Whether one of the phrases occurs in `text`, however its lines are broken."""
    return next(matches(pattern, " ".join(text.split())), None) is not None


def occurs_typed(pattern: re.Pattern[str], text: str) -> bool:
    """Whether one of the phrases that people type occurs in `text`, with or without accents."""
    return occurs(pattern, without_accents(unicodedata.normalize("NFC", text)))
