"""Counts the typing errors between two texts: letters that are missing, extra, wrong or swapped.

RapidFuzz, which counts them, takes 3 MB: it is loaded when somebody types what is no exact answer.
"""

from collections.abc import Iterable, Iterator


def count_errors(typed: str, meant: str, most: int | None = None) -> int:
    """Return the number of errors; with `most`, any larger number if there are more.

    No part of the text is changed twice (optimal string alignment).
    """
    from rapidfuzz.distance import OSA

    return OSA.distance(typed, meant, score_cutoff=most)


def count_edits(typed: str, meant: str) -> int:
    """Return the smallest number of errors, where parts may change twice (Damerau–Levenshtein)."""
    from rapidfuzz.distance import DamerauLevenshtein

    return DamerauLevenshtein.distance(typed, meant)


def find_similar(typed: str, texts: Iterable[str], most: int) -> Iterator[tuple[str, int]]:
    """Yield those of `texts` that differ by at most `most` errors, each with their number."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    for text, errors, _ in process.extract_iter(
        typed, texts, scorer=OSA.distance, score_cutoff=most
    ):
        yield text, errors
