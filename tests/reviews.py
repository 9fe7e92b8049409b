"""Languages that no native speaker has checked, whatever the bot's catalogues say by now."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conversations.text import languages
from conversations.text.reviews import Review

_MARKS = re.compile(r"^(# Reviewed by .*|\"X-Reviewer: .*)\n", re.MULTILINE)


def forget_reviews(file: Path) -> None:
    """Remove all records of reviews from a copy of a catalogue."""
    content = _MARKS.sub("", file.read_text("utf-8"))
    file.write_text(content.replace('"X-Review: native\\n"', '"X-Review: none\\n"'), "utf-8")


@pytest.fixture(scope="session")
def machine_made_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index where no translation has been checked."""
    stored = json.loads(languages.INDEX.read_text("utf-8"))
    for language in stored["languages"].values():
        if language["review"] != Review.ORIGINAL:
            language.update(review=Review.NONE, reviewed=[])
    file = tmp_path_factory.mktemp("index") / languages.INDEX.name
    file.write_text(json.dumps(stored), "utf-8")
    return file


@cache
def _machine_made(content: str) -> languages.Index:
    """Return an index, always the same one: what follows from it is kept in caches."""
    return languages._load(json.loads(content))


@pytest.fixture
def machine_made(machine_made_index: Path) -> Iterator[None]:
    """Use an index where no translation has been checked."""
    content = machine_made_index.read_text("utf-8")
    known, load = _machine_made(content), languages._load

    def load_once(stored: dict[str, Any]) -> languages.Index:
        return known if stored == json.loads(content) else load(stored)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(languages, "INDEX", machine_made_index)
        patch.setattr(languages, "_load", load_once)
        languages.index.cache_clear()
        yield
    languages.index.cache_clear()
