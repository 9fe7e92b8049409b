"""The record that a native speaker has checked a text, and when it no longer holds."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.text import languages, reviews
from conversations.text.catalogues import LOCALES, keys
from conversations.text.reviews import Review, reviewed_keys, written_review
from tests.reviews import forget_reviews

SEND, BACK = "button.send", "button.back"


@pytest.fixture
def catalogues(tmp_path: Path) -> Iterator[Path]:
    """A copy of the catalogues in English and German, not yet reviewed, which the bot uses."""
    for tag in ("en", "de"):
        shutil.copytree(LOCALES / tag, tmp_path / tag)
    forget_reviews(tmp_path / "de" / "supporters.po")
    languages.use_folders(tmp_path)
    yield tmp_path
    languages.use_folders(LOCALES)


def record(folder: Path, *chosen: str) -> Path:
    """Record that Ana has checked these texts, or all."""
    file, original = folder / "de" / "supporters.po", folder / "en" / "supporters.po"
    content = reviews.record(file, original, "Ana Souza", chosen or keys(file))
    file.write_text(content, "utf-8")
    return file


def replace(file: Path, old: str, new: str) -> None:
    content = file.read_text("utf-8")
    assert old in content
    file.write_text(content.replace(old, new), "utf-8")
    languages.use_folders(*[file.parent.parent])


def test_nothing_is_reviewed_before(catalogues: Path) -> None:
    assert languages.index().languages["de"].review is Review.NONE
    assert not languages.is_reviewed("de", SEND)


def test_a_review_is_recorded_beside_the_text(catalogues: Path) -> None:
    before = (catalogues / "de" / "supporters.po").read_text("utf-8").split("\n")
    after = record(catalogues, SEND).read_text("utf-8").split("\n")
    added = [line for line in after if line not in before]
    assert len(added) == 1
    assert added[0].startswith("# Reviewed by Ana Souza: ")
    assert [line for line in after if line not in added] == before
    assert languages.is_reviewed("de", SEND)
    assert not languages.is_reviewed("de", BACK)
    assert not languages.is_reviewed("de")


@pytest.mark.parametrize(
    ("tag", "old", "new"),
    [("en", "Send in my name", "Send it now"), ("de", "In meinem Namen senden", "Senden")],
)
def test_a_changed_text_is_no_longer_reviewed(
    catalogues: Path, tag: str, old: str, new: str
) -> None:
    record(catalogues, SEND, BACK)
    replace(catalogues / tag / "supporters.po", f'msgstr "{old}"', f'msgstr "{new}"')
    assert not languages.is_reviewed("de", SEND)
    assert languages.is_reviewed("de", BACK)


def test_a_second_review_takes_the_place_of_the_first(catalogues: Path) -> None:
    file = record(catalogues, SEND)
    replace(file, 'msgstr "In meinem Namen senden"', 'msgstr "Senden"')
    record(catalogues, SEND)
    languages.use_folders(catalogues)
    assert languages.is_reviewed("de", SEND)
    assert file.read_text("utf-8").count("# Reviewed by") == 1


def test_a_language_of_which_all_was_reviewed(catalogues: Path) -> None:
    file = record(catalogues)
    assert written_review(file) is Review.NATIVE
    assert '"X-Reviewer: Ana Souza\\n"' in file.read_text("utf-8")
    assert languages.index().languages["de"].review is Review.NATIVE
    replace(file, 'msgstr "Zurück"', 'msgstr "Retour"')
    german = languages.index().languages["de"]
    assert german.review is Review.NONE
    assert keys(file) - german.reviewed == {BACK}


def test_the_headers_of_our_catalogues_are_true() -> None:
    for file in LOCALES.glob("*/supporters.po"):
        if written_review(file) is Review.NATIVE:
            assert reviewed_keys(file, LOCALES / "en" / file.name) == keys(file), file


def test_own_words_count_as_their_own_file_says(catalogues: Path, tmp_path: Path) -> None:
    """The organisation's words for one text were written in German, or by a machine."""
    record(catalogues)
    own = tmp_path / "own"
    file = own / "de" / "supporters.po"
    file.parent.mkdir(parents=True)
    text = f'msgid "{SEND}"\nmsgstr "Abschicken"\n'
    file.write_text(f'msgid ""\nmsgstr ""\n"X-Review: original\\n"\n\n{text}', "utf-8")
    languages.use_folders(own, catalogues)
    assert languages.index().languages["de"].review is Review.NATIVE
    file.write_text(text, "utf-8")
    languages.use_folders(own, catalogues)
    assert not languages.is_reviewed("de", SEND)
    assert languages.is_reviewed("de", BACK)
