"""Languages that no native speaker has checked, whatever the bot's catalogues say by now."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.text import languages
from conversations.text.reviews import Review

_MARKS = re.compile(r"^(# Reviewed by .*|\"X-Reviewer: .*)\n", re.MULTILINE)


def forget_reviews(file: Path) -> None:
    """Remove all records of reviews from a copy of a catalogue."""
    content = _MARKS.sub("", file.read_text("utf-8"))
    file.write_text(content.replace('"X-Review: native\\n"', '"X-Review: none\\n"'), "utf-8")


@pytest.fixture
def machine_made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Use an index where no translation has been checked."""
    stored = json.loads(languages.INDEX.read_text("utf-8"))
    for language in stored["languages"].values():
        if language["review"] != Review.ORIGINAL:
            language.update(review=Review.NONE, reviewed=[])
    file = tmp_path_factory.mktemp("index") / languages.INDEX.name
    file.write_text(json.dumps(stored), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(languages, "INDEX", file)
        languages.index.cache_clear()
        yield
    languages.index.cache_clear()
