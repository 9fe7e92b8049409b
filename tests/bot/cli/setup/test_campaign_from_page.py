"""`actionbot campaign new --from`: what it prints and writes."""

from pathlib import Path

import pytest

from tests.bot.conftest import Type
from tests.conversations.folder.page_import.pages import BOLD_LABEL, GERMAN, PLAIN_ITALIAN
from tests.conversations.folder.page_import.word import document, paragraph


def cells(line: str) -> tuple[str, ...]:
    """Return the cells of a table's row."""
    return tuple(cell.strip() for cell in line.split("  ") if cell.strip())


def test_a_page_becomes_a_campaign(actionbot: Type, tmp_path: Path) -> None:
    made = actionbot("campaign", "new", "teachers", "--from", str(BOLD_LABEL))
    assert (made.status, made.err) == (0, "")
    table, notes = made.out.split("\n\n")
    assert [cells(line) for line in table.splitlines()[2:]] == [
        ("Label", "Action", "words"),
        ("Title", "Free the teachers of Port Aldis", "heading"),
        ("Story", "Six teachers have been in prison since 14 Februar…", "place: a guess"),
        ("Story", "They were arrested in front of their pupils. Thei…", "place: a guess"),
        ("More", "The law that nobody voted for", "place: a guess"),
        ("More", "A decree of 2024 forbids all lessons in the langu…", "place: a guess"),
        ("left out", "Take action", "heading only"),
        ("Ask", "Send a letter to the governor.", "heading"),
        ("left out", "Your letter is sent in your name from our server.", "privacy or sender"),
        ("Demands", "The governor must:", "words"),
        ("Demands", "release the six teachers;", "heading"),
        ("Demands", "lift the decree.", "heading"),
        ("More", "Thank you for standing with them.", "place: a guess"),
    ]
    home = tmp_path / "campaigns" / "teachers"
    check = f"actionbot check --campaigns {home.parent}"
    file, texts = "  teachers/campaign.toml", "  teachers/en.md"
    assert notes.splitlines() == [
        "Still to be written or fixed: 9",
        f"{file}:6 organisation: This is still the skeleton's value.",
        f"{file}:7 contact: This is still the skeleton's value.",
        f"{file}:8 official_page: This is still the skeleton's value.",
        f"{file}:9 privacy_policy: This is still the skeleton's value.",
        f"{file}:36 first target (minister): address: This is still the skeleton's value.",
        f"{texts}:27: “Subject” still contains the skeleton's text.",
        f"{texts}:31: “Letter” still contains the skeleton's text.",
        f"{texts}:55: “Who is responsible” still contains the skeleton's text.",
        f"{texts}:63: “Recipient” still contains the skeleton's text.",
        "The language is English (en).",
        f"Created {home}. Write its texts, then run: {check}",
    ]
    assert sorted(path.name for path in home.iterdir()) == ["campaign.toml", "en.md"]
    assert "Free the teachers of Port Aldis" in (home / "en.md").read_text("utf-8")
    checked = actionbot(*check.split()[1:])
    assert (checked.status, checked.out) == (
        0,
        "The campaigns are fine, apart from these remarks: 9.\n",
    )


def test_the_language_is_found_out(actionbot: Type, tmp_path: Path) -> None:
    made = actionbot("campaign", "new", "gift", "--from", str(GERMAN))
    assert "The language is Deutsch (de).\n" in made.out
    assert "“Consent” still contains the skeleton's text." in made.out
    home = tmp_path / "campaigns" / "gift"
    assert sorted(path.name for path in home.iterdir()) == ["campaign.toml", "de.md"]


def test_the_language_can_be_given(actionbot: Type, tmp_path: Path) -> None:
    words = ("campaign", "new", "bosco", "--from", str(PLAIN_ITALIAN))
    refused = actionbot(*words)
    assert (refused.status, refused.err) == (
        2,
        f"✗ {PLAIN_ITALIAN}: It isn't clear which language this is.\n  → Add --language en.\n",
    )
    assert not (tmp_path / "campaigns").exists()
    assert actionbot(*words, "--language", "it").status == 0
    assert (tmp_path / "campaigns" / "bosco" / "it.md").is_file()


def test_a_new_campaign_in_another_language(actionbot: Type, tmp_path: Path) -> None:
    assert actionbot("campaign", "new", "rio", "--language", "pt-BR").status == 0
    assert (tmp_path / "campaigns" / "rio" / "pt-BR.md").is_file()
    refused = actionbot("campaign", "new", "rio2", "--language", "../pt")
    assert (refused.status, refused.err) == (
        2,
        "✗ ../pt: This isn't a language.\n  → Write it like pt or zh-Hant.\n",
    )


def test_a_word_document(actionbot: Type, tmp_path: Path) -> None:
    page = tmp_path / "page.docx"
    page.write_bytes(
        document(paragraph("Save the heron pond", run="<w:b/>") + paragraph("The pond is dry."))
    )
    made = actionbot("campaign", "new", "pond", "--from", "page.docx", "--language", "en")
    assert made.status == 0
    assert "# Title\n\nSave the heron pond\n" in (
        tmp_path / "campaigns" / "pond" / "en.md"
    ).read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "page.docx",
            b"text",
            "✗ page.docx: This isn't a valid Word document.\n"
            "  → Open it in Word, and save it as .docx.\n",
        ),
        (
            "page.pdf",
            b"text",
            "✗ page.pdf: Only these files can be read: .txt, .md, .docx.\n"
            "  → Save it as one of these, or copy its text into a .txt file.\n",
        ),
        (
            "page.txt",
            b"x" * 6_000_000,
            "✗ page.txt: This file is over 5 MB.\n  → Copy its text into a .txt file.\n",
        ),
        (
            "other.txt",
            None,
            "✗ page.txt: There is no such file or folder.\n  → Create it, or fix the path.\n",
        ),
    ],
)
def test_a_file_that_cannot_be_read(
    actionbot: Type, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    else:
        name = "page.txt"
    refused = actionbot("campaign", "new", "pond", "--from", name)
    assert (refused.status, refused.out, refused.err) == (2, "", said)
    assert not (tmp_path / "campaigns").exists()


def test_a_campaign_is_not_written_over(actionbot: Type, tmp_path: Path) -> None:
    actionbot("campaign", "new", "teachers")
    written = tmp_path / "campaigns" / "teachers" / "en.md"
    before = written.read_bytes()
    refused = actionbot("campaign", "new", "teachers", "--from", str(BOLD_LABEL))
    assert (refused.status, refused.out) == (2, "")
    assert refused.err.endswith("already exists.\n  → Choose another name.\n")
    assert written.read_bytes() == before


def test_a_template_is_for_another_kind_of_target(actionbot: Type, tmp_path: Path) -> None:
    made = actionbot(
        "campaign", "new", "teachers", "--template", "company", "--from", str(BOLD_LABEL)
    )
    assert made.status == 0
    home = tmp_path / "campaigns" / "teachers"
    assert 'kind = "company"' in (home / "campaign.toml").read_text("utf-8")
    texts = (home / "en.md").read_text("utf-8")
    assert "I am writing to you about what your company does." in texts
    assert "Free the teachers of Port Aldis" in texts
    unknown = actionbot("campaign", "new", "owls", "--template", "minister")
    assert unknown.status == 2
    assert not (tmp_path / "campaigns" / "owls").exists()
