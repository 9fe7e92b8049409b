"""Which languages the bot speaks, how complete and how well checked each one is.

`locales/index.json` holds this, so that the bot reads no catalogue before somebody needs it:

.venv/bin/python -m conversations.text.languages    writes the index again
"""

import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from babel import Locale

from conversations.text import catalogues, reviews
from conversations.text.catalogues import LOCALES, PARTS, STAFF, SUPPORTERS
from conversations.text.formats import Formats, formats_of_cldr
from conversations.text.reviews import SAFETY, Review

DEFAULT = "en"
"""The language in which all texts are written first."""

INDEX = LOCALES / "index.json"


@dataclass(frozen=True)
class Language:
    """A language with at least one text."""

    tag: str
    """The BCP 47 tag, such as zh-Hant. It names the folder of the catalogues."""

    missing: Mapping[str, int]
    """How many texts are missing, by part."""

    name: str
    """Its name in the language itself, with a capital letter."""

    formats: Formats
    review: Review = Review.NONE
    reviewed: frozenset[str] = frozenset()
    """The keys of supporters' texts that a native speaker has checked, where not all are."""

    @property
    def is_reviewed(self) -> bool:
        """Whether all texts were written or checked by a native speaker."""
        return self.review is not Review.NONE

    def is_complete(self, part: str) -> bool:
        """Whether no text of a part is missing."""
        return self.missing.get(part) == 0


@dataclass(frozen=True, eq=False)
class Index:
    """All languages, and what must be known before a catalogue is read.

    It is compared by identity, so that what follows from it can be kept in a cache.
    """

    languages: Mapping[str, Language]
    safety: frozenset[str]
    """The keys of the texts that can endanger people if they are wrong."""

    words: Mapping[str, tuple[tuple[str, str], ...]]
    """What people may type, by key: the tag of each offered language, and its list."""

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """The tags of the languages that supporters can choose, English first."""
        return self._complete(SUPPORTERS)

    @cached_property
    def of_staff(self) -> tuple[str, ...]:
        """The tags of the languages of campaigners and admins, English first."""
        return tuple(tag for tag in self._complete(STAFF) if tag in self.offered)

    def _complete(self, part: str) -> tuple[str, ...]:
        tags = [tag for tag, each in self.languages.items() if each.is_complete(part)]
        return (DEFAULT, *sorted(tag for tag in tags if tag != DEFAULT))


@cache
def index() -> Index:
    """Return the languages of the bot, and those that an organisation has added."""
    *own, last = catalogues.folders()
    if last != LOCALES:
        return _load(_scan(_tags(last, *own)))
    stored = json.loads(INDEX.read_text("utf-8"))
    return _load(_merged(stored, _scan(_tags(*own))) if own else stored)


def use_folders(*folders: Path) -> None:
    """Use the texts in these folders. Those in the first folder take the place of the others."""
    catalogues.use_folders(*folders)
    index.cache_clear()


def use_own(folder: Path) -> None:
    """Use an organisation's own texts in `folder`, in place of ours."""
    use_folders(folder, LOCALES)


def offered() -> tuple[str, ...]:
    """Return the tags of the languages that supporters can choose, English first."""
    return index().offered


def staff_languages() -> tuple[str, ...]:
    """Return the tags of the languages of campaigners and admins, English first."""
    return index().of_staff


def is_reviewed(language: str, key: str | None = None) -> bool:
    """Whether a native speaker wrote or checked the texts of a language, or one of them."""
    found = index().languages.get(language)
    return found is not None and (found.is_reviewed or key in found.reviewed)


def match(wanted: str, among: Iterable[str]) -> str | None:
    """Return the language of `among` that fits the tag `wanted` best; None if none does.

    The whole tag is compared first, then without its last parts, then the base language (RFC 4647,
    lookup). `zh-TW` is read as `zh-Hant`, and `zh` as `zh-Hans` (CLDR, likely subtags). Readers of
    one Chinese script get the other one if theirs is missing.
    """
    choices = {choice.lower(): choice for choice in among}
    tag = wanted.replace("_", "-").lower()
    if tag.split("-")[0] == "zh" and "hant" not in tag and "hans" not in tag:
        traditional = any(region in tag.split("-") for region in ("tw", "hk", "mo"))
        tag = "zh-hant" if traditional else "zh-hans"
    while tag:
        if tag in choices:
            return choices[tag]
        tag = tag.rpartition("-")[0]
    base = wanted.replace("_", "-").lower().split("-")[0]
    return next((choice for low, choice in choices.items() if low.split("-")[0] == base), None)


def own_name(language: str) -> str:
    """Return the name of `language` in that language."""
    known = index().languages.get(language)
    return known.name if known else _name_of_cldr(language)


def formats(language: str) -> Formats:
    """Return how any language writes numbers and dates."""
    known = index().languages.get(language)
    return known.formats if known else formats_of_cldr(language)


def _name_of_cldr(language: str) -> str:
    locale = Locale.parse(language, sep="-")
    name = locale.get_display_name(locale) or language
    return name[:1].upper() + name[1:]


def _tags(*folders: Path) -> list[str]:
    return sorted({file.parent.name for folder in folders for file in folder.glob("*/*.po")})


def _scan(tags: Iterable[str]) -> dict[str, Any]:
    """Return the part of the index about `tags`, as it is stored, from the catalogues."""
    ours = catalogues.folders()[-1]
    wanted = {part: catalogues.keys(catalogues.path(ours, DEFAULT, part)) for part in PARTS}
    languages: dict[str, Any] = {}
    words: dict[str, Any] = {}
    for tag in tags:
        texts = {part: catalogues.entries(tag, part).texts for part in PARTS}
        missing = {part: len(wanted[part] - texts[part].keys()) for part in PARTS}
        review = _review(tag, wanted[SUPPORTERS])
        named = {"name": _name_of_cldr(tag), "formats": asdict(formats_of_cldr(tag))}
        languages[tag] = {"missing": missing, **named, **review}
        if not missing[SUPPORTERS]:
            for found in texts.values():
                for key in filter(_is_words, found):
                    words.setdefault(key, {})[tag] = found[key][0]
    return {"languages": languages, "safety": _safety(), "words": words}


def _merged(stored: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return the stored index with the languages of an organisation's folder."""
    words = {key: by_tag | own["words"].get(key, {}) for key, by_tag in stored["words"].items()}
    return {
        "languages": stored["languages"] | own["languages"],
        "safety": stored["safety"],
        "words": words,
    }


def _is_words(key: str) -> bool:
    return key.startswith("words.")


def _review(tag: str, wanted: Set[str]) -> dict[str, Any]:
    """Return how well supporters' texts in a language were checked.

    Each text counts as its own file says. English is compared as it is in our own folder.
    """
    original = catalogues.path(catalogues.folders()[-1], DEFAULT, SUPPORTERS)
    reviewed: set[str] = set()
    found = set()
    for folder in reversed(catalogues.folders()):
        file = catalogues.path(folder, tag, SUPPORTERS)
        if file.exists():
            reviewed = reviewed - catalogues.keys(file) | reviews.reviewed_keys(file, original)
            found.add(reviews.written_review(file))
    if wanted <= reviewed:
        review = Review.ORIGINAL if found == {Review.ORIGINAL} else Review.NATIVE
        return {"review": review.value, "reviewed": []}
    return {"review": Review.NONE.value, "reviewed": sorted(reviewed)}


def _safety() -> list[str]:
    file = catalogues.path(catalogues.folders()[-1], DEFAULT, SUPPORTERS)
    flagged = [each for each in catalogues.read(file) if each.id and SAFETY in each.flags]
    return sorted(map(catalogues.key, flagged))


def _load(stored: dict[str, Any]) -> Index:
    return Index(
        {
            tag: Language(
                tag,
                each["missing"],
                each["name"],
                _formats(each["formats"]),
                Review(each["review"]),
                frozenset(each["reviewed"]),
            )
            for tag, each in stored["languages"].items()
        },
        frozenset(stored["safety"]),
        {key: tuple(by_tag.items()) for key, by_tag in stored["words"].items()},
    )


def _formats(stored: dict[str, Any]) -> Formats:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    return Formats(**values)


def page() -> str:
    """Return the content of the index file, from our own catalogues."""
    return json.dumps(_scan(_tags(LOCALES)), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    INDEX.write_text(page(), "utf-8")
