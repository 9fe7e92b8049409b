"""axe-core finds nothing wrong with the playground's page: light, dark, phone, right to left."""

from importlib.resources import files
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.playground.demo import Demo
from tests.peers.page import AMARA, MARIA, chat_of, hears, opened, press, say

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
FOLDED = (
    "<blockquote expandable>One.\nTwo.\nThree, at https://three.example\nFour.\nFive, at"
    ' <a href="https://five.example">the fifth place</a>.</blockquote>'
)
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}

HEIGHT = "element => element.clientHeight"
VIOLATIONS = """async () => (await axe.run()).violations.flatMap(rule =>
  rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 120)} ${node.failureSummary}`))"""


async def violations(page: Page) -> list[str]:
    """Return each place that breaks a rule of axe-core, in all its default rules."""
    await page.evaluate(AXE)
    found: list[str] = await page.evaluate(VIOLATIONS)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["en", "ar"])
async def test_axe_finds_no_violation(
    browser: Browser, demo: Demo, scheme: Any, size: Any, language: str
) -> None:
    demo.telegram.people[MARIA].set_language(language)
    # While a message fades in, its colours are not what they will be.
    seen = {"viewport": size, "color_scheme": scheme, "reduced_motion": "reduce"}
    async with opened(browser, demo, **seen) as page:
        assert await violations(page) == []
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        buttons = maria.locator(".keyboard button")
        await expect(buttons.first).to_be_visible()
        assert await violations(page) == []
        await buttons.first.click()
        await expect(maria.get_by_role("article").nth(2)).to_be_visible()
        assert await violations(page) == []
        bot = demo.app.base.telegram.request.bot
        await bot.send_message(MARIA, FOLDED, parse_mode="HTML")
        unfold = maria.get_by_role("button", name="Whole quote").last
        await expect(unfold).to_be_visible()
        assert await violations(page) == []
        await unfold.click()
        assert await violations(page) == []
        await maria.get_by_role("button", name="More for Maria Silva").click()
        assert await violations(page) == []
        await page.keyboard.press("Escape")
        for tab in await page.get_by_role("tab").all():
            if await tab.is_visible():  # on a phone
                await tab.click()
            assert await violations(page) == []


async def test_a_folded_quote_unfolds_by_keyboard_and_by_mouse(
    browser: Browser, demo: Demo
) -> None:
    async with opened(browser, demo, viewport=DESK) as page:
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        await hears(maria, "About two minutes.")
        bot = demo.app.base.telegram.request.bot
        await bot.send_message(MARIA, FOLDED, parse_mode="HTML")
        quote = maria.locator("blockquote").last
        toggle = maria.get_by_role("button", name="Whole quote").last
        await expect(toggle).to_have_attribute("aria-expanded", "false")
        folded = await quote.evaluate(HEIGHT)
        await toggle.press("Enter")
        await expect(toggle).to_have_attribute("aria-expanded", "true")
        assert await quote.evaluate(HEIGHT) > folded
        await toggle.press("Space")
        await expect(toggle).to_have_attribute("aria-expanded", "false")
        assert await quote.evaluate(HEIGHT) == folded
        await quote.get_by_role("link", name="the fifth place").focus()
        await expect(toggle).to_have_attribute("aria-expanded", "true")
        await toggle.press("Space")
        await quote.click(position={"x": 20, "y": 10})
        await expect(toggle).to_have_attribute("aria-expanded", "true")


async def test_a_picture_of_figures_is_told_in_words(browser: Browser, demo: Demo) -> None:
    """The picture refers to the words under it, which say the same."""
    async with opened(browser, demo, viewport=DESK, reduced_motion="reduce") as page:
        amara = chat_of(page, AMARA)
        await press(amara, "Start")
        await hears(amara, "Hello, Amara Okafor.")
        await say(amara, "/stats")
        picture = amara.get_by_role("img", name="Picture: ")
        await expect(picture).to_be_visible()
        assert await violations(page) == []
