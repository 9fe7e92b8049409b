"""What belongs to a website or is a notice is left out of a campaign, and demands stay."""

import pytest

from conversations.folder.page_import.documents import read_document, read_pasted
from conversations.folder.page_import.page_parts import Part, Reason
from conversations.folder.page_import.recognition import propose
from tests.conversations.folder.page_import.proposals import proposed, rows


@pytest.mark.parametrize(
    "sentence",
    [
        "By taking action you agree that we send an email.",
        "Replies go to our office.",
        "The letter is sent from your own address.",
        "The minister will see your email address.",
        "En participant, vous acceptez notre politique de confidentialité.",
        "Al firmar aceptas nuestra política de privacidad.",
        "Ao assinar, concorda com a nossa política de privacidade.",
        "Mit dem Absenden stimmen Sie der Datenschutzerklärung zu.",
        "您的電郵地址不會公開。",
    ],
)
def test_sentences_about_privacy_and_the_sender_are_never_imported(sentence: str) -> None:
    text = f"Save the heron pond\nThe pond dries up. {sentence}\n{sentence}\n- {sentence}\n"
    found = propose(read_pasted(text))
    kept = [each for each in found.placed if each.part is not Part.LEFT_OUT]
    assert [each.paragraph.text for each in kept] == ["Save the heron pond", "The pond dries up."]
    left_out = [each for each in found.placed if each.part is Part.LEFT_OUT]
    assert {each.reason for each in left_out} == {Reason.NOTICE}
    assert len(left_out) == 3


def test_lines_that_say_when_by_whom_and_how_many_belong_to_the_website() -> None:
    text = (
        "Save Elm Park\nBy Priya Nair, 4 March\n15 October\nOctober 15, 2026\n"
        "The park is sold, and nobody told the neighbours.\n"
        "12,345 of 15,000 signatures\nFiled under: City, Parks\n3 comments\n"
    )
    found = propose(read_pasted(text)).placed
    assert [each.paragraph.text for each in found if each.part is not Part.LEFT_OUT] == [
        "Save Elm Park",
        "The park is sold, and nobody told the neighbours.",
    ]
    assert {each.reason for each in found if each.part is Part.LEFT_OUT} == {Reason.SITE}


def test_a_heading_above_demands_is_left_out() -> None:
    page = (
        b"# Fair pay\n\nThey clean.\n\n## What they want\n\nThe board must\n\n1. pay;\n2. hire.\n"
    )
    assert ("left_out", "section", "What they want") in rows(
        propose(read_document("page.md", page)).placed
    )


def test_the_fields_of_a_form_below_the_note_on_privacy_are_no_part_of_it() -> None:
    text = "Save Elm Park\nThe park is sold.\nPrivacy\nBy signing you agree.\nFirst name\nSend\n"
    found = rows(propose(read_pasted(text)).placed)[2:]
    assert [reason for _, reason, _ in found] == ["notice", "notice", "site", "site"]


def test_a_campaign_about_privacy_keeps_its_demands() -> None:
    text = (
        "Stop face recognition in Ashby\nCameras film all who walk by.\n"
        "The city must:\n- delete all personal data;\n- take the cameras down."
    )
    assert [row[0] for row in proposed(text)] == ["title", "story", *["demands"] * 3]


@pytest.mark.parametrize(
    "line",
    [
        "Home | News | Contact",
        "Home › Campaigns › Herons",
        "Accueil (https://pond.example/fr) | Agir (https://pond.example/agir)",
        "https://pond.example/herons",
        "Share on Facebook",
        "Tweet Email",
        "Your email *",
        "1,204",
        "© Heron Friends 2026",
    ],
)
def test_lines_of_the_website_are_left_out(line: str) -> None:
    text = f"Save the heron pond\nThe pond dries up.\n{line}\nIt is old.\n"
    assert [row[:2] for row in proposed(text)][2] == ("left_out", "site")


def test_what_is_too_long_for_a_message_is_left_out() -> None:
    text = "Save the heron pond\nThe pond dries up.\nIt is old.\n" + f"{'word ' * 500}.\n" * 3
    assert [row[:2] for row in proposed(text)] == [
        ("title", "position"),
        ("story", "position"),
        ("story", "position"),
        ("more", "position"),
        ("left_out", "too_long"),
        ("left_out", "too_long"),
    ]
