"""Guesses which email address was meant by a text that is not quite one.

A guess is only offered: “Did you mean …?”.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from conversations.text.links import has_public_suffix
from conversations.text.mail_providers import IN_MANY_COUNTRIES, OTHERS, POPULAR
from conversations.text.scripts import has_no_spaces, script
from conversations.text.typed.addresses import (
    Address,
    parse_address,
    plain_text,
    read_address,
)
from conversations.text.typing_errors import count_edits
from conversations.text.word_lists import words_of

_MAX_GUESSED = 320
"""Longer texts are not searched; an address has at most 254 characters (RFC 5321)."""

_KNOWN = frozenset((*POPULAR, *OTHERS))
_SHORTEST = len("qq.com")
_LONG = len("gmail.com")
"""Domains from this length on may have two typing errors."""

_LONGER_NAME = len("gmail")
"""Shorter names, like mail or live, say too little without their suffix."""

_SUFFIXES = ("com", "net", "org", "edu", "gov", "info")
"""Suffixes that an unknown suffix may be a typing error of."""

_WRONG_SUFFIXES = frozenset({"co", "cm", "om", "con", "cim", "ne", "et"})
"""Suffixes that are more often a typing error of com or net than meant, at a known provider."""

_RESERVED = frozenset({"example", "test", "invalid", "localhost", "onion", "arpa", "local"})
"""Suffixes of special use (RFC 6761), which no public list contains."""

_LOCAL_AT_END = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+$")
_ASCII_AT_START = re.compile(r"[a-z]{2,}(?=[^\x00-\x7f])", re.IGNORECASE)
_UNSPACED = frozenset({"HAN", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "THAI"})
"""Scripts whose text may touch an address without a space."""


def suggest(address: Address) -> Address | None:
    """Return a correction if the domain looks like a typing error; None if it does not."""
    domain = _corrected(address.domain)
    return Address(address.local, domain) if domain else None


def guess_address(text: str) -> Address | None:
    """Return the address that a text without a valid one probably means; None if none is likely.

    The guess joins what spaces divide, reads “at” and “dot”, and completes the domain.
    """
    plain = plain_text(text)
    if len(plain) > _MAX_GUESSED:
        return None
    if "@" not in plain:
        plain = _with_at(plain)
    local, at, domain = re.sub(r"\s*@[\s@]*", "@", plain).rpartition("@")
    if not at:
        return None
    if "//" in local:
        local = re.split("[/?=&]", local)[-1]
    local = re.sub(r"\.{2,}", ".", _without_text_before(local)).strip(".@")
    for candidate in _domains(domain):
        found = read_address(f"{local}@{candidate}")
        if isinstance(found, Address):
            return suggest(found) or found
    return None


# --- the domain -----------------------------------------------------------------------------------


def _corrected(domain: str) -> str:
    """Return the domain that was probably meant; "" if `domain` itself may be."""
    if domain in _KNOWN or len(domain) < _SHORTEST:
        return ""
    if domain.startswith("www."):
        return _corrected(domain.removeprefix("www.")) or domain.removeprefix("www.")
    name, *_, last = domain.split(".")
    is_real = last in _RESERVED or has_public_suffix(domain)
    if name in IN_MANY_COUNTRIES and is_real and last not in (*_WRONG_SUFFIXES, "com"):
        return ""
    if last in _WRONG_SUFFIXES and f"{name}.com" in _KNOWN:
        return f"{name}.com"
    extended = next((known for known in POPULAR if domain.startswith(f"{known}.")), "")
    return extended or _similar(domain, POPULAR) or ("" if is_real else _with_real_suffix(domain))


def _similar(domain: str, among: Iterable[str]) -> str:
    """Return the most common of the domains with the fewest differences; "" if all have many."""
    distances = [(count_edits(domain, known), known) for known in among]
    distance, nearest = min(distances, key=lambda pair: pair[0])
    return nearest if distance <= (1 if len(nearest) < _LONG else 2) else ""


def _with_real_suffix(domain: str) -> str:
    """Return `domain` with the suffix that was probably meant; "" if none is similar."""
    name, _, suffix = domain.rpartition(".")
    for real in _SUFFIXES:
        if count_edits(suffix, real) <= 1:
            return f"{name}.{real}"
    return ""


def _domains(domain: str) -> Iterator[str]:
    """Yield what a typed domain may mean, the most cautious guess first."""
    dotted = re.sub(r"\s*[.,·。、;]+\s*", ".", domain).strip(".")
    if not re.search(r"\w\s+\.\s*\w", domain):
        yield domain
    yield dotted
    yield _without_text_after(dotted)
    joined = "".join(dotted.split())
    yield joined
    if "." not in joined:
        yield next((each for each in POPULAR if joined in _without_dot(each)), "")
        yield _similar(joined, POPULAR)


def _without_dot(domain: str) -> tuple[str, ...]:
    """Return what people type for `domain` without a dot: `gmailcom`, or a long name alone."""
    name = domain.partition(".")[0]
    names = (name,) if len(name) >= _LONGER_NAME else ()
    return (domain.replace(".", ""), *names)


def _without_text_after(domain: str) -> str:
    """Return `domain` without the text that touches it, as in `mail.com謝謝`."""
    *before, last = domain.split(".")
    cut = _ASCII_AT_START.match(last)
    is_text = cut is not None and script(last[cut.end()]) in _UNSPACED
    return ".".join((*before, cut[0])) if cut and is_text else domain


# --- the local part -------------------------------------------------------------------------------


def _without_text_before(local: str) -> str:
    """Return a local part without the text that touches it, as in `我的電郵是ana`."""
    found = _LOCAL_AT_END.search(local)
    if found is None or found.start() == 0:
        return local
    return found[0] if script(local[found.start() - 1]) in _UNSPACED else local


def _with_at(text: str) -> str:
    """Return `text` with an @ for the word “at”, or before the domain of a provider."""
    if "%40" in text:
        return text.replace("%40", "@")
    spelled, count = _spelled("words.at").subn("@", text)
    if count:
        return _spelled("words.dot").sub(".", spelled)
    for known in POPULAR:
        local = text.lower().removesuffix(known).rstrip(". ")
        guessed = f"{local}@{known}"
        if local and text.lower().endswith(known) and isinstance(parse_address(guessed), Address):
            return guessed
    return text


@cache
def _spelled(key: str) -> re.Pattern[str]:
    """Return the pattern of the words of `key` between spaces or in brackets."""
    longest_first = sorted(words_of(key), key=len, reverse=True)
    words = "|".join(map(re.escape, longest_first))
    unspaced = [rf"\s*{re.escape(word)}\s*" for word in longest_first if has_no_spaces(word)]
    bracketed = rf"\s*[(\[{{<]\s*(?:{words})\s*[)\]}}>]\s*"
    return re.compile("|".join((bracketed, rf"\s+(?:{words})\s+", *unspaced)), re.IGNORECASE)
