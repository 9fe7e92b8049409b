"""Pages as plain text and Markdown: their paragraphs, and what is refused."""

import pytest

from conversations.folder.page_import.documents import read_document, read_pasted
from conversations.folder.page_import.paragraphs import Kind, PageError, Paragraph
from tests.cpu_time import at_most

TEXT, ITEM, HEADING = Kind.TEXT, Kind.ITEM, Kind.HEADING
TOO_LONG = (
    "This has over 100,000 characters or 1,000 paragraphs.",
    "Take only the page's text.",
)
NO_TEXT = ("This isn't a text file in UTF-8, UTF-16 or Windows-1252.", "Save it as UTF-8.")


def read(text: str, name: str = "page.txt") -> list[tuple[Kind, str]]:
    return [(each.kind, each.text) for each in read_document(name, text.encode())]


def refusal(content: bytes, name: str = "page.txt") -> tuple[str, str]:
    with pytest.raises(PageError) as refused:
        read_document(name, content)
    return refused.value.problem, refused.value.fix


def test_each_line_is_a_paragraph() -> None:
    assert read("Action\nSave the heron pond\n\n  The pond dries up. \r\nIt is old.\n") == [
        (TEXT, "Action"),
        (TEXT, "Save the heron pond"),
        (TEXT, "The pond dries up."),
        (TEXT, "It is old."),
    ]


def test_a_text_that_was_broken_into_lines_is_put_together() -> None:
    text = """
        Save the heron pond

        The pond behind the old mill has been home to grey herons for as long
        as anybody in the village can remember. Now a company wants to fill it
        and build a car park.

        - stop the permit that was given for the car park before anybody was
          asked;
        - list the pond as a monument.
        """
    lines = "\n".join(line.removeprefix(" " * 8) for line in text.splitlines())
    assert read(lines) == [
        (TEXT, "Save the heron pond"),
        (
            TEXT,
            "The pond behind the old mill has been home to grey herons for as long as anybody in "
            "the village can remember. Now a company wants to fill it and build a car park.",
        ),
        (ITEM, "stop the permit that was given for the car park before anybody was asked;"),
        (ITEM, "list the pond as a monument."),
    ]


def test_short_lines_stay_apart() -> None:
    text = "Stop the incinerator next to the school of Ashby\nIt would burn waste day and night.\n"
    assert [each for _, each in read(text)] == text.splitlines()


@pytest.mark.parametrize(
    ("line", "text", "is_numbered"),
    [
        ("- stop", "stop", False),
        ("* stop", "stop", False),
        ("•stop", "stop", False),
        ("✔️ stop", "stop", False),
        ("1. stop", "stop", True),
        ("2) stop", "stop", True),
        ("(3) stop", "stop", True),
        ("a) stop", "stop", True),
        ("② stop", "stop", True),
        ("一、停止", "停止", True),
        ("（二）停止", "停止", True),
        ("3、停止", "停止", True),
        ("4．停止", "停止", True),
    ],
)
def test_items_of_lists(line: str, text: str, is_numbered: bool) -> None:
    assert read_pasted(line) == (Paragraph(text, ITEM, is_numbered=is_numbered),)


@pytest.mark.parametrize("line", ["1.5 million people", "-5 degrees", "1945 was the year", "a b"])
def test_what_is_no_item(line: str) -> None:
    assert read_pasted(line) == (Paragraph(line),)


def test_a_mark_on_a_line_of_its_own_belongs_to_the_next_line() -> None:
    assert read("1.\nstop\n2.\ngo") == [(ITEM, "stop"), (ITEM, "go")]


@pytest.mark.parametrize(
    ("line", "level"), [("**Action**", 0), ("*Action*", 0), ("# Action", 1), ("### Action ##", 3)]
)
def test_headings(line: str, level: int) -> None:
    assert read_pasted(line) == (Paragraph("Action", HEADING, level),)


def test_lines_without_letters_and_digits_are_no_paragraphs() -> None:
    assert read("One\n---\n* * *\n…\n>>>\nTwo") == [(TEXT, "One"), (TEXT, "Two")]


def test_characters_that_show_nothing_are_dropped() -> None:
    assert read("\ufeffIn\u00advi\u200bsible\u202e text\u00a0! 👩\u200d🌾") == [
        (TEXT, "Invisible text\u00a0! 👩\u200d🌾")
    ]


def test_markdown() -> None:
    text = """---
title: from the site
---
# Save the *heron* pond

The pond is **old**, and [the mill](https://mill.example/old)
needs \\*it\\* &amp; you. ![A heron](heron.jpg)

What we demand
--------------

1. Stop
   the permit.
2. List it.

> Herons <b>nest</b> here.

```
code
```
"""
    assert read(text, "Page.MD") == [
        (HEADING, "Save the heron pond"),
        (
            TEXT,
            "The pond is old, and the mill (https://mill.example/old) needs *it* & you. A heron",
        ),
        (HEADING, "What we demand"),
        (ITEM, "Stop the permit."),
        (ITEM, "List it."),
        (TEXT, "Herons nest here."),
        (TEXT, "code"),
    ]


def test_chinese_lines_of_a_paragraph_are_joined_without_a_space() -> None:
    assert read("蒼鷺的池塘\n正在乾涸。", "page.md") == [(TEXT, "蒼鷺的池塘正在乾涸。")]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_encodings(encoding: str) -> None:
    text = "Schützt den Teich – “jetzt” für 5 €"
    assert read_document("page.txt", text.encode(encoding)) == (Paragraph(text),)


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04\x00\x00",
        b"\xff\xfe\x00\x00a\x00\x00\x00",
        b"\xff\xfea\x00\xd8",
        b"text \x81 text",
        b"\x1b[31mred",
        "Спасите пруд".encode("cp1251"),
        bytes(range(256)),
    ],
)
def test_what_is_not_text_is_refused(content: bytes) -> None:
    assert refusal(content) == NO_TEXT


@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"---\n***\n"])
def test_a_file_without_text_is_refused(content: bytes) -> None:
    assert refusal(content) == (
        "There is no text in it.",
        "Choose another file, or paste the text.",
    )


@pytest.mark.parametrize("name", ["page.pdf", "page.doc", "page", "txt", "page.txt.exe", ""])
def test_other_files_are_refused(name: str) -> None:
    assert refusal(b"text", name) == (
        "Only these files can be read: .txt, .md, .docx.",
        "Save it as one of these, or copy its text into a .txt file.",
    )


def test_a_large_file_is_refused() -> None:
    assert refusal(b"x" * 5_000_001) == (
        "This file is over 5 MB.",
        "Copy its text into a .txt file.",
    )


@pytest.mark.parametrize(
    "content", [b"word " * 200_000, b"x" * 100_001, b"a\n" * 1_001, b"x" * 1_000_000]
)
@pytest.mark.parametrize("name", ["page.txt", "page.md"])
def test_a_text_that_is_longer_than_any_page_is_refused(content: bytes, name: str) -> None:
    if name == "page.md":
        content = content.replace(b"\n", b"\n\n")
    assert refusal(content, name) == TOO_LONG


@pytest.mark.parametrize(
    "part",
    [
        *("[", "[a](", "*", "**a ", "__a", "`", "<", "<a ", "> ", "#", "# ", "\\", "&", "![", "1."),
        *("-", "--- ", "---\n", "~~", "a\n", "( ", "* ", "|", "一", "é"),
    ],
)
@pytest.mark.parametrize("name", ["page.txt", "page.md"])
def test_no_text_takes_long(part: str, name: str) -> None:
    content = (part * (100_000 // len(part))).encode()
    with at_most(100_000_000):
        try:
            read_document(name, content)
        except PageError as error:
            assert error.problem
