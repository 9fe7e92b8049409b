"""No panel of staff has more buttons than a phone shows at once."""

import re
import shutil

import pytest

from conversations.model.roles import Role
from conversations.text.languages import offered
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.campaigners import appoint
from tests.stories.staff.test_team import first_admin, invited

TITLE = "Let the Amieiro flow"

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


def opens_campaigns(stage: Stage, count: int) -> list[str]:
    """Open this many campaigns; return their titles. All but one have the longest slug."""
    stage.opens("river")
    titles = [TITLE]
    for number in range(2, count + 1):
        slug, title = f"river-with-the-longest-name-{number:02}", f"River {number}"
        assert len(slug) == 30
        shutil.copytree(stage.campaigns / "river", stage.campaigns / slug)
        stage.edits(f"{slug}/campaign.toml", 'slug = "river"', f'slug = "{slug}"')
        stage.edits(f"{slug}/en.md", TITLE, title)
        titles.append(title)
    return titles


async def turns(chat: Chat) -> list[str]:
    """Turn through all pages of a panel, until the first one comes again.

    Return the buttons that are not on every page.
    """
    pages = [fits(chat, ["page 1"])]
    while len(pages) == 1 or pages[-1] != pages[0]:
        (turn,) = [each for each in pages[-1] if each == "More…" or re.fullmatch(r"\d/\d …", each)]
        await chat.presses(turn)
        pages.append(fits(chat, [turn]))
    fixed = set(pages[0]).intersection(*pages)
    return [
        each
        for page in pages[:-1]
        for each in page
        if each not in fixed and not each.endswith(" …")
    ]


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


# --- the panel of one campaign ------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 9])
@pytest.mark.parametrize("paused", [False, True])
async def test_panels_of_a_campaign_in_test_mode(stage: Stage, count: int, paused: bool) -> None:
    titles = opens_campaigns(stage, count)
    olga = await first_admin(stage)

    async def opens() -> None:
        await olga.says("/campaigns")
        if count > 1:
            await olga.presses(titles[0])

    changes = ["Switch to test mode", *(["Pause letters"] if paused else [])]
    for change in changes:
        await opens()
        await olga.presses(change, "Yes, do it")
    await opens()
    panel = fits(olga, ["campaign"])
    back = ["Back"] if count > 1 else ["New campaign…"]
    pause = "Resume letters" if paused else "Pause letters"
    assert panel == ["Edit", pause, "Close", "Go live", "Try it yourself", "More…", *back]
    for label in (pause, "Close", "Go live", "Edit", "More…"):
        await opens()
        await olga.presses(label)
        fits(olga, [label])
    await olga.presses("Back")
    assert fits(olga, ["campaign"]) == panel


async def test_an_admin_goes_through_the_panel_of_a_campaign(stage: Stage) -> None:
    titles = opens_campaigns(stage, 9)
    olga = await first_admin(stage)
    await olga.says("/campaigns")
    assert olga.heard()[-1].count("\n• ") == 5, "the campaigns of this page"
    await olga.presses("More…")
    assert olga.heard()[-1].count("\n• ") == 4
    await olga.presses(titles[-1], "Close", "Yes, do it")
    olga.hears("✎ “River 9” is closed. You can reopen it here.")
    await olga.presses("Back")
    assert fits(olga, ["campaign"])[:3] == ["Edit", "Pause letters", "Reopen"]


# --- lists with pages ---------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["campaigns", "screens"])
async def test_lists_of_nine_campaigns(stage: Stage, command: str) -> None:
    titles = opens_campaigns(stage, 9)
    olga = await first_admin(stage)
    await olga.says(f"/{command}")
    assert await turns(olga) == titles


async def test_the_figures_of_nine_campaigns(stage: Stage) -> None:
    titles = opens_campaigns(stage, 9)
    olga = await first_admin(stage)
    await olga.says("/stats")
    (campaign,) = [each for each in fits(olga, ["stats"]) if each.endswith("▾")]
    await olga.presses(campaign)
    assert await turns(olga) == ["✓ All campaigns", *titles]
    await olga.presses("More…", titles[-1])
    assert fits(olga, ["stats"])[4:] == ["River 9 ▾", "CSV", "Send regularly…"]


async def test_a_team_of_nine(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    for number in range(1, 9):
        ana = stage.person(f"Ana {number}")
        await ana.starts(await invited(olga, Role.CAMPAIGNER))
    await olga.says("/team")
    assert len(await turns(olga)) == 9


async def test_a_supporter_chooses_among_nine_campaigns(stage: Stage) -> None:
    titles = opens_campaigns(stage, 9)
    maria = stage.person("Maria")
    await maria.starts()
    assert await turns(maria) == titles
    await maria.says("River 9")
    assert maria.buttons[0] == ["Write the letter"]
    await maria.starts("unknown")
    await maria.presses("2/2 …", "River 8")
    assert maria.buttons[0] == ["Write the letter"]


async def test_broadcasts_of_nine_campaigns(stage: Stage) -> None:
    titles = opens_campaigns(stage, 9)
    olga = stage.person("Olga")
    appoint(stage, olga)
    await olga.says("/broadcast", "Good news")
    await olga.presses("Audience ▾", "Campaign ▾")
    shown = await turns(olga)
    assert [each.removeprefix("✓ ") for each in shown[:10]] == [*titles, "all campaigns"]
    await olga.presses("Back", "Add… ▾", "Add translation")
    await turns(olga)
    await olga.presses("Back", "Add… ▾", "Add button")
    assert len(await turns(olga)) == 18
    await olga.presses("More…")
    chosen = fits(olga, ["page 2"])[0]
    await olga.presses(chosen)
    fits(olga, ["panel"])


async def test_links_of_many_sources(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    for number in range(8):
        await olga.says("/campaigns")
        await olga.presses("More…", "Links", "Add a source")
        await olga.says(f"flyer-{number}")
    await olga.says("/campaigns")
    await olga.presses("More…", "Links")
    assert "flyer-7" in await turns(olga)
    await olga.presses("Remove a source")
    assert await turns(olga) == [f"✕ flyer-{number}" for number in range(8)]
    await olga.presses("More…", "✕ flyer-7")
    fits(olga, ["sources"])


async def test_a_notice_in_many_languages(stage: Stage, maria: Chat) -> None:
    olga, rui = stage.person("Olga"), stage.person("Rui")
    appoint(stage, admins=(olga.person.id, rui.person.id))
    await rui.starts()
    await olga.says("/notice", "We move our data to another server.")
    assert len(await turns(olga)) == len(offered()) - 1
