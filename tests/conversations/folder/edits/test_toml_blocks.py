"""Whole blocks of campaign.toml are added and removed; everything else stays, comments too."""

import pytest

from conversations.folder.edits.toml_blocks import add_block, remove_block
from conversations.folder.edits.toml_editing import NotEditable, remove_value, set_value

FILE = """# Top.
slug = "river"

[[targets]]  # the first
id = "minister"
name = { en = "Minister" }

# The mayor answers herself.
[[targets]]
address = "mayor@city.example"
id = "mayor"

[targets.name]
en = "Mayor" # of the city

# What else we ask.
[[questions]]
id = "topic"

[questions.options]
a = { en = "Rivers" }
"""


def test_a_block_is_added_after_the_others_of_its_array() -> None:
    values = {"id": "consul", "name": {"en": "Consul"}}
    before, after = FILE.split("\n# What else")
    added = '\n[[targets]]\nid = "consul"\nname = { en = "Consul" }\n\n# What else'
    assert add_block(FILE, "targets", values) == f"{before}{added}{after}"


def test_the_first_block_is_added_at_the_end() -> None:
    assert add_block('slug = "a"', "questions", {"id": "x"}) == (
        'slug = "a"\n\n[[questions]]\nid = "x"\n'
    )
    assert add_block("", "questions", {"id": "x"}) == '[[questions]]\nid = "x"\n'


def test_a_block_is_removed_with_the_tables_in_it() -> None:
    before, rest = FILE.split("[[targets]]\naddress")
    after = rest.split("# of the city\n\n")[1]
    assert remove_block(FILE, "targets", "mayor") == before + after
    before = FILE.split("[[questions]]")[0]
    assert remove_block(FILE, "questions", "topic") == before


def test_what_was_added_is_removed_without_a_trace() -> None:
    for array in ("targets", "questions"):
        added = add_block(FILE, array, {"id": "new", "text": {"en": "[[targets]]\n"}})
        assert remove_block(added, array, "new") == FILE


@pytest.mark.parametrize(
    "content",
    ['targets = [{ id = "a" }]\n', 'targets = "none"\n', "targets = []\n", "= broken"],
)
def test_unforeseen_files_are_refused(content: str) -> None:
    with pytest.raises(NotEditable):
        add_block(content, "targets", {"id": "b"})
    with pytest.raises(NotEditable):
        remove_block(content, "targets", "a")


def test_an_id_can_be_there_once() -> None:
    with pytest.raises(NotEditable):
        add_block(FILE, "targets", {"id": "mayor"})
    with pytest.raises(NotEditable):
        remove_block(FILE, "targets", "nobody")


def test_texts_in_tables_that_are_not_there_yet() -> None:
    topic = ("questions", "topic")
    written = set_value(FILE, (*topic, "label", "en"), "Topic")
    assert 'id = "topic"\nlabel = { en = "Topic" }\n' in written
    written = set_value(written, (*topic, "options", "b", "en"), "Forests")
    assert 'a = { en = "Rivers" }\nb = { en = "Forests" }\n' in written
    written = set_value(written, (*topic, "options", "b", "de"), "Wälder")
    assert 'b = { en = "Forests", de = "Wälder" }\n' in written
    for language in ("en", "de"):
        written = remove_value(written, (*topic, "options", "b", language))
    assert remove_value(written, (*topic, "label", "en")) == FILE


def test_texts_in_nested_inline_tables() -> None:
    content = '[[questions]]\nid = "x"\noptions = { a = { en = "A" }, b = { en = "B" } }\n'
    path = ("questions", "x", "options")
    written = set_value(content, (*path, "b", "de"), "Be")
    assert 'options = { a = { en = "A" }, b = { en = "B", de = "Be" } }\n' in written
    assert 'options = { a = { en = "A" } }\n' in remove_value(content, (*path, "b", "en"))
