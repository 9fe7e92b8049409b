"""What may be many is counted up to a limit, so that no screen costs more the more letters wait."""

from conversations.text.wording import AtLeast

MOST_COUNTED = 1_000
"""Up to which number letters are counted. `/stats` has the exact numbers, which are tallied."""


def counted(number: int) -> int:
    """Return a number of letters for a text: of more than MOST_COUNTED, “1,000+”."""
    return AtLeast(MOST_COUNTED) if number > MOST_COUNTED else number
