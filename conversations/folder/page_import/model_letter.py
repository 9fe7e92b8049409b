"""Find a model letter on a page: from “Dear …” to the farewell.

Its text says what is demanded. Salutation, addresses, subject, farewell and signature are left out,
and so are sentences that the reader completes, such as “My name is [name]”: the campaign's letter
has its own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conversations.folder.page_import.cue_words import Cue, contains, is_cue, starts_with
from conversations.folder.page_import.left_out import between, is_notice, is_site, sentences
from conversations.folder.page_import.paragraphs import Kind, Paragraph
from conversations.folder.page_import.section_headings import announced_part

_MAX_PARAGRAPHS = 60
"""How many paragraphs a letter can have."""

_MAX_SALUTATION = 100
_MAX_FAREWELL = 200
_MAX_SHORT_FAREWELL = 25
"""A longer line is a farewell only if it begins with one."""
_MAX_ADDRESS_LINE = 60
_MAX_SIGNATURE = 40
_SIGNATURES = 3
"""How many lines can be below a farewell."""

_TO_FILL_IN = re.compile(r"\[[^\[\]]{1,60}\]|<[^<>]{1,60}>|_{3,}|\.{4,}|…{2,}")
"""What the reader of a page replaces, such as “[your name]”."""

_OPENING = re.compile(r"(.{1,80}?[,:，：])\s*(\S.*)", re.DOTALL)
"""A salutation with the beginning of the letter on the same line."""


@dataclass(frozen=True)
class ModelLetter:
    """Where a letter is among the paragraphs of a page, by their numbers."""

    text: frozenset[int] = frozenset()
    left_out: frozenset[int] = frozenset()


def divide_letter(page: Sequence[Paragraph]) -> tuple[list[Paragraph], ModelLetter]:
    """Return a page with the first letter on it. Paragraphs of the letter are divided where only a
    part of one is left out.
    """
    for number, each in enumerate(page):
        if not _is_salutation(each):
            continue
        end = _end(page, number)
        is_closed = end < len(page) and _is_farewell(page[end])
        opening = _OPENING.fullmatch(each.text) if is_closed else None
        if end > number + 1 or opening:
            first = [each] if opening is None or _is_line(each) else _in_two(each, opening)
            return _divided(page, [number, end], first)
    return list(page), ModelLetter()


def _divided(
    page: Sequence[Paragraph], bounds: Sequence[int], first: Sequence[Paragraph]
) -> tuple[list[Paragraph], ModelLetter]:
    """Return the page with the letter between two paragraphs; `first` replaces its first one."""
    start, end = bounds
    above = [*_above(page, start)]
    pieces = [*page[:start], first[0]]
    left_out, text = {*above, start}, set[int]()
    for each in (*first[1:], *page[start + 1 : end]):
        for piece in _without_gaps(each):
            is_framing = starts_with(Cue.SUBJECT, piece.text) or _TO_FILL_IN.search(piece.text)
            (left_out if is_framing else text).add(len(pieces))
            pieces.append(piece)
    below = _below(page, end)
    left_out |= {len(pieces) + number for number in range(below)}
    return [*pieces, *page[end:]], ModelLetter(frozenset(text), frozenset(left_out))


def _is_salutation(each: Paragraph) -> bool:
    greets = starts_with(Cue.SALUTATION, each.text) and not starts_with(Cue.GREETING, each.text)
    return greets and (_is_line(each) or _OPENING.fullmatch(each.text) is not None)


def _is_line(each: Paragraph) -> bool:
    """Whether a salutation has a line of its own."""
    return len(each.text) <= _MAX_SALUTATION and each.text[-1] in ",:，：!！"


def _is_farewell(each: Paragraph) -> bool:
    text = each.text
    if len(text) <= _MAX_SHORT_FAREWELL and contains(Cue.FAREWELL, text):
        return True
    return len(text) <= _MAX_FAREWELL and starts_with(Cue.FAREWELL, text)


def _end(page: Sequence[Paragraph], start: int) -> int:
    """Return the number of the farewell, or of what ends a letter without one."""
    within = range(start + 1, min(len(page), start + 1 + _MAX_PARAGRAPHS))
    heading = next((n for n in within if page[n].kind is Kind.HEADING), within.stop)
    for number in range(start + 1, heading):
        if _is_farewell(page[number]):
            return number
    for number in range(start + 1, heading):
        each = page[number]
        if is_notice(each.text) or is_site(each) or announced_part(each):
            return number
    return heading


def _in_two(each: Paragraph, opening: re.Match[str]) -> list[Paragraph]:
    return [replace(each, text=opening[1]), replace(each, text=opening[2])]


def _without_gaps(each: Paragraph) -> Iterator[Paragraph]:
    """Yield a paragraph, divided around the sentences that the reader completes."""
    found = sentences(each.text)
    if len(found) < 2 or not _TO_FILL_IN.search(each.text):
        yield each
        return
    start = 0
    for end in range(1, len(found) + 1):
        is_same = end < len(found) and _is_gap(found[end]) == _is_gap(found[start])
        if not is_same:
            yield replace(each, text=between(each.text, found, start, end))
            start = end


def _is_gap(sentence: str) -> bool:
    return _TO_FILL_IN.search(sentence) is not None


def _above(page: Sequence[Paragraph], start: int) -> Iterator[int]:
    """Yield the lines above a salutation that belong to the letter: address, subject, heading."""
    run = []
    number = start - 1
    while number >= 0 and _is_address_line(page[number]):
        run.append(number)
        number -= 1
    addressed = [each for each in run if _has_address(page[each].text)]
    if addressed and number < 0:  # the title may be above
        run = [each for each in run if each >= addressed[-1]]
    taken = run if addressed else [each for each in run if _is_subject(page[each])]
    yield from taken
    heading = min(taken, default=start) - 1
    if heading >= 0 and is_cue(Cue.LETTER_HEADING, page[heading].text):
        yield heading


def _is_subject(each: Paragraph) -> bool:
    return starts_with(Cue.SUBJECT, each.text)


def _is_address_line(each: Paragraph) -> bool:
    if _is_subject(each):
        return True
    is_short = len(each.text) <= _MAX_ADDRESS_LINE and each.text[-1] not in ".。!！?？:："
    return is_short and each.kind is not Kind.HEADING and not is_cue(Cue.LABEL, each.text)


def _has_address(text: str) -> bool:
    return "@" in text or any(char.isdecimal() for char in text)


def _below(page: Sequence[Paragraph], end: int) -> int:
    """Return how many paragraphs belong to the farewell, the signature included."""
    if end == len(page) or not _is_farewell(page[end]):
        return 0
    number = end + 1
    while number < min(len(page), end + 1 + _SIGNATURES) and _is_signature(page, end, number):
        number += 1
    return number - end


def _is_signature(page: Sequence[Paragraph], end: int, number: int) -> bool:
    each = page[number]
    if len(each.text) > _MAX_SIGNATURE or announced_part(each):
        return False
    if _TO_FILL_IN.search(each.text) or _is_farewell(each):
        return True
    is_name = number == end + 1 and each.text[-1] not in ".。!！?？:："
    return is_name and not is_cue(Cue.LABEL, each.text)
