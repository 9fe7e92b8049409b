"""Sections of a file of texts are changed one by one, and translations know which are current."""

from pathlib import Path

import pytest

from conversations.folder.edits.section_editing import (
    next_variant,
    read_sections,
    remove_section,
    set_section,
)
from conversations.folder.edits.translation_marks import keep_marks, mark_current, outdated_sections
from conversations.folder.formats.markdown_sections import parse_text_file

SAMPLE = Path(__file__).parents[4] / "conversations" / "campaigns" / "hong-kong"
ENGLISH = (SAMPLE / "en.md").read_text(encoding="utf-8")
SPANISH = (SAMPLE / "es.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [ENGLISH, SPANISH, ENGLISH.replace("\n", "\r\n")])
def test_each_section_is_changed_alone(content: str) -> None:
    sections = read_sections(content)
    for heading in sections:
        edited = set_section(content, heading, "One.\n\n# not a heading\nTwo.")
        changed = read_sections(edited)
        assert {name for name in changed if changed[name] != sections[name]} == {heading}
        assert list(changed) == list(sections)
        assert not parse_text_file("", edited).mistakes


def test_only_the_lines_of_the_section_change() -> None:
    edited = set_section(ENGLISH, "Title", "Stand with Hong Kong")
    before, after = ENGLISH.split("\n"), edited.split("\n")
    assert [line for line in after if line not in before] == ["Stand with Hong Kong"]
    assert len(after) == len(before)


def test_a_section_is_added_where_the_sample_has_it_and_removed() -> None:
    without = remove_section(ENGLISH, "More")
    assert "More" not in read_sections(without)
    again = set_section(without, "More", read_sections(ENGLISH)["More"])
    assert again == ENGLISH
    second = set_section(ENGLISH, "Letter 2", "Dear {target}")
    assert [name for name in read_sections(second) if "Letter" in name] == ["Letter", "Letter 2"]
    assert (
        list(read_sections(second)).index("Demands")
        == list(read_sections(second)).index("Letter 2") + 1
    )
    assert next_variant(parse_text_file("", second), "Letter") == "Letter 3"
    assert remove_section(second, "Letter 2") == ENGLISH
    kept = remove_section(ENGLISH, "Your rights")
    assert read_sections(set_section(kept, "Your rights", "All.")) | {"Your rights": ""} == (
        read_sections(ENGLISH) | {"Your rights": ""}
    )


def test_a_change_of_the_original_makes_only_that_section_outdated() -> None:
    assert outdated_sections(ENGLISH, SPANISH) == ()
    kept = keep_marks(ENGLISH, SPANISH)
    changed = set_section(ENGLISH, "Title", "Stand with Hong Kong")
    assert outdated_sections(changed, kept) == ("Title",)
    assert outdated_sections(changed, SPANISH) == tuple(read_sections(ENGLISH))
    twice = set_section(changed, "Share", "Please share.")
    assert outdated_sections(twice, keep_marks(changed, kept)) == ("Title", "Share")
    translated = mark_current(twice, set_section(kept, "Title", "Con Hong Kong"), "Title")
    assert outdated_sections(twice, translated) == ("Share",)
    done = mark_current(twice, translated, "Share")
    assert outdated_sections(twice, done) == ()
    assert parse_text_file("", done).translates == parse_text_file("", twice).digest
    assert 'sections = "' not in done
    assert read_sections(done) | {"Title": ""} == read_sections(SPANISH) | {"Title": ""}


def test_a_missing_section_is_outdated() -> None:
    assert outdated_sections(ENGLISH, remove_section(SPANISH, "Thanks")) == ("Thanks",)
    assert outdated_sections(ENGLISH, "") == tuple(read_sections(ENGLISH))
