"""The mistakes of a draft in words: each with the part that it is in, errors first."""

import re
from collections.abc import Iterable

from conversations.admin.change_words import say_key
from conversations.editing.changes.edits import languages_of, outdated_in, text_of
from conversations.editing.parts import Part, part_of_heading
from conversations.editing.workbench import Workbench
from conversations.folder.campaign_files import CAMPAIGN_FILE
from conversations.folder.formats.markdown_sections import parse_text_file
from conversations.folder.formats.toml_file import QUESTIONS, TARGETS
from conversations.model.campaigns.text_headings import CODES
from conversations.model.mistakes import Mistake
from conversations.text.html import Html
from conversations.text.languages import own_name

MAX_SHOWN = 5
"""How many errors are shown, and how many warnings, so that they fit into a message."""

MAX_PROBLEM = 200
"""How many characters of a mistake are shown: some quote what was written."""

_TEXT = re.compile(r"[^/]+/([A-Za-z-]{2,12})\.md:(\d+)")
_SETTING = re.compile(
    rf"[^/]+/{re.escape(CAMPAIGN_FILE)}(?::\d+)? (?:(.*): )?([a-z_]+)(?:\.[\w.-]+)?"
)
_BLOCK = re.compile(r".*\b(target|question) \((.+)\)")
_ARRAYS = {"target": TARGETS, "question": QUESTIONS}
_MISSING_TRANSLATION = re.compile(r'Add \S+ = "…" to it\.')

_WHOLE_TEXT = re.compile(r"[^/]+/[A-Za-z-]{2,12}\.md")


def say_mistakes(bench: Workbench) -> Html:
    """Return all mistakes of a draft as paragraphs; "" if there is none."""
    errors = bench.draft.errors
    warnings = [
        each
        for each in bench.draft.loaded.mistakes
        if not each.is_error and not _WHOLE_TEXT.fullmatch(each.where)
    ]
    parts = [_paragraph(bench, "edit.errors", errors), _paragraph(bench, "edit.warnings", warnings)]
    if outdated := outdated_languages(bench):
        names = ", ".join(map(own_name, outdated))
        parts.append(bench.context.wording.say("edit.outdated", languages=names))
    return Html("\n\n".join(each for each in parts if each))


def outdated_languages(bench: Workbench) -> tuple[str, ...]:
    """Return the languages of which a text is outdated."""
    files = bench.draft.files
    return tuple(
        each
        for each in languages_of(files)[1:]
        if outdated_in(files, each) or bench.outdated_texts(each)
    )


def _paragraph(bench: Workbench, key: str, mistakes: Iterable[Mistake]) -> Html:
    found = list(dict.fromkeys(mistakes))
    if not found:
        return Html("")
    wording = bench.context.wording
    lines = [
        wording.say(
            "edit.mistake",
            where=_place(bench, each.where),
            problem=each.problem[:MAX_PROBLEM],
            fix=_fix(bench, each),
        )
        for each in found[:MAX_SHOWN]
    ]
    lines = [Html(each.rstrip()) for each in lines]
    if len(found) > MAX_SHOWN:
        lines.append(wording.say("edit.more_mistakes", count=len(found) - MAX_SHOWN))
    return Html("\n".join((wording.say(key), *lines)))


def _fix(bench: Workbench, mistake: Mistake) -> str:
    """Return how to fix a mistake in the chat; "" if `check` names a command."""
    if _MISSING_TRANSLATION.fullmatch(mistake.fix):
        return bench.context.wording.label("edit.fix_translate")
    return "" if "actionbot " in mistake.fix else mistake.fix


def is_wrong(bench: Workbench, part: Part) -> bool:
    """Whether an error is in this part."""
    name = bench.label_of(part)
    return any(_place(bench, each.where).startswith(name) for each in bench.draft.errors)


def _place(bench: Workbench, where: str) -> str:
    """Return where a mistake is: the name of its part, or else the place as it is given."""
    files = bench.draft.files
    if found := _TEXT.fullmatch(where):
        language, line = found[1], int(found[2])
        written = parse_text_file("", text_of(files, language))
        above = [each for each in (*written.sections, *written.notice) if each.line <= line]
        last = max(above, key=lambda each: each.line, default=None)
        if last is not None:
            part = part_of_heading(files, last.heading, language)
            return bench.place_of(part) if part.heading in CODES or part.code else where
    found = _SETTING.fullmatch(where)
    if found and (name := say_key(bench.context.wording, found[2], in_block=bool(found[1]))):
        return f"{_block(bench, found[1])}: {name}" if found[1] else name
    return where


def _block(bench: Workbench, said: str) -> str:
    """Return the name of a recipient or question, which `check` calls “first target (minister)”."""
    found = _BLOCK.fullmatch(said)
    return bench.name_of(_ARRAYS[found[1]], found[2]) if found else said
