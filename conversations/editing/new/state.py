"""How far a person is with a new campaign. It is saved after each answer, so a restart loses none.

begin ─text, file─▶ parts ◀──▶ part ◀──▶ move      begin ─template─▶ questions
                      └──all right──▶ questions ──▶ ready ──▶ created
begin ─archive─▶ ready
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby
from typing import Any

from conversations.folder.new_campaign import Template
from conversations.folder.page_import.page_parts import Part, Placed, Proposal, Reason
from conversations.folder.page_import.paragraphs import Kind, Paragraph


class Page(StrEnum):
    """A page of the dialogue. The values are stored."""

    BEGIN = "begin"
    """Waits for a text, a file, or the choice of a template."""
    MORE = "more"
    """Waits for the rest of a long text."""
    PARTS = "parts"
    """Shows all parts of the page."""
    PART = "part"
    """Shows one part: is it right?"""
    MOVE = "move"
    """Asks where a part belongs."""
    QUESTIONS = "questions"
    """Asks what the page doesn't say."""
    READY = "ready"


@dataclass(frozen=True)
class Run:
    """Neighbouring paragraphs of a page that are in the same part."""

    start: int
    end: int
    """The number of the first paragraph that doesn't belong to it."""
    part: Part
    reason: Reason


@dataclass(frozen=True)
class NewCampaign:
    """A campaign that is being made."""

    page: Page = Page.BEGIN

    text: str = ""
    """What was pasted so far."""

    placed: tuple[Placed, ...] = ()
    """The paragraphs of the page, and where they go."""

    at: int = 0
    """The number of the first paragraph of the part that is shown."""

    single_until: int = 0
    """Up to this number, each paragraph is shown by itself."""

    language: str = ""
    """The language of the texts; "" if it isn't known yet."""

    template: Template = Template.GOVERNMENT

    answers: Mapping[str, str] = field(default_factory=dict)
    """The answers by the names of the questions, in the order in which they were given."""

    later: tuple[str, ...] = ()
    """The questions that are to be answered later."""

    choices: tuple[str, ...] = ()
    """The countries that the typed text may mean, until the person says which."""

    slug: str = ""
    """The name of a campaign that was sent as an archive."""

    @property
    def proposal(self) -> Proposal:
        """The paragraphs of the page, and where they go."""
        return Proposal(self.placed)

    def runs(self) -> Iterator[Run]:
        """Yield the parts of the page in its order; those left out for different reasons differ."""
        start = 0
        for _, group in groupby(self.placed, _kind):
            found = list(group)
            yield Run(start, start + len(found), found[0].part, found[0].reason)
            start += len(found)

    def run_at(self, number: int) -> Run | None:
        """Return what is shown from paragraph `number` on; None after the last one."""
        for run in self.runs():
            if run.start <= number < run.end:
                end = number + 1 if number < self.single_until else run.end
                reason = self.placed[number].reason
                return Run(number, end, run.part, reason)
        return None

    def answered(self, key: str, value: str) -> "NewCampaign":
        """Return this campaign with an answer."""
        others = {name: each for name, each in self.answers.items() if name != key}
        later = tuple(each for each in self.later if each != key)
        return replace(self, answers={**others, key: value}, later=later, choices=())

    def put_off(self, key: str) -> "NewCampaign":
        """Return this campaign with a question that is to be answered later."""
        others = {name: each for name, each in self.answers.items() if name != key}
        return replace(self, answers=others, later=(*self.later, key), choices=())


def _kind(placed: Placed) -> tuple[Part, Reason | None]:
    return placed.part, placed.reason if placed.part is Part.LEFT_OUT else None


def dump(state: NewCampaign) -> dict[str, Any]:
    """Return the state as JSON values."""
    paragraphs = [
        [
            each.paragraph.text,
            each.paragraph.kind,
            each.paragraph.level,
            each.paragraph.is_numbered,
            each.part,
            each.reason,
        ]
        for each in state.placed
    ]
    return {**vars(state), "placed": paragraphs, "answers": dict(state.answers)}


def load(saved: Mapping[str, Any]) -> NewCampaign:
    """Return the state that `dump` returned, perhaps in an older version of the bot."""
    placed = tuple(
        Placed(Paragraph(text, Kind(kind), level, numbered), Part(part), Reason(reason))
        for text, kind, level, numbered, part, reason in saved["placed"]
    )
    return NewCampaign(
        **{
            **saved,
            "page": Page(saved["page"]),
            "placed": placed,
            "template": Template(saved["template"]),
            "later": tuple(saved["later"]),
            "choices": tuple(saved["choices"]),
        }
    )
