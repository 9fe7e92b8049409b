"""Propose which paragraph of a page is which part of a campaign.

What tells most comes first: notes on privacy and menus are left out, then the title is found, then
what stands below telling headings, then demands and what is asked for. The rest is the story, and
what there is no room for in the first message is behind “Read more”. Structure and position count
in every language; words help in those of `cue_words.toml`.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise, takewhile

from conversations.folder.page_import.cue_words import Cue, contains, is_cue, starts_with
from conversations.folder.page_import.left_out import (
    is_notice,
    is_site,
    looks_short,
    split_at_length,
    split_notices,
)
from conversations.folder.page_import.model_letter import ModelLetter, divide_letter
from conversations.folder.page_import.page_parts import Part, Placed, Proposal, Reason
from conversations.folder.page_import.paragraphs import Kind, Paragraph
from conversations.folder.page_import.section_headings import announced_part, is_only_heading
from conversations.text.html import utf16_length

MAX_LENGTHS = {
    Part.TITLE: 150,
    Part.STORY: 600,
    Part.ASK: 500,
    Part.DEMANDS: 1500,
    Part.MORE: 3000,
}
"""How long a part can be so that its message is not too long, in UTF-16 code units."""

_STORY_PARAGRAPHS = 2
_LONG_STORY = 400
"""A longer paragraph is divided, with its first sentences as the story."""

_BETWEEN = 4
"""How long marks and empty lines beside a paragraph can be."""

_WITHOUT_HEADING = (Part.STORY, Part.ASK, Part.DEMANDS)
"""Parts above which no heading is shown."""

_ASK_PARAGRAPHS = 3
_MAX_ASK_LENGTH = 300
_DEMAND_BEGINS = 60
"""How far into a sentence of demand its verb is: “The government must …”."""


def propose(paragraphs: Iterable[Paragraph]) -> Proposal:
    """Return where each paragraph of a page goes. Sentences on privacy are divided from others."""
    divided = [piece for each in paragraphs for piece in split_notices(each)]
    pieces, letter = divide_letter(divided)
    page = _Page(pieces)
    page.leave_out_notices()
    page.place_letter(letter)
    page.find_title()
    page.leave_out_site()
    page.follow_headings()
    page.find_demands()
    page.find_ask()
    page.divide_first_text()
    page.tell_story()
    return Proposal(tuple(page.within_limits()))


class _Page:
    """The paragraphs of a page, and where those that are recognised so far go."""

    def __init__(self, paragraphs: list[Paragraph]) -> None:
        self._all = paragraphs
        self._places: list[tuple[Part, Reason] | None] = [None] * len(paragraphs)
        self._told: set[int] = set()
        """The numbers of what is below headings of the story, such as “What happened?”."""

    def _put(self, number: int, part: Part, reason: Reason) -> None:
        if self._places[number] is None:
            self._places[number] = part, reason

    def _free(self) -> list[int]:
        """Return the numbers of the paragraphs that have no part yet."""
        return [number for number, place in enumerate(self._places) if place is None]

    def _in(self, part: Part) -> list[int]:
        return [number for number, place in enumerate(self._places) if place and place[0] is part]

    def leave_out_notices(self) -> None:
        """Leave out what is about privacy and the sender, and what is below such a heading."""
        below = False
        for number, each in enumerate(self._all):
            is_heading = is_cue(Cue.NOTICE_HEADING, each.text)
            below = is_heading or (below and each.kind is not Kind.HEADING)
            if is_heading or is_notice(each.text):
                self._put(number, Part.LEFT_OUT, Reason.NOTICE)
            elif below:
                is_form = is_site(each)
                self._put(number, Part.LEFT_OUT, Reason.SITE if is_form else Reason.NOTICE)

    def place_letter(self, letter: ModelLetter) -> None:
        """Take the text of a model letter as what is demanded."""
        for number in letter.text:
            self._put(number, Part.DEMANDS, Reason.LETTER)
        for number in letter.left_out:
            self._put(number, Part.LEFT_OUT, Reason.LETTER)

    def find_title(self) -> None:
        """Find the title, the label beside it, and leave out the menu above it."""
        title = self._title()
        if title is None:
            return
        is_heading = self._all[title].kind is Kind.HEADING
        self._put(title, Part.TITLE, Reason.HEADING if is_heading else Reason.POSITION)
        above = [number for number in self._free() if number < title]
        beside = [*reversed(above), *(n for n in self._free() if n == title + 1)]
        label = next((n for n in beside if is_cue(Cue.LABEL, self._all[n].text)), None)
        if label is not None:
            self._put(label, Part.LABEL, Reason.WORDS)
        for number in above:
            if looks_short(self._all[number]):
                self._put(number, Part.LEFT_OUT, Reason.SITE)

    def _title(self) -> int | None:
        """Return the number of the title: the top heading, else a short line above the text."""
        named = [
            number
            for number in self._free()
            if utf16_length(self._all[number].text) <= MAX_LENGTHS[Part.TITLE]
            and not is_site(self._all[number])
            and announced_part(self._all[number]) is None
        ]
        headings = [n for n in named if self._all[n].level and not self._is_label(n)]
        if headings:
            return min(headings, key=lambda n: (self._all[n].level, n))
        short = list(takewhile(lambda n: looks_short(self._all[n]), named))
        labels = [number for number in short if self._is_label(number)]
        after_label = [number for number in short if number > (labels or [-1])[-1]]
        is_menu = not labels and len(after_label) > _STORY_PARAGRAPHS
        return next(iter(reversed(after_label) if is_menu else after_label), None)

    def _is_label(self, number: int) -> bool:
        return is_cue(Cue.LABEL, self._all[number].text)

    def leave_out_site(self) -> None:
        """Leave out menus, buttons and fields, and what is left of the page below the notice."""
        notices = [n for n, place in enumerate(self._places) if place and place[1] is Reason.NOTICE]
        last = notices[-1] if notices else len(self._all)
        for number in self._free():
            each = self._all[number]
            if is_site(each) or (number > last and looks_short(each)):
                self._put(number, Part.LEFT_OUT, Reason.SITE)

    def follow_headings(self) -> None:
        """Place what is below headings that announce a part."""
        section: Part | None = None
        for number in self._free():
            each, before = self._all[number], self._places[number - 1] if number else None
            if before and before[1] is Reason.LETTER:
                section = None
            announced = announced_part(each)
            if announced:
                section = announced
                self._announce(number, announced)
            elif each.kind is Kind.HEADING:
                section = None
            elif section in (Part.ASK, Part.DEMANDS) and self._is_lead(number, demands=True):
                section = Part.DEMANDS
                self._put(number, section, Reason.WORDS)
            elif self._has_ended(section, number):
                section = None
            elif section is Part.STORY:
                self._told.add(number)
            elif section in (Part.ASK, Part.DEMANDS, Part.MORE):
                self._put(number, section, Reason.HEADING)

    def _announce(self, number: int, part: Part) -> None:
        """Place a heading that announces a part: it is left out unless it says more than that."""
        text = self._all[number].text
        exact = is_only_heading(text)
        introduces = part is Part.DEMANDS and text[-1] in ":："
        if introduces or (part is Part.ASK and not exact):
            self._put(number, part, Reason.WORDS)
        else:
            self._put(number, Part.LEFT_OUT, Reason.SECTION)

    def _has_ended(self, section: Part | None, number: int) -> bool:
        """Whether a section ended before a paragraph that isn't a heading."""
        if section is Part.ASK:
            return len(self._in(Part.ASK)) >= _ASK_PARAGRAPHS
        if section is not Part.DEMANDS:
            return False
        # Text after a list of demands that demands nothing.
        before = self._all[number - 1]
        is_text = self._all[number].kind is Kind.TEXT
        return is_text and before.kind is Kind.ITEM and not self._demands(number)

    def _demands(self, number: int) -> bool:
        """Whether a paragraph begins like “The government must …”."""
        return contains(Cue.DEMAND, self._all[number].text[:_DEMAND_BEGINS])

    def _is_lead(self, number: int, *, demands: bool) -> bool:
        """Whether a list follows, which this introduces; with `demands`, as a list of demands."""
        following = self._all[number + 1 : number + 2]
        if not following or following[0].kind is not Kind.ITEM:
            return False
        each = self._all[number]
        if demands:
            return each.kind is not Kind.ITEM and contains(Cue.DEMAND, each.text)
        return each.kind is not Kind.ITEM and each.text[-1] in ":："

    def find_demands(self) -> None:
        """Find the demands where no heading announced them."""
        if self._in(Part.DEMANDS):
            return
        free = self._free()
        for lead in free:
            if self._is_lead(lead, demands=True):
                part = Part.ASK if starts_with(Cue.ASK, self._all[lead].text) else Part.DEMANDS
                self._put(lead, part, Reason.WORDS)
                self._put_list(lead + 1, Reason.LIST)
        texts = [n for n in free if self._all[n].kind is not Kind.HEADING]
        for number in () if self._in(Part.DEMANDS) else texts[1:]:
            is_short = len(self._all[number].text) <= MAX_LENGTHS[Part.DEMANDS]
            if is_short and self._demands(number):
                self._put(number, Part.DEMANDS, Reason.WORDS)
        if not self._in(Part.DEMANDS):
            self._take_last_list()

    def _take_last_list(self) -> None:
        """Take the last list with two items or more as the demands; a numbered one, if any."""
        free = self._free()
        items = [n for n in free if self._all[n].kind is Kind.ITEM]
        firsts = [n for n in items if n + 1 in items and n - 1 not in items]
        numbered = [n for n in firsts if self._all[n].is_numbered]
        for first in (numbered or firsts)[-1:]:
            lead = first - 1
            if lead in free and self._is_lead(lead, demands=False):
                is_ask = starts_with(Cue.ASK, self._all[lead].text)
                self._put(lead, Part.ASK if is_ask else Part.DEMANDS, Reason.LIST)
            self._put_list(first, Reason.LIST)

    def _put_list(self, first: int, reason: Reason) -> None:
        """Place all items of a list among the demands."""
        for number in range(first, len(self._all)):
            if self._all[number].kind is not Kind.ITEM:
                return
            self._put(number, Part.DEMANDS, reason)

    def find_ask(self) -> None:
        """Find what readers are asked to do where no heading announced that."""
        if any(self._all[number].text[-1] not in ":：" for number in self._in(Part.ASK)):
            return
        free = [n for n in self._free() if len(self._all[n].text) <= _MAX_ASK_LENGTH]
        asking = [n for n in free if starts_with(Cue.ASK, self._all[n].text)]
        for number in asking[:1]:
            self._put(number, Part.ASK, Reason.WORDS)
        for before, number in pairwise(asking):
            if number == before + 1 and before in self._in(Part.ASK):
                self._put(number, Part.ASK, Reason.WORDS)
        demands = self._in(Part.DEMANDS)
        before_demands = [
            number
            for number in self._texts()
            if demands and number < demands[0] and self._all[number - 1].kind is not Kind.HEADING
        ]
        if not asking and len(before_demands) > 1 and before_demands[-1] in free:
            self._put(before_demands[-1], Part.ASK, Reason.POSITION)

    def _texts(self) -> list[int]:
        return [n for n in self._free() if self._all[n].kind is Kind.TEXT]

    def divide_first_text(self) -> None:
        """Divide the first paragraph of the story if it is long."""
        for number in self._texts()[:1]:
            if len(self._all[number].text) > _LONG_STORY:
                pieces = list(split_at_length(self._all[number], _LONG_STORY))
                self._all[number : number + 1] = pieces
                self._places[number : number + 1] = [None] * len(pieces)
                added = len(pieces) - 1
                moved = {each + added for each in self._told if each > number}
                stays = {each for each in self._told if each <= number}
                self._told = {*stays, *moved}

    def tell_story(self) -> None:
        """Place what is left: first the story, then what is behind “Read more”."""
        texts, length = self._texts(), 0
        first = {*texts[:_STORY_PARAGRAPHS]}
        for number in texts:
            is_told = number in self._told
            room = MAX_LENGTHS[Part.STORY] if is_told else _LONG_STORY
            longer = length + utf16_length(self._all[number].text) + _BETWEEN
            if (is_told or number in first) and (longer <= room or not self._in(Part.STORY)):
                self._put(number, Part.STORY, Reason.HEADING if is_told else Reason.POSITION)
                length = longer
        elsewhere = {n for part in _WITHOUT_HEADING for n in self._in(part)}
        for number in self._free():
            is_heading = self._all[number].kind is Kind.HEADING
            if is_heading and (number + 1 in elsewhere or number + 1 == len(self._all)):
                self._put(number, Part.LEFT_OUT, Reason.SECTION)
            self._put(number, Part.MORE, Reason.POSITION)

    def within_limits(self) -> Iterator[Placed]:
        """Yield each paragraph with its place; what there is no room for is left out."""
        lengths = dict.fromkeys(Part, 0)
        for each, place in zip(self._all, self._places, strict=True):
            part, reason = place or (Part.MORE, Reason.POSITION)
            length = utf16_length(each.text) + _BETWEEN
            if lengths[part] + length > MAX_LENGTHS.get(part, length + lengths[part]):
                part, reason = Part.LEFT_OUT, Reason.TOO_LONG
            lengths[part] += length
            yield Placed(each, part, reason)
