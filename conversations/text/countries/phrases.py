"""Finds the country's words in a sentence: “I live in Portugal”, “我住在香港”."""

from collections.abc import Iterator
from dataclasses import dataclass

from conversations.text.countries.index import Index, is_written_without_spaces


@dataclass(frozen=True)
class Phrase:
    """A part of a typed text that may name a country."""

    text: str
    """The part, folded."""

    is_whole: bool
    """Whether nothing but an article was left out."""


def phrases(folded: str, index: Index) -> Iterator[Phrase]:
    """Yield a folded text, and then what is left of it without the words around the country."""
    phrase: Phrase | None = Phrase(folded, is_whole=True)
    while phrase:
        yield phrase
        phrase = _shortened(phrase, index)


def _shortened(phrase: Phrase, index: Index) -> Phrase | None:
    """Return the phrase without an article, or without what stands before or after a country."""
    text = phrase.text
    article = next((each for each in index.articles if _begins(text, each)), "")
    before = next((each for each in index.before if _begins(text, each)), "")
    if article and len(article) >= len(before):
        return Phrase(text[len(article) :].strip(), phrase.is_whole)
    if before:
        return Phrase(text[len(before) :].strip(), is_whole=False)
    if after := next((each for each in index.after if _ends(text, each)), ""):
        return Phrase(text[: -len(after)].strip(), is_whole=False)
    return None


def _begins(text: str, words: str) -> bool:
    """Return whether `text` begins with `words`, and something follows."""
    rest = text[len(words) :]
    return text.startswith(words) and bool(rest.strip()) and _is_apart(words[-1], rest[0])


def _ends(text: str, words: str) -> bool:
    """Return whether `text` ends with `words`, and something precedes them."""
    rest = text[: -len(words)]
    return text.endswith(words) and bool(rest.strip()) and _is_apart(words[0], rest[-1])


def _is_apart(one: str, other: str) -> bool:
    """Return whether two characters belong to different words where they meet."""
    return other == " " or is_written_without_spaces(one) or is_written_without_spaces(other)
