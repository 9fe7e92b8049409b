"""Split a Markdown file of texts into its sections, and read the texts from them."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from conversations.model.campaigns.campaign import Notice, Texts
from conversations.model.mistakes import Mistake, suggest
from conversations.text.html import Html
from conversations.text.markdown import UnsupportedMarkdown, render

# Headings, with the names of the texts (`Texts`) that they hold.
PLAIN = {
    "Label": "label",
    "Title": "title",
    "Demands": "demands",
    "Reminder": "reminder",
    "Reminder subject": "reminder_subject",
    "Share": "share",
}
RICH = {
    "Story": "story",
    "More": "more",
    "Ask": "ask",
    "Consent": "consent",
    "Thanks": "thanks",
    "At risk": "at_risk",
    "Safety": "safety",
}
KEPT = "How long"
SEVERAL = {"Subject": "subjects", "Letter": "letters", "Prompt": "prompts"}
NOTICE = {
    "Who is responsible": "responsible",
    "Contact": "contact",
    "Recipient": "recipient",
    KEPT: "kept",
    "Your rights": "rights",
    "Minimum age": "minimum_age",
}
ONE_LINE = ("Label", "Title", "Subject", "Prompt", "Reminder subject")
_OPTIONAL = ("More", "Prompt", "Reminder", "Reminder subject")
_HEADING = re.compile(r"(##?) +(.+?) *#* *$")
_VARIANT = re.compile(r"(Subject|Letter|Prompt) \d+")
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_TRANSLATES = re.compile(r"""^translates\s*=\s*["“]?([0-9A-Za-z]*)["”]?\s*$""", re.MULTILINE)


@dataclass(frozen=True)
class TextSection:
    """The text under a heading."""

    heading: str

    line: int
    """The heading's line, from 1."""

    text: str


@dataclass(frozen=True)
class TextFile:
    """The sections of a Markdown file, not yet rendered."""

    name: str
    """The file's name, with its folder."""

    sections: tuple[TextSection, ...]
    """The sections under headings of the first level."""

    notice: tuple[TextSection, ...]
    """The sections under headings of the second level: parts of the privacy notice."""

    translates: str = ""
    """The digest of the original that this translation was made from, if noted."""

    mistakes: tuple[Mistake, ...] = field(default=())
    """What is wrong with the headings."""

    @property
    def digest(self) -> str:
        """The hash of this text, which translations note."""
        words = "\n".join(f"{s.heading}\n{s.text}" for s in (*self.sections, *self.notice))
        return hashlib.sha256(words.encode()).hexdigest()[:16]

    def line(self, heading: str) -> int:
        """Return the line of `heading`, or 1 if there is no such heading."""
        every = (*self.sections, *self.notice)
        return next((s.line for s in every if s.heading == heading), 1)


def parse_text_file(name: str, content: str) -> TextFile:
    """Split the content of the file `name` into sections."""
    content = content.replace("\r\n", "\n").removeprefix("\ufeff")
    front = _FRONT_MATTER.match(content)
    found = _TRANSLATES.search(front[1]) if front else None
    if front:
        content = "\n" * front[0].count("\n") + content[front.end() :]
    sections: list[TextSection] = []
    notice: list[TextSection] = []
    for heading, level, line, text in _headings(content):
        (notice if level == 2 else sections).append(TextSection(heading, line, text))
    mistakes = (*_unused(name, content), *_wrong_headings(name, sections, notice))
    return TextFile(name, tuple(sections), tuple(notice), found[1] if found else "", mistakes)


def _unused(name: str, content: str) -> Iterator[Mistake]:
    """Yield a mistake if there is text above the first heading."""
    for number, line in enumerate(content.split("\n"), 1):
        if _HEADING.fullmatch(line):
            return
        if line.strip():
            problem = "This is above the first heading, so it isn't used."
            yield Mistake(problem, "Put it under a heading, or remove it.", f"{name}:{number}")
            return


def _headings(content: str) -> Iterator[tuple[str, int, int, str]]:
    """Yield each heading with its level, line and text."""
    heading: tuple[str, int, int] | None = None
    lines: list[str] = []
    for number, line in enumerate(content.split("\n"), 1):
        if found := _HEADING.fullmatch(line):
            if heading:
                yield (*heading, "\n".join(lines).strip())
            heading, lines = (found[2], len(found[1]), number), []
        else:
            lines.append(line.rstrip())
    if heading:
        yield (*heading, "\n".join(lines).strip())


def _wrong_headings(
    name: str, sections: list[TextSection], notice: list[TextSection]
) -> Iterator[Mistake]:
    """Yield headings that are unknown, repeated, empty or missing."""
    known = (*PLAIN, *RICH, *SEVERAL, "Notice")
    for found, allowed, marks in ((sections, known, "#"), (notice, tuple(NOTICE), "##")):
        seen: set[str] = set()
        for section in found:
            where = f"{name}:{section.line}"
            if section.heading in seen:
                yield Mistake(f"“{section.heading}” appears twice.", "Remove one.", where)
            elif section.heading not in allowed and not _VARIANT.fullmatch(section.heading):
                problem = f"Unknown heading: “{marks} {section.heading}”."
                yield Mistake(problem, suggest(section.heading, allowed), where)
            elif not section.text and section.heading != "Notice":
                yield Mistake(f"“{section.heading}” is empty.", "Write its text.", where)
            seen.add(section.heading)
        for heading in allowed:
            if heading not in seen and heading not in _OPTIONAL:
                yield Mistake(
                    f"“{heading}” is missing.", f"Add it under a heading: {marks} {heading}", name
                )


def read_texts(written: TextFile) -> tuple[Texts | None, tuple[Mistake, ...]]:
    """Return the texts of a file, or None and what is wrong with them."""
    mistakes = list(written.mistakes)
    values: dict[str, object] = dict.fromkeys(SEVERAL.values(), ())
    for section in written.sections:
        heading = section.heading.partition(" ")[0]
        if section.heading in RICH:
            values[RICH[section.heading]] = _render(written.name, section, mistakes)
        elif section.heading in PLAIN:
            values[PLAIN[section.heading]] = section.text
        elif heading in SEVERAL:
            several = values[SEVERAL[heading]]
            values[SEVERAL[heading]] = (*_tuple(several), section.text)
        if (heading in ONE_LINE or section.heading in ONE_LINE) and "\n" in section.text:
            mistakes.append(
                Mistake(
                    f"“{section.heading}” has several lines.",
                    "Put it on one line.",
                    f"{written.name}:{section.line}",
                )
            )
    parts = {
        NOTICE[section.heading]: _render(written.name, section, mistakes)
        for section in written.notice
        if section.heading in NOTICE
    }
    if mistakes:
        return None, tuple(mistakes)
    return Texts.model_validate({**values, "notice": Notice.model_validate(parts)}), ()


def _tuple(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _render(name: str, section: TextSection, mistakes: list[Mistake]) -> Html:
    """Return a section as HTML for Telegram; add what it cannot show to `mistakes`."""
    try:
        return render(section.text)
    except UnsupportedMarkdown as error:
        problem = f"“{section.heading}” contains what Telegram can't show: {error.what}."
        where = f"{name}:{section.line + 1 + error.line}"
        mistakes.append(Mistake(problem, "Use paragraphs, bold, italic, links and lists.", where))
        return Html("")


def with_translation_mark(content: str, digest: str) -> str:
    """Return the file's content, with a note that it translates the original with `digest`."""
    body = _FRONT_MATTER.sub("", content.replace("\r\n", "\n").removeprefix("\ufeff"))
    return f'---\ntranslates = "{digest}"\n---\n{body}'
