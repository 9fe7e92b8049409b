"""Find what isn't imported from a page: notes on privacy, and parts of the website."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby

from conversations.folder.checks.sender_claims import makes_claim
from conversations.folder.page_import.cue_words import Cue, contains, is_cue, starts_with
from conversations.folder.page_import.paragraphs import Kind, Paragraph

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\Wa-z_]|[“\"'(¿¡])|(?<=[。！？])")
_SEPARATOR = re.compile(r"\s[|·•>/–-]\s|\s*[|›»]\s*")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")

_LINKED = re.compile(r"\s*\(https?://\S+\)$")
"""The address behind a button, such as “Sign now (https://…)”."""

_DATE = re.compile(
    r"(?:\w+,?\s+)?\d{1,2}(?:st|nd|rd|th|\.)?\s+(?:de\s+)?[^\W\d]+\.?(?:,?\s+(?:de\s+)?\d{4})?"
    r"|[^\W\d]+\.?\s+\d{1,2},?\s+\d{4}|\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
)
"""A date, or a number of things, such as “15 October” or “3 comments”."""

_AUTHOR = re.compile(
    r"(?:By|Von|Por|Par)\s+[^\W\d_a-z][\w.'’-]*(?:\s+[^\W\d_a-z][\w.'’-]*){1,3}(?:[,|·–-].{0,40})?"
)
_COUNT = re.compile(r"[\d.,\s]*\d\s+(?:of|de|von|sur)\s+\d[\d.,\s]*[^\W\d]+")
"""How far a petition is, such as “12,345 of 15,000 signatures”."""

_CONTACT = re.compile(
    r"(?:[^\W\d][\w-]{0,14}\.?\s*[:：]?\s*)?(?:[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\d[\d\s()/.-]{6,}\d)"
)
"""A line with an email address or a telephone number, such as “Phone: 123 456 789”."""

_MAX_SITE_LENGTH = 80
_MAX_MENU_ITEM_LENGTH = 25
_MIN_MENU_ITEMS = 3
_MAX_DIVIDED_LENGTH = 5_000
"""No message has room for a longer paragraph, so it isn't divided."""


def sentences(text: str) -> list[str]:
    """Return the sentences of a paragraph."""
    return [each for each in _SENTENCE_END.split(text) if each]


def is_notice(text: str) -> bool:
    """Whether a text is about privacy, consent, or who sends the letter and gets replies."""
    return contains(Cue.NOTICE, text) or makes_claim(text)


def split_notices(paragraph: Paragraph) -> Iterator[Paragraph]:
    """Yield a paragraph, divided where sentences about privacy or the sender begin and end.

    It stays whole if such a sentence is its first, or if most of its sentences are.
    """
    if len(paragraph.text) > _MAX_DIVIDED_LENGTH or not is_notice(paragraph.text):
        yield paragraph
        return
    found = sentences(paragraph.text)
    notices = [is_notice(each) for each in found]
    if notices[0] or not any(notices) or sum(notices) * 2 > len(notices):
        yield paragraph
        return
    start = 0
    for _, run in groupby(notices):
        end = start + len(list(run))
        yield replace(paragraph, text=between(paragraph.text, found, start, end))
        start = end


def split_at_length(paragraph: Paragraph, length: int) -> Iterator[Paragraph]:
    """Yield a paragraph in two: as many whole sentences as `length` has room for, and the rest."""
    found = sentences(paragraph.text)
    first = 1
    while first < len(found) and len(between(paragraph.text, found, 0, first + 1)) <= length:
        first += 1
    yield replace(paragraph, text=between(paragraph.text, found, 0, first))
    if first < len(found):
        yield replace(paragraph, text=between(paragraph.text, found, first, len(found)))


def between(text: str, found: list[str], start: int, end: int) -> str:
    """Return some of the sentences of `text`, with what is between them."""
    place = 0
    begins = 0
    for number, sentence in enumerate(found[:end]):
        place = text.index(sentence, place)
        if number == start:
            begins = place
        place += len(sentence)
    return text[begins:place]


def is_site(paragraph: Paragraph) -> bool:
    """Whether a paragraph belongs to the website: a menu, a button, a field, an address."""
    text = _LINKED.sub("", paragraph.text) or paragraph.text
    if len(text) > _MAX_SITE_LENGTH and not _is_menu(text):
        return False
    return (
        is_cue(Cue.SITE, text)
        or starts_with(Cue.SITE_START, text)
        or "©" in text
        or _ADDRESS.fullmatch(text) is not None
        or _is_detail(paragraph)
        or not any(char.isalpha() for char in text)
        or _is_menu(text)
        or _is_only(lambda each: is_cue(Cue.SITE, each), text)
    )


def _is_detail(paragraph: Paragraph) -> bool:
    """Whether a line says when and by whom a page was written, how many people have signed, or how
    somebody is reached.
    """
    if paragraph.kind is Kind.ITEM:
        return False
    patterns = (_DATE, _AUTHOR, _COUNT, _CONTACT)
    return any(pattern.fullmatch(paragraph.text) for pattern in patterns)


def _is_menu(text: str) -> bool:
    """Whether a line lists places of the website, like “Home | News | Contact”."""
    items = [each.strip(" ()") for each in _SEPARATOR.split(_ADDRESS.sub("", text)) if each]
    short = all(len(each) <= _MAX_MENU_ITEM_LENGTH for each in items)
    few = len(items) < _MIN_MENU_ITEMS
    return short and len(items) > 1 and (not few or any(is_cue(Cue.SITE, each) for each in items))


def _is_only(test: Callable[[str], bool], text: str) -> bool:
    """Whether each word of a short line passes a test, like “Share Tweet Email”."""
    return all(test(word) for word in text.split())


def looks_short(paragraph: Paragraph) -> bool:
    """Whether a paragraph looks like a heading or a line of a menu: short, and no sentence."""
    is_long = len(paragraph.text) > _MAX_SITE_LENGTH and paragraph.kind is not Kind.HEADING
    return not is_long and paragraph.text[-1] not in ".。:：;；,，、"
