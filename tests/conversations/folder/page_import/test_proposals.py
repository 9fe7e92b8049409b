"""A proposal for any page loses no paragraph, fits into messages, and can be changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.folder.page_import.documents import read_pasted
from conversations.folder.page_import.page_parts import Part, Proposal
from conversations.folder.page_import.paragraphs import Kind, Paragraph
from conversations.folder.page_import.recognition import MAX_LENGTHS, propose
from tests.conversations.folder.page_import.proposals import joined, rows
from tests.cpu_time import at_most


def test_a_paragraph_can_be_moved_and_dropped() -> None:
    proposal = propose(read_pasted("Action\nSave the heron pond\nThe pond dries up."))
    changed = proposal.move(2, Part.MORE).drop(0)
    assert rows(changed.placed) == [
        ("left_out", "campaigner", "Action"),
        ("title", "position", "Save the heron pond"),
        ("more", "campaigner", "The pond dries up."),
    ]
    assert list(changed.missing()) == [Part.LABEL, Part.STORY, Part.ASK, Part.DEMANDS]
    assert rows(proposal.placed)[0] == ("label", "words", "Action")
    with pytest.raises(IndexError):
        proposal.move(3, Part.MORE)


PIECES = (
    *("Action", "Background", "Our demands", "What you can do", "Privacy", "Share on Facebook"),
    *("The government must act.", "Write to the minister.", "Replies go to us.", "We demand:"),
    *("Home | News | Contact", "© 2026", "行動", "政府必須行動。", "以你的名義", "x", "?", "1 2"),
    *("A short line", "It has been dry since May. " * 30, "By signing you agree to it."),
)
PARAGRAPHS = st.lists(
    st.builds(
        Paragraph,
        st.one_of(
            st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map(" ".join),
            st.text(min_size=1, max_size=200),
        )
        .map(lambda text: " ".join(text.split()))
        .filter(bool),
        st.sampled_from(Kind),
        st.integers(0, 6),
        st.booleans(),
    ),
    max_size=30,
)


@given(PARAGRAPHS)
def test_no_paragraph_is_lost_or_duplicated(paragraphs: list[Paragraph]) -> None:
    proposal = propose(paragraphs)
    assert joined(each.paragraph for each in proposal.placed) == joined(paragraphs)
    by_part = [each for part in Part for each in proposal.paragraphs(part)]
    assert len(by_part) == len(proposal.placed) >= len(paragraphs)
    assert propose(paragraphs) == proposal


@given(PARAGRAPHS)
def test_the_parts_fit_into_messages(paragraphs: list[Paragraph]) -> None:
    proposal = propose(paragraphs)
    assert len(proposal.paragraphs(Part.TITLE)) <= 1
    assert len(proposal.paragraphs(Part.LABEL)) <= 1
    for part, longest in MAX_LENGTHS.items():
        assert sum(len(each.text) for each in proposal.paragraphs(part)) <= longest


@given(PARAGRAPHS.filter(bool), st.data())
def test_moving_changes_one_paragraph(paragraphs: list[Paragraph], data: st.DataObject) -> None:
    proposal = propose(paragraphs)
    number = data.draw(st.integers(0, len(proposal.placed) - 1))
    part = data.draw(st.sampled_from(Part))
    moved = proposal.move(number, part)
    assert moved.placed[number].part is part
    others = [each for n, each in enumerate(proposal.placed) if n != number]
    assert [each for n, each in enumerate(moved.placed) if n != number] == others


@pytest.mark.parametrize(
    "text",
    [
        "x" * 100_000,
        "word " * 20_000,
        "you agree. " * 9_000,
        "your answers reply to you from your address " * 2_200,
        "A. " * 33_000,
        "。" * 100_000,
        "must: " * 16_000,
        "| a " * 25_000,
        "你的電郵" * 25_000,
        "回覆我們" * 25_000,
        "not " * 25_000,
    ],
)
@pytest.mark.parametrize("lines", [1, 900])
def test_proposing_is_quick(text: str, lines: int) -> None:
    size = len(text) // lines
    paragraphs = [Paragraph(text[n : n + size].strip()) for n in range(0, len(text) - 1, size)]
    with at_most(500_000_000):
        proposal: Proposal = propose(each for each in paragraphs if each.text)
    assert joined(each.paragraph for each in proposal.placed) == joined(paragraphs)
