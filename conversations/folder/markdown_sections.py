"""A Markdown file of texts → its sections, each with the line where it begins."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from conversations.model.campaign import Notice, Texts
from conversations.model.mistakes import Mistake, suggest
from conversations.text.html import Html
from conversations.text.markdown import UnsupportedMarkdown, render

PLAIN = {"Label": "label", "Title": "title", "Demands": "demands", "Share": "share"}
RICH = {
    "Story": "story",
    "More": "more",
    "Ask": "ask",
    "Consent": "consent",
    "Thanks": "thanks",
    "At risk": "at_risk",
    "Safety": "safety",
}
SEVERAL = {"Subject": "subjects", "Letter": "letters"}
NOTICE = {
    "Who is responsible": "responsible",
    "Contact": "contact",
    "Recipient": "recipient",
    "How long": "kept",
    "Your rights": "rights",
    "Minimum age": "minimum_age",
}
ONE_LINE = ("Label", "Title", "Subject")
_OPTIONAL = ("More",)
_HEADING = re.compile(r"(##?) +(.+?) *#* *$")
_VARIANT = re.compile(r"(Subject|Letter) \d+")
_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_TRANSLATES = re.compile(r"""^translates\s*=\s*["“]?([0-9A-Za-z]*)["”]?\s*$""", re.MULTILINE)


@dataclass(frozen=True)
class TextSection:
    """The text under a heading; `line` is the heading's, from 1."""

    heading: str
    line: int
    text: str


@dataclass(frozen=True)
class TextFile:
    """What a file of texts holds, as it was written."""

    name: str
    sections: tuple[TextSection, ...]
    notice: tuple[TextSection, ...]
    translates: str = ""
    mistakes: tuple[Mistake, ...] = field(default=())

    @property
    def digest(self) -> str:
        """The hash by which a translation tells which original it was made from."""
        words = "\n".join(f"{s.heading}\n{s.text}" for s in (*self.sections, *self.notice))
        return hashlib.sha256(words.encode()).hexdigest()[:16]

    def line(self, heading: str) -> int:
        """Return where `heading` stands, 1 where it does not."""
        every = (*self.sections, *self.notice)
        return next((s.line for s in every if s.heading == heading), 1)


def parse_text_file(name: str, content: str) -> TextFile:
    """Return the sections of the file `name`."""
    content = content.replace("\r\n", "\n").removeprefix("\ufeff")
    front = _FRONT.match(content)
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
    for number, line in enumerate(content.split("\n"), 1):
        if _HEADING.fullmatch(line):
            return
        if line.strip():
            what = "This stands above the first heading, so it is used nowhere."
            yield Mistake(what, "Put it under a heading, or remove it.", f"{name}:{number}")
            return


def _headings(content: str) -> Iterator[tuple[str, int, int, str]]:
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
    known = (*PLAIN, *RICH, *SEVERAL, "Notice")
    for found, allowed, marks in ((sections, known, "#"), (notice, tuple(NOTICE), "##")):
        seen: set[str] = set()
        for section in found:
            where = f"{name}:{section.line}"
            if section.heading in seen:
                yield Mistake(f"“{section.heading}” stands here twice.", "Remove one.", where)
            elif section.heading not in allowed and not _VARIANT.fullmatch(section.heading):
                what = f"The heading “{marks} {section.heading}” is not known."
                yield Mistake(what, suggest(section.heading, allowed), where)
            elif not section.text and section.heading != "Notice":
                yield Mistake(f"“{section.heading}” is empty.", "Write its text.", where)
            seen.add(section.heading)
        for heading in allowed:
            if heading not in seen and heading not in _OPTIONAL:
                yield Mistake(
                    f"“{heading}” is missing.", f"Write it under a heading: {marks} {heading}", name
                )


def read_texts(written: TextFile) -> tuple[Texts | None, tuple[Mistake, ...]]:
    """Return the texts, or what is wrong with them."""
    mistakes = list(written.mistakes)
    values: dict[str, object] = {"subjects": (), "letters": ()}
    for section in written.sections:
        heading = section.heading.partition(" ")[0]
        if section.heading in RICH:
            values[RICH[section.heading]] = _rendered(written.name, section, mistakes)
        elif section.heading in PLAIN:
            values[PLAIN[section.heading]] = section.text
        elif heading in SEVERAL:
            several = values[SEVERAL[heading]]
            values[SEVERAL[heading]] = (*_tuple(several), section.text)
        if heading in ONE_LINE and "\n" in section.text:
            mistakes.append(
                Mistake(
                    f"“{section.heading}” has several lines.",
                    "Write it on one.",
                    f"{written.name}:{section.line}",
                )
            )
    parts = {
        NOTICE[section.heading]: _rendered(written.name, section, mistakes)
        for section in written.notice
        if section.heading in NOTICE
    }
    if mistakes:
        return None, tuple(mistakes)
    return Texts.model_validate({**values, "notice": Notice.model_validate(parts)}), ()


def _tuple(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _rendered(name: str, section: TextSection, mistakes: list[Mistake]) -> Html:
    try:
        return render(section.text)
    except UnsupportedMarkdown as error:
        what = f"“{section.heading}” holds what Telegram's messages cannot show: {error.what}."
        where = f"{name}:{section.line + 1 + error.line}"
        mistakes.append(Mistake(what, "Use paragraphs, bold, italic, links and lists.", where))
        return Html("")


def with_translation_mark(content: str, digest: str) -> str:
    """Return the file's content, saying that it translates the original of that hash."""
    body = _FRONT.sub("", content.replace("\r\n", "\n").removeprefix("\ufeff"))
    return f'---\ntranslates = "{digest}"\n---\n{body}'
