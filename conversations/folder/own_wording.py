"""Checks an organisation's own wording: a folder of catalogues that takes the place of our texts.

wording/pt/supporters.po    texts in place of ours, or a language that we don't have
wording/pt/staff.po         the same for campaigners and admins
"""

import re
import string
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError

from conversations.model.mistakes import Mistake, describe_file_error, say_placeholders, suggest
from conversations.text import catalogues, reviews
from conversations.text.catalogues import LOCALES, PARTS, STAFF, SUPPORTERS, forms, key
from conversations.text.languages import DEFAULT, INDEX

_OTHER_FILES = ("README.md", INDEX.name)
"""What may stand beside the folders of languages."""

_LIMIT = re.compile(r"[Aa]t most (\d+) characters")
_TAGS = frozenset(("b", "i", "u", "s", "a", "code", "pre", "blockquote", "tg-spoiler"))
"""The tags of Telegram's HTML (Bot API, Formatting options) that texts may use."""


def is_language_tag(name: str) -> bool:
    """Whether a name is the BCP 47 tag of a language, written like zh-Hant."""
    try:
        return str(Locale.parse(name, sep="-")) == name.replace("-", "_")
    except (ValueError, UnknownLocaleError):
        return False


def find_mistakes(folder: Path, ours: Path = LOCALES) -> tuple[Mistake, ...]:
    """Return every mistake in an organisation's own texts."""
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        return (Mistake(*describe_file_error(error), folder.name),)
    return tuple(
        mistake
        for each in inside
        if not each.name.startswith(".") and each.name not in _OTHER_FILES
        for mistake in _language_mistakes(each, ours)
    )


def _language_mistakes(folder: Path, ours: Path) -> Iterator[Mistake]:
    where = f"{folder.parent.name}/{folder.name}"
    if not folder.is_dir() or not is_language_tag(folder.name):
        problem = "This is not the folder of a language."
        yield Mistake(problem, "Name it like pt, pt-BR or zh-Hant.", where)
        return
    for file in sorted(folder.glob("*.po")):
        if file.stem in PARTS:
            yield from _FileCheck(file, ours).mistakes()
        else:
            problem = "A file of texts has another name."
            yield Mistake(problem, suggest(file.stem, PARTS), f"{where}/{file.name}")
    if not (ours / folder.name).exists() and not (folder / f"{SUPPORTERS}.po").exists():
        fix = f"Create it: actionbot languages export {folder.name}"
        yield Mistake(f"There is no {SUPPORTERS}.po.", fix, where)


class _FileCheck:
    """Compares one file with our texts."""

    def __init__(self, file: Path, ours: Path) -> None:
        self._file = file
        self._language = file.parent.name
        self._original = catalogues.path(ours, DEFAULT, file.stem)
        self._same = catalogues.path(ours, self._language, file.stem)

    def mistakes(self) -> Iterator[Mistake]:
        """Yield the mistakes in the file; only the first if it isn't a catalogue."""
        try:
            catalogue = catalogues.read(self._file)
            reviews.written_review(self._file)
        except PoFileError as error:
            where = self._where(error.lineno + 1)  # Babel counts from 0 here
            problem = "This is not a valid line of a .po file."
            yield Mistake(problem, "Compare it with an exported file.", where)
            return
        except ValueError as error:
            yield Mistake(*_describe(error), self._where(1))
            return
        except OSError as error:
            yield Mistake(*describe_file_error(error), self._where(1))
            return
        yield from self._plural_mistakes(catalogue)
        english = {key(each): each for each in catalogues.read(self._original) if each.id}
        for each in catalogue:
            if not each.id:
                continue
            if key(each) in english:
                yield from self._text_mistakes(each, english[key(each)], catalogue.num_plurals)
            else:
                problem = f"The bot has no text “{key(each)}”."
                fix = suggest(key(each), english)
                yield Mistake(problem, fix, self._where(each.lineno), is_error=False)
        yield from self._missing(catalogue, english)

    def _where(self, line: int | None) -> str:
        folder = self._file.parent
        return f"{folder.parent.name}/{folder.name}/{self._file.name}:{line or 1}"

    def _plural_mistakes(self, catalogue: Catalog) -> Iterator[Mistake]:
        """Yield whether the plural forms differ from those of our texts in this language."""
        if not self._same.exists():
            return
        ours = catalogues.read(self._same)
        if ours.num_plurals != catalogue.num_plurals:
            problem = "The plural forms differ from ours."
            rule = f"nplurals={ours.num_plurals}; plural={ours.plural_expr};"
            yield Mistake(problem, f"Write in the header: Plural-Forms: {rule}", self._where(1))

    def _text_mistakes(self, own: Message, english: Message, plurals: int) -> Iterator[Mistake]:
        where, name = self._where(own.lineno), key(own)
        if any(forms(own)) and not _has_right_forms(own, english, plurals):
            problem = f"“{name}” has the wrong number of plural forms."
            yield Mistake(problem, "Write one msgstr[…] for each plural form.", where)
            return
        if not catalogues.is_translated(own):
            if not self._same.exists():
                return  # `_missing` counts it
            problem = f"“{name}” is empty or fuzzy, so our text is used."
            yield Mistake(problem, "Write the text, or remove it.", where, is_error=False)
            return
        for problem, fix in (*_placeholder_mistakes(own, english), *_tag_mistakes(own, english)):
            yield Mistake(f"“{name}” {problem}", fix, where)
        limit = _LIMIT.search(" ".join(english.auto_comments))
        if limit and max(map(len, forms(own))) > int(limit[1]):
            problem = f"“{name}” has more than {limit[1]} characters."
            yield Mistake(problem, "Shorten it, or phones cut it.", where, is_error=False)

    def _missing(self, catalogue: Catalog, wanted: Iterable[str]) -> Iterator[Mistake]:
        """Yield how many texts are missing in a file that only the organisation has."""
        if self._same.exists():
            return
        written = {key(each) for each in catalogue if catalogues.is_translated(each)}
        if missing := [each for each in wanted if each not in written]:
            problem = f"Texts are missing: {len(missing)}. The first one is “{missing[0]}”."
            command = f"actionbot languages export {self._language} all.po"
            option = " --staff" if self._file.stem == STAFF else ""
            fix = f"Write them. To see all with the English: {command}{option}"
            lines = {key(each): each.lineno for each in catalogue if each.id}
            yield Mistake(problem, fix, self._where(lines.get(missing[0])), is_error=False)


def _has_right_forms(own: Message, english: Message, plurals: int) -> bool:
    if not isinstance(english.id, tuple):
        return not isinstance(own.id, tuple)
    return isinstance(own.id, tuple) and len(forms(own)) == plurals and all(forms(own))


def _describe(error: ValueError) -> tuple[str, str]:
    if isinstance(error, UnicodeError):
        return "The file is not UTF-8.", "Save it as UTF-8."
    choices = ", ".join(reviews.Review)
    return "A header is not valid.", f"Check Plural-Forms, and X-Review: {choices}."


def _placeholder_mistakes(own: Message, english: Message) -> Iterator[tuple[str, str]]:
    """Yield the placeholders that a text lacks, or that nothing fills."""
    wanted = {name for form in forms(english) for name in _placeholders(form)}
    try:
        written = {name for form in forms(own) for name in _placeholders(form)}
    except ValueError:
        yield "has a single brace.", "Write placeholders like {name}."
        return
    for name in sorted(written - wanted):
        yield f"has an unknown placeholder {{{name}}}.", suggest(name, sorted(wanted))
    missing = sorted(wanted - written)
    if len(missing) == 1:
        yield f"lacks the placeholder {{{missing[0]}}}.", "Put it where the value belongs."
    elif missing:
        listed = say_placeholders(missing)
        yield f"lacks the placeholders {listed}.", "Put them where the values belong."


def _placeholders(form: str) -> Iterator[str]:
    """Yield the placeholders of a text, with all that is written between their braces."""
    for _, name, spec, conversion in string.Formatter().parse(form):
        if name is not None:
            yield name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")


def _tag_mistakes(own: Message, english: Message) -> Iterator[tuple[str, str]]:
    """Yield the tags that Telegram refuses in a text, and links that the English text lacks."""
    allowed = list(dict.fromkeys(link for form in forms(english) for link in _read(form).links))
    for form in forms(own):
        tags = _read(form)
        if tags.unknown:
            fix = f"Use only {', '.join(sorted(_TAGS))}."
            yield f"has a tag that Telegram doesn't know: <{tags.unknown}>.", fix
        elif tags.open or tags.is_crossed:
            yield "has a tag that isn't closed.", "Close each tag, in reverse order."
        elif tags.has_bare_sign:
            yield "has a < that begins no tag.", "Write it as &lt;"
        if not set(allowed).issuperset(tags.links):
            fix = f"Link only to {', '.join(allowed)}." if allowed else "Write it without a link."
            yield "has a link that isn't in the English text.", fix


def _read(form: str) -> "_Tags":
    tags = _Tags()
    tags.feed(form)
    tags.close()
    return tags


class _Tags(HTMLParser):
    """Reads the tags of a text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.unknown = ""
        self.links: list[str] = []
        self.is_crossed = False
        self.has_bare_sign = False

    def handle_data(self, data: str) -> None:
        """Note a sign that must be written as an entity."""
        self.has_bare_sign = self.has_bare_sign or "<" in data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an opened tag."""
        if tag not in _TAGS:
            self.unknown = self.unknown or tag
        if tag == "a":
            self.links += [link or "" for name, link in attrs if name == "href"] or [""]
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        if self.open[-1:] == [tag]:
            self.open.pop()
        else:
            self.is_crossed = True
