"""Which sections of a translation are current: each file notes what it was made from.

    ---
    translates = "0123456789abcdef"          the whole original, if all sections are current
    sections = "Title 01234567, Story …"     else the original of each section
    changed = "targets.minister.name 012…"   short texts whose original has changed since
    ---

An older mark says nothing of single sections, so all of them count as outdated until they are
marked, or until the original is changed in the chat, which notes what was current before.

Names of targets and texts of questions are in campaign.toml and targets.csv. Each counts as current
until its original is changed in the chat: then `changed` notes which original it was made from.
"""

import hashlib
import re
from collections.abc import Mapping

from conversations.folder.edits.section_editing import sections_of
from conversations.folder.formats.markdown_sections import parse_text_file, with_translation_mark

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_SECTIONS = re.compile(r'^sections\s*=\s*"([^"\n]*)"\s*$', re.MULTILINE)
_CHANGED = re.compile(r'^changed\s*=\s*"([^"\n]*)"\s*\n', re.MULTILINE)
_MARK = re.compile(r"(.+) ([0-9a-f]{8})")
_NAME = re.compile(r"[a-z0-9.-]+")


def outdated_sections(original: str, translation: str) -> tuple[str, ...]:
    """Return the headings whose translation is missing or older than the original, in order."""
    source, translated = parse_text_file("", original), parse_text_file("", translation)
    texts = sections_of(translated)
    marked = _marks(translation)
    is_current = translated.translates == source.digest
    return tuple(
        heading
        for heading, text in sections_of(source).items()
        if not texts.get(heading) or not (is_current or marked.get(heading) == digest_of(text))
    )


def mark_current(original: str, translation: str, heading: str) -> str:
    """Return the translation with a note that one section is current now."""
    source = sections_of(parse_text_file("", original))
    marked = _current_marks(original, translation)
    marked[heading] = digest_of(source.get(heading, ""))
    return _with_marks(original, translation, marked)


def keep_marks(original: str, translation: str) -> str:
    """Return the translation with a note of each section that is current now.

    It must be made before the original changes, so that afterwards only what changed is outdated.
    """
    return _with_marks(original, translation, _current_marks(original, translation), whole=False)


def changed_texts(translation: str) -> dict[str, str]:
    """Return the names of short texts whose original has changed, with the digest of that."""
    front = _front_matter(translation)
    return _read_marks(_CHANGED.search(front)) if front else {}


def with_changed_texts(translation: str, marked: Mapping[str, str]) -> str:
    """Return the translation with a note of which short texts are older than their original."""
    kept = {name: digest for name, digest in marked.items() if _NAME.fullmatch(name)}
    front = _front_matter(translation)
    if kept == changed_texts(translation):
        return translation
    listed = ", ".join(f"{name} {digest}" for name, digest in kept.items())
    line = f'changed = "{listed}"\n' if kept else ""
    others = _CHANGED.sub("", front)
    body = _FRONT_MATTER.sub("", _clean(translation))
    return f"---\n{others}{line}---\n{body}" if others or line else body


def _current_marks(original: str, translation: str) -> dict[str, str]:
    """Return the digest of the original of each section that is current."""
    outdated = outdated_sections(original, translation)
    source = sections_of(parse_text_file("", original))
    return {heading: digest_of(text) for heading, text in source.items() if heading not in outdated}


def _with_marks(
    original: str, translation: str, marked: Mapping[str, str], *, whole: bool = True
) -> str:
    source, changed = parse_text_file("", original), changed_texts(translation)
    if whole and all(marked.get(name) == digest_of(text) for name, text in _items(original)):
        return with_changed_texts(with_translation_mark(translation, source.digest), changed)
    translates = parse_text_file("", translation).translates
    listed = ", ".join(f"{name} {digest}" for name, digest in marked.items())
    with_front = with_translation_mark(translation, translates)
    noted = with_front.replace("\n---\n", f'\nsections = "{listed}"\n---\n', 1)
    return with_changed_texts(noted, changed)


def _items(original: str) -> list[tuple[str, str]]:
    return list(sections_of(parse_text_file("", original)).items())


def _marks(translation: str) -> dict[str, str]:
    return _read_marks(_SECTIONS.search(_front_matter(translation)))


def _read_marks(listed: re.Match[str] | None) -> dict[str, str]:
    if listed is None:
        return {}
    found = (_MARK.fullmatch(each.strip()) for each in listed[1].split(","))
    return {each[1]: each[2] for each in found if each}


def _front_matter(translation: str) -> str:
    """Return the lines at the top of a file, each with its end; "" if there are none."""
    front = _FRONT_MATTER.match(_clean(translation))
    return f"{front[1]}\n" if front else ""


def _clean(content: str) -> str:
    return content.replace("\r\n", "\n").removeprefix("\ufeff")


def digest_of(text: str) -> str:
    """Return what a note says of the text that was translated."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
