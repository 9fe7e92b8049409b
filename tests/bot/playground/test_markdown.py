"""Both kinds of Markdown (Bot API, "Formatting options"), and what Telegram refuses in them."""

from typing import Any

import pytest

from bot.playground.telegram import Person
from tests.bot.playground.api_client import ApiClient, bad_request


def entity(kind: str, offset: int, length: int, **more: str) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("text", "plain", "entities"),
    [
        (
            "*b* _i_ __u__ ~s~ ||h||",
            "b i u s h",
            [
                entity("bold", 0, 1),
                entity("italic", 2, 1),
                entity("underline", 4, 1),
                entity("strikethrough", 6, 1),
                entity("spoiler", 8, 1),
            ],
        ),
        ("*bold _italic_*", "bold italic", [entity("bold", 0, 11), entity("italic", 5, 6)]),
        ("1\\. a\\*b\\!", "1. a*b!", []),
        ("👍 `a*b\\``", "👍 a*b`", [entity("code", 3, 4)]),
        ("```py\nx = 1\n```", "x = 1", [entity("pre", 0, 5, language="py")]),
        ("```x```", "x", [entity("pre", 0, 1)]),
        (
            "[a b](https://river\\.example/x\\))",
            "a b",
            [entity("text_link", 0, 3, url="https://river.example/x)")],
        ),
        ("[nowhere](relative)", "nowhere", []),
        (">one\n>two\nthree", "one\ntwo\nthree", [entity("blockquote", 0, 8)]),
        (">end", "end", [entity("blockquote", 0, 3)]),
    ],
)
async def test_markdown_v2(
    api: ApiClient, maria: Person, text: str, plain: str, entities: Any
) -> None:
    said = await api.send(maria, text, parse_mode="MarkdownV2")
    assert (said["text"], said.get("entities", [])) == (plain, entities)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Hello.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("a|b", "Character '|' is reserved and must be escaped with the preceding '\\'"),
        ("é *bold", "Can't find end of Bold entity at byte offset 3"),
        ("[a", "Can't find end of TextUrl entity at byte offset 0"),
        ("*a _b*_", "Can't find end of Italic entity at byte offset 6"),
        ("`a", "Can't find end of Code entity at byte offset 0"),
    ],
)
async def test_broken_markdown_v2(api: ApiClient, maria: Person, text: str, problem: str) -> None:
    said = await api.send(maria, text, parse_mode="MarkdownV2")
    assert said == bad_request(f"can't parse entities: {problem}")


async def test_the_older_markdown(api: ApiClient, maria: Person) -> None:
    text = "*b* _i_ `c_` [l](https://river.example) \\*. [x]"
    said = await api.send(maria, text, parse_mode="Markdown")
    assert (said["text"], said["entities"]) == (
        "b i c_ l *. x",
        [
            entity("bold", 0, 1),
            entity("italic", 2, 1),
            entity("code", 4, 2),
            entity("text_link", 7, 1, url="https://river.example"),
        ],
    )
    broken = await api.send(maria, "snake_case", parse_mode="Markdown")
    problem = "can't parse entities: Can't find end of the entity starting at byte offset 5"
    assert broken == bad_request(problem)
