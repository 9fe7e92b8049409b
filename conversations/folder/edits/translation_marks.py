"""Which sections of a translation are current: each file notes what it was made from.

    ---
    translates = "0123456789abcdef"          the whole original, if all sections are current
    sections = "Title 01234567, Story …"     else the original of each section
    ---

An older mark says nothing of single sections, so all of them count as outdated until they are
marked, or until the original is changed in the chat, which notes what was current before.
"""

import hashlib
import re
from collections.abc import Mapping

from conversations.folder.edits.section_editing import sections_of
from conversations.folder.formats.markdown_sections import parse_text_file, with_translation_mark

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_SECTIONS = re.compile(r'^sections\s*=\s*"([^"\n]*)"\s*$', re.MULTILINE)
_MARK = re.compile(r"(.+) ([0-9a-f]{8})")


def outdated_sections(original: str, translation: str) -> tuple[str, ...]:
    """Return the headings whose translation is missing or older than the original, in order."""
    source, translated = parse_text_file("", original), parse_text_file("", translation)
    texts = sections_of(translated)
    marked = _marks(translation)
    is_current = translated.translates == source.digest
    return tuple(
        heading
        for heading, text in sections_of(source).items()
        if not texts.get(heading) or not (is_current or marked.get(heading) == _digest(text))
    )


def mark_current(original: str, translation: str, heading: str) -> str:
    """Return the translation with a note that one section is current now."""
    source = sections_of(parse_text_file("", original))
    marked = _current_marks(original, translation)
    marked[heading] = _digest(source.get(heading, ""))
    return _with_marks(original, translation, marked)


def keep_marks(original: str, translation: str) -> str:
    """Return the translation with a note of each section that is current now.

    It must be made before the original changes, so that afterwards only what changed is outdated.
    """
    return _with_marks(original, translation, _current_marks(original, translation), whole=False)


def _current_marks(original: str, translation: str) -> dict[str, str]:
    """Return the digest of the original of each section that is current."""
    outdated = outdated_sections(original, translation)
    source = sections_of(parse_text_file("", original))
    return {heading: _digest(text) for heading, text in source.items() if heading not in outdated}


def _with_marks(
    original: str, translation: str, marked: Mapping[str, str], *, whole: bool = True
) -> str:
    source = parse_text_file("", original)
    if whole and all(marked.get(name) == _digest(text) for name, text in _items(original)):
        return with_translation_mark(translation, source.digest)
    translates = parse_text_file("", translation).translates
    listed = ", ".join(f"{name} {digest}" for name, digest in marked.items())
    with_front = with_translation_mark(translation, translates)
    return with_front.replace("\n---\n", f'\nsections = "{listed}"\n---\n', 1)


def _items(original: str) -> list[tuple[str, str]]:
    return list(sections_of(parse_text_file("", original)).items())


def _marks(translation: str) -> dict[str, str]:
    front = _FRONT_MATTER.match(translation.replace("\r\n", "\n").removeprefix("\ufeff"))
    listed = _SECTIONS.search(front[1]) if front else None
    if listed is None:
        return {}
    found = (_MARK.fullmatch(each.strip()) for each in listed[1].split(","))
    return {each[1]: each[2] for each in found if each}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
