"""The text that a reader of an HTML email sees, whatever a hostile email contains."""

import pytest

from bot.mail.incoming.html_text import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Dear&nbsp;Ms Q,<br>see <b>you</b></p><p>Monday</p>", "Dear Ms Q,\nsee you\n\nMonday"),
        ("<style>p{}</style><!-- x --><script>'<p>'</script>Yes", "Yes"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
        ('<a href="https://gov.example/1">form</a>', "form (https://gov.example/1)"),
        ('<a href="https://gov.example/1">https://gov.example/1</a>', "https://gov.example/1"),
        ('<a href="javascript:x()">form</a>', "form"),
        ("5 < 6 &amp; 7 > 6", "5 < 6 & 7 > 6"),
        ("<p>unfinished <b", "unfinished <b"),
        ("", ""),
    ],
)
def test_what_a_reader_sees(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    "piece", ["<", "<!--", "<div>", '<a href="', "</a ", "<a b='", "&#", "<p>\n"]
)
def test_repeated_pieces_take_time_in_proportion(piece: str) -> None:
    """Standard parsers take minutes for some of these."""
    assert html_to_text(piece * (300_000 // len(piece))) is not None
