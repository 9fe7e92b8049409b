"""Reads the catalogues: the bot's texts in each language, as gettext files.

`locales/` has one folder per language. `supporters.po` holds what supporters see, `staff.po` what
campaigners and admins see. Their keys are names, not English sentences, so a corrected comma in
English makes no translation outdated. An organisation can add a folder of the same layout
(`languages.use_folders`): its texts take the place of ours.
"""

import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent / "locales"
SUPPORTERS, STAFF = "supporters", "staff"
PARTS = (SUPPORTERS, STAFF)

_folders: list[Path] = [LOCALES]


@dataclass(frozen=True)
class Entries:
    """One part of the texts in one language."""

    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The plural forms of each text, by key; one form for a text without a count."""

    plural: Callable[[int], int] = int
    """Returns which plural form a count needs."""

    def text(self, key: str, count: int | None) -> str | None:
        """Return the text of `key`, in the plural form for `count`; None if it is missing."""
        forms = self.texts.get(key)
        if forms is None:
            return None
        return forms[0] if count is None or len(forms) == 1 else forms[self.plural(count)]


def use_folders(*folders: Path) -> None:
    """Read from these folders only. Texts in the first one take the place of the others."""
    _folders[:] = folders
    entries.cache_clear()


def folders() -> tuple[Path, ...]:
    """Return the folders with catalogues, an organisation's own first."""
    return tuple(_folders)


def path(folder: Path, language: str, part: str) -> Path:
    """Return the file of one part of the texts in `language`."""
    return folder / language / f"{part}.po"


def read(file: Path) -> Catalog:
    """Parse a catalogue. Raises OSError, and ValueError or PoFileError if it isn't one."""
    with file.open("rb") as lines:
        return read_po(lines, locale=file.parent.name.replace("-", "_"), abort_invalid=True)


@cache
def entries(language: str, part: str) -> Entries:
    """Return one part of the texts in `language`, read from the files at the first call."""
    return load(language, part)


def load(language: str, part: str) -> Entries:
    """Read one part of the texts in `language` from the files."""
    texts: dict[str, tuple[str, ...]] = {}
    rule = ""
    for folder in reversed(_folders):
        file = path(folder, language, part)
        if file.exists():
            catalogue = read(file)
            rule = rule or catalogue.plural_expr  # of our catalogue, if we have the language
            texts |= {key(each): forms(each) for each in catalogue if is_translated(each)}
    return Entries(texts, gettext.c2py(rule or "0"))


def keys(file: Path) -> frozenset[str]:
    """Return the keys of the texts that a catalogue has."""
    return frozenset(key(each) for each in read(file) if is_translated(each))


def key(message: Message) -> str:
    """Return the key of a text."""
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> tuple[str, ...]:
    """Return the plural forms of a text."""
    said = message.string or ""
    return (said,) if isinstance(said, str) else tuple(said)


def is_translated(message: Message) -> bool:
    """Whether a text is complete, and not marked as fuzzy."""
    return bool(message.id) and all(forms(message)) and not message.fuzzy
