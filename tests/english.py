"""The bot's English texts as a chat shows them, for tests that wait and don't compare wording."""

from conversations.text.catalogues import SUPPORTERS, entries
from conversations.text.html import Html, plain
from conversations.text.languages import DEFAULT


def opening(key: str) -> str:
    """Return how the text of `key` begins: its first line, up to the first value in it.

    A value at the very beginning, such as a question's number, is left out.
    """
    template = entries(DEFAULT, SUPPORTERS).texts[key][0]
    line = plain(Html(template)).partition("\n")[0]
    if line.startswith("{"):
        line = line.partition("}")[2]
    said = line.partition("{")[0].strip()
    assert said
    return said
