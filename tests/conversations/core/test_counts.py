"""What may be many is shown as “1,000+”."""

import pytest

from conversations.core.counts import counted
from conversations.text.wording import Wording


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [
        ("en", 1, "<b>Mail:</b> 1 waiting."),
        ("en", 1_000, "<b>Mail:</b> 1,000 waiting."),
        ("en", 1_001, "<b>Mail:</b> 1,000+ waiting."),
        ("de", 1_001, "<b>E-Mails:</b> 1.000+ warten."),
    ],
)
def test_many_letters_are_not_counted(language: str, number: int, text: str) -> None:
    assert Wording(language).say("overview.wait", count=counted(number)) == text
