"""What is typed in Telegram becomes Markdown that shows the same."""

from typing import Any

import pytest

from conversations.editing.changes.typed_markdown import to_markdown
from conversations.text.markdown import render


def entity(kind: str, offset: int, length: int, **more: str) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("text", "entities", "markdown", "html"),
    [
        ("One.\n\nTwo.", [], "One.\n\nTwo.", "One.\n\nTwo."),
        ("One\nTwo", [], "One\\\nTwo", "One\nTwo"),
        ("Write now!", [entity("bold", 0, 5)], "**Write** now!", "<b>Write</b> now!"),
        ("Write now!", [entity("bold", 0, 6)], "**Write** now!", "<b>Write</b> now!"),
        (
            "😀 no, yes",
            [entity("italic", 3, 2), entity("strikethrough", 7, 3)],
            "😀 *no*, ~~yes~~",
            "😀 <i>no</i>, <s>yes</s>",
        ),
        (
            "both here",
            [entity("bold", 0, 9), entity("italic", 5, 4)],
            "**both *here***",
            "<b>both <i>here</i></b>",
        ),
        (
            "One\n\nTwo",
            [entity("bold", 0, 8)],
            "**One**\n\n**Two**",
            "<b>One</b>\n\n<b>Two</b>",
        ),
        (
            "our site",
            [entity("text_link", 4, 4, url="https://a.example/x")],
            "our [site](https://a.example/x)",
            'our <a href="https://a.example/x">site</a>',
        ),
        ("I ask:\n• one\n• two", [], "I ask:\n- one\n- two", "I ask:\n\n• one\n• two"),
        ("1. one\n2. two", [], "1. one\n2. two", "1. one\n2. two"),
        (
            "She said:\nyes\nno",
            [entity("blockquote", 10, 6)],
            "She said:\n> yes\n> no",
            "She said:\n\n<blockquote>yes no</blockquote>",
        ),
        (
            "**bold** [policy]({privacy_policy})",
            [],
            "**bold** [policy]({privacy_policy})",
            '<b>bold</b> <a href="{privacy_policy}">policy</a>',
        ),
        ("shown", [entity("spoiler", 0, 5), entity("underline", 0, 5)], "shown", "shown"),
    ],
)
def test_formatting_becomes_markdown(
    text: str, entities: list[dict[str, Any]], markdown: str, html: str
) -> None:
    assert to_markdown(text, entities) == markdown
    assert render(markdown) == html


@pytest.mark.parametrize("text", ["\ud800 x", "", "\n\n", "a" * 4096])
def test_hostile_texts_are_taken(text: str) -> None:
    to_markdown(text, [entity("bold", 0, 9999), entity("bold", 5, 0), {"type": "bold"}])
