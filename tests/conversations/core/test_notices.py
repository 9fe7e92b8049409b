"""What a notice about people's data can say, and its frame."""

from dataclasses import replace

import pytest

from conversations.core.facts import Deployment
from conversations.core.notices import MAX_NOTICE, find_problem, framed, new_notice
from tests.conversations.play import HONG_KONG, RIVER

POLICY = "https://river.example/privacy"
DEPLOYMENT = Deployment(
    {"river": RIVER.model_copy(update={"privacy_policy": POLICY})},
    "river_bot",
    "actions@send.example",
    "tests@send.example",
)


@pytest.mark.parametrize(
    "text",
    [
        "On 3 May a copy of our database was stolen. No keys were in it. You need do nothing.",
        f"Your name may be known to others. Read {POLICY} or use /forget.",
        "On 2026-05-03 at 14:00 a backup was lost: 1,024 letters.",
        "x" * MAX_NOTICE,
    ],
)
def test_a_notice_is_plain_text(text: str) -> None:
    assert find_problem(DEPLOYMENT, text) == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (" \n ", "notice.empty"),
        ("x" * (MAX_NOTICE + 1), "notice.long"),
        ("Vote now: https://vote.example", "notice.link"),
        ("Vote now: vote.com", "notice.link"),
        (f"See {POLICY}.vote.example", "notice.link"),
        (f"See {POLICY}/../vote", "notice.link"),
        (f"See {POLICY}?to=vote", "notice.link"),
        ("Write to @somebody", "notice.link"),
        ("Write to some" + "body@vote.example", "notice.link"),
        ("Open t.me/somebody", "notice.link"),
        ("Open tg://resolve?domain=x", "notice.link"),
        ("Call +41 22 555 01 23", "notice.link"),
        ("Go to vo\u200bte.com", "notice.link"),
        ("Go to \u202emoc.etov", "notice.link"),
    ],
)
def test_a_notice_has_no_links_but_the_privacy_policy(text: str, problem: str) -> None:
    assert find_problem(DEPLOYMENT, text) == problem


def test_its_frame_says_whose_it_is_and_why_people_get_it() -> None:
    notice = new_notice("a" * 32, {"en": "A backup <was> lost."})
    assert framed(DEPLOYMENT, notice, "fr") == (
        f"<b>A notice about your data from {RIVER.organisation}</b>\n\nA backup &lt;was&gt; lost."
        "\n\nYou get it whatever you subscribed to, because it concerns data that we hold or held"
        f" about you. Privacy policy: {POLICY}"
    )


def test_it_names_every_organisation_once_in_the_readers_language() -> None:
    both = {"river": RIVER, "twin": RIVER, "hong-kong": HONG_KONG}
    notice = new_notice("a" * 32, {"en": "A backup was lost.", "zh-Hant": "備份遺失了。"})
    shown = framed(replace(DEPLOYMENT, campaigns=both), notice, "zh-Hant")
    assert shown.startswith(
        f"<b>{RIVER.organisation}, {HONG_KONG.organisation} 關於你的資料的通知</b>\n\n備份遺失了。"
    )
