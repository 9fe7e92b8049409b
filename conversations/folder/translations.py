"""Writes the texts of a language as a file for a translator, with the English beside each."""

from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message

from conversations.text import catalogues, reviews
from conversations.text.catalogues import forms, key
from conversations.text.languages import DEFAULT
from conversations.text.reviews import SAFETY, Review


def export(language: str, part: str) -> str:
    """Return a .po file with all texts of a part, translated as far as they are now."""
    ours = catalogues.folders()[-1]
    own, catalogue = _own(language, part), _catalogue(language, part)
    blocks = [_head(language, part, catalogue)]
    for english in catalogues.read(catalogues.path(ours, DEFAULT, part)):
        if english.id:
            entry = _entry(english, own.get(key(english)), catalogue.num_plurals)
            blocks.append("\n".join(entry))
    return "\n\n".join(blocks) + "\n"


def _own(language: str, part: str) -> dict[str, Message]:
    """Return the texts in a language by key, those of an organisation's folder first."""
    found: dict[str, Message] = {}
    for folder in reversed(catalogues.folders()):
        file = catalogues.path(folder, language, part)
        if file.exists():
            translated = filter(catalogues.is_translated, catalogues.read(file))
            found |= {key(each): each for each in translated}
    return found


def _catalogue(language: str, part: str) -> Catalog:
    """Return the catalogue that has the plural forms of a language: ours, or an empty one."""
    for folder in reversed(catalogues.folders()):
        file = catalogues.path(folder, language, part)
        if file.exists():
            return catalogues.read(file)
    return Catalog(locale=language.replace("-", "_"))


def _head(language: str, part: str, catalogue: Catalog) -> str:
    files = [catalogues.path(folder, language, part) for folder in catalogues.folders()]
    found = [reviews.written_review(file) for file in files if file.exists()]
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "MIME-Version": "1.0",
        "Language": language.replace("-", "_"),
        reviews.REVIEW: found[0] if found else Review.NONE,
        "Plural-Forms": catalogue.plural_forms,
    }
    lines = [f'"{name}: {value}\\n"' for name, value in headers.items()]
    return "\n".join(['msgid ""', 'msgstr ""', *lines])


def _entry(english: Message, own: Message | None, plurals: int) -> Iterator[str]:
    """Yield the lines of one text: who has checked it, where it is read, English, translation."""
    yield from (f"# {comment}" for comment in (own.user_comments if own else ()))
    yield from (f"#. {comment}" for comment in english.auto_comments)
    for number, form in enumerate(forms(english)):
        name = f"English {number + 1}" if len(forms(english)) > 1 else "English"
        for line in f"{name}: {form}".split("\n"):
            yield f"#. {line}"
    if SAFETY in english.flags:
        yield f"#, {SAFETY}"
    yield f'msgid "{key(english)}"'
    if isinstance(english.id, tuple):
        yield f'msgid_plural "{key(english)}"'
        said = forms(own) if own else ("",) * plurals
        for number, form in enumerate(said):
            yield f"msgstr[{number}] {_quote(form)}"
    else:
        yield f"msgstr {_quote(forms(own)[0] if own else '')}"


def _quote(text: str) -> str:
    """Return a text as gettext writes it: one quoted string for each line."""
    lines = [_escape(line) for line in text.splitlines(keepends=True)] or [""]
    quoted = [f'"{line}"' for line in lines]
    return quoted[0] if len(quoted) == 1 else "\n".join(['""', *quoted])


def _escape(line: str) -> str:
    return line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
