"""No panel of staff has more buttons than a phone shows at once."""

import pytest

from tests.chat import Chat, Stage
from tests.stories.test_team import first_admin

MOST = 7
CAMPAIGNER = ("broadcast", "broadcasts", "stats", "settings", "language", "mydata")
ADMIN = (*CAMPAIGNER, "status", "team", "audit", "invite")
LEAVING = {"See it as a supporter", "Delete everything", "Copy link"}
"""Buttons that leave the panels of staff, or show nothing."""


def fits(chat: Chat, way: list[str]) -> list[str]:
    """See that the bot's last message has few buttons; return their labels."""
    labels = [label for row in chat.buttons for label in row]
    assert len(labels) <= MOST, f"{way}: {labels}"
    return labels


async def walk(chat: Chat, command: str) -> None:
    """Press each button of a command's panel, beginning again each time."""
    await chat.says(f"/{command}")
    for label in fits(chat, [command]):
        if label in LEAVING:
            continue
        await chat.says(f"/{command}")
        if label in chat.all_buttons:
            await chat.presses(label)
        fits(chat, [command, label])


async def test_panels_of_a_campaigner(stage: Stage, olga: Chat) -> None:
    stage.opens("river")
    await olga.starts()
    fits(olga, ["start"])
    for command in CAMPAIGNER:
        await walk(olga, command)


async def test_panels_of_an_admin(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    olga = await first_admin(stage)
    await olga.starts()
    fits(olga, ["start"])
    for command in ADMIN:
        await walk(olga, command)


@pytest.mark.parametrize("page", ["Campaign ▾", "Took action ▾", "Language ▾", "Country ▾"])
async def test_panels_of_the_audience(stage: Stage, olga: Chat, page: str) -> None:
    await olga.starts("hong-kong")
    await olga.says("/broadcast", "Good news")
    fits(olga, ["the draft"])
    await olga.presses("Audience ▾")
    fits(olga, ["audience"])
    await olga.presses(page)
    fits(olga, [page])
