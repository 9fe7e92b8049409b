"""The files of a campaign that is made from a page."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.folder.leftovers import find_leftovers
from conversations.folder.loading import load_files
from conversations.folder.page_import.cue_words import guess_language
from conversations.folder.page_import.documents import read_document, read_pasted
from conversations.folder.page_import.page_campaign import campaign_from_page
from conversations.folder.page_import.page_parts import Part, Placed, Proposal, Reason
from conversations.folder.page_import.paragraphs import Kind, PageError, Paragraph
from conversations.folder.page_import.recognition import propose
from conversations.model.campaigns.campaign import Campaign, Texts
from tests.conversations.folder.page_import import pages


def campaign(proposal: Proposal, language: str = "en") -> Campaign:
    """Return the loaded campaign, in which there is no mistake."""
    loaded = load_files(campaign_from_page(proposal, "herons", language))
    assert [each for each in loaded.mistakes if each.is_error] == []
    assert loaded.campaign is not None
    return loaded.campaign


def texts_with(part: Part, *paragraphs: Paragraph) -> Texts:
    proposal = Proposal(tuple(Placed(each, part, Reason.WORDS) for each in paragraphs))
    return campaign(proposal).texts["en"]


def page_of(path: Path) -> Proposal:
    return propose(read_document(path.name, path.read_bytes()))


@pytest.mark.parametrize("path", pages.ALL, ids=lambda path: path.stem)
def test_every_page_becomes_a_campaign_in_test_mode(path: Path) -> None:
    language = guess_language(path.read_text("utf-8")) or "it"
    made = campaign(page_of(path), language)
    assert made.languages == (language,)
    assert made.test


def test_the_texts_are_below_their_headings() -> None:
    texts = campaign(page_of(pages.NUMBERED)).texts["en"]
    assert (texts.label, texts.title) == ("Action", "Keep the night trains running")
    assert texts.story == (
        "Every night, eleven trains cross the Alder valley. For people without a car they are the "
        "only way home.\n\n"
        "In March the railway announced that it will end the service in October. It asked none of "
        "the forty villages along the line, and it has not published the figures on which the "
        "decision rests."
    )
    assert texts.ask == "Write to the Minister for Transport today: one email takes two minutes."
    assert texts.demands == (
        "We call on the minister to:\n\n"
        "1. keep all eleven night trains until 2035;\n"
        "2. publish the figures;\n"
        "3. ask the villages before any change."
    )


def test_what_is_left_to_write() -> None:
    files = campaign_from_page(page_of(pages.NUMBERED), "trains", "en")
    loaded = load_files(files)
    assert loaded.campaign is not None
    found = [
        (each.where, each.problem) for each in find_leftovers(files, loaded.campaign, is_error=True)
    ]
    assert found[:5] == [
        ("trains/campaign.toml:6 organisation", "This is still the skeleton's value."),
        ("trains/campaign.toml:7 contact", "This is still the skeleton's value."),
        ("trains/campaign.toml:8 official_page", "This is still the skeleton's value."),
        ("trains/campaign.toml:9 privacy_policy", "This is still the skeleton's value."),
        (
            "trains/campaign.toml:36 first target (minister): address",
            "This is still the skeleton's value.",
        ),
    ]
    assert found[5:] == [
        (f"trains/en.md:{line}", f"“{heading}” still contains the skeleton's text.")
        for line, heading in (
            *((23, "Subject"), (27, "Letter"), (52, "Who is responsible")),
            (60, "Recipient"),
        )
    ]


@pytest.mark.parametrize("path", pages.ALL, ids=lambda path: path.stem)
def test_notes_on_privacy_are_in_no_file(path: Path) -> None:
    proposal = page_of(path)
    files = campaign_from_page(proposal, "herons", "en")
    written = " ".join(content.decode() for content in files.content.values())
    left_out = [each for each in proposal.placed if each.reason is Reason.NOTICE]
    assert [each for each in left_out if each.paragraph.text in written] == []


def test_the_notice_and_the_consent_are_those_of_the_skeleton() -> None:
    made = campaign(page_of(pages.NUMBERED)).texts["en"]
    empty = campaign(Proposal(())).texts["en"]
    assert (made.notice, made.consent, made.safety) == (empty.notice, empty.consent, empty.safety)


def test_headings_and_lists_behind_read_more() -> None:
    more = texts_with(
        Part.MORE,
        Paragraph("The law", Kind.HEADING),
        Paragraph("Nobody voted for it."),
        Paragraph("first", Kind.ITEM, is_numbered=True),
        Paragraph("second", Kind.ITEM, is_numbered=True),
        Paragraph("And"),
        Paragraph("again", Kind.ITEM),
    ).more
    assert more == (
        "<b>The law</b>\n\nNobody voted for it.\n\n1. first\n2. second\n\nAnd\n\n• again"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*not* _emphasis_ `code` ~~gone~~", "*not* _emphasis_ `code` ~~gone~~"),
        ("[a](tg://x) <b>R&amp;D</b>", "[a](tg://x) &lt;b&gt;R&amp;amp;D&lt;/b&gt;"),
        ("# no heading", "# no heading"),
        ("## Letter", "## Letter"),
        ("> no quote", "&gt; no quote"),
        ("- no item", "- no item"),
        ("+ no item", "+ no item"),
        ("1. no item", "1. no item"),
        ("2) no item", "2) no item"),
        ("{name} and {nobody}", "(name) and (nobody)"),
        ("back\\slash\\", "back\\slash\\"),
        ("![picture](x)", "![picture](x)"),
        ("https://river.example/a_b_c*", "https://river.example/a_b_c*"),
        ("=== x", "=== x"),
        ("--- x", "--- x"),
    ],
)
def test_signs_of_markdown_are_shown_as_they_are(text: str, shown: str) -> None:
    assert texts_with(Part.STORY, Paragraph("Before."), Paragraph(text)).story == (
        f"Before.\n\n{shown}"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("# Letter", "Letter"),
        ("## # Letter #", "Letter #"),
        ("#Hashtag stays", "#Hashtag stays"),
        ("{demands}", "(demands)"),
        ("1. stays", "1. stays"),
    ],
)
def test_a_plain_line_is_no_heading(text: str, written: str) -> None:
    assert texts_with(Part.DEMANDS, Paragraph(text)).demands == written
    assert texts_with(Part.TITLE, Paragraph(text)).title == written


def test_two_paragraphs_in_the_title_are_one_line() -> None:
    title = texts_with(Part.TITLE, Paragraph("Save the pond"), Paragraph("now")).title
    assert title == "Save the pond now"


SIGNS = st.text(
    st.one_of(st.sampled_from("#*_[]()<>`~&\\{}-+=.:!1a é行\n\t|"), st.characters()), max_size=300
)


@given(st.lists(SIGNS, min_size=1, max_size=8).map("\n".join))
@settings(max_examples=60)
def test_any_text_becomes_a_campaign_without_mistakes(text: str) -> None:
    try:
        paragraphs = read_pasted(text)
    except PageError:
        return
    campaign(propose(paragraphs))
    for part in (Part.STORY, Part.MORE, Part.DEMANDS, Part.TITLE):
        texts_with(part, *paragraphs[:3])
