"""The demo in Chromium: whole journeys by mouse, touch and keyboard, and the mail inbox."""

from pathlib import Path

from playwright.async_api import Browser, Locator, Page, expect

from bot.playground.demo import Demo
from tests.peers.conftest import edit
from tests.peers.page import (
    CHAN,
    MARIA,
    chat_of,
    code,
    comes_to_the_review,
    hears,
    inbox_of,
    opened,
    press,
    say,
)


async def test_the_whole_journey_by_mouse(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo, viewport={"width": 1440, "height": 900}) as page:
        maria = await comes_to_the_review(page)
        await press(maria, "Send in my name")
        await hears(maria, "Your letter was sent at")

        inbox = inbox_of(page)
        await expect(inbox).to_contain_text("2 emails")
        letter = inbox.get_by_role("article").filter(has_text="Respectfully,")
        await expect(letter).to_contain_text("chief-executive@government-hk.example")
        await expect(letter).to_contain_text("Maria Silva")
        await letter.get_by_text("Raw source").click()
        await expect(letter.locator("pre")).to_contain_text("Reply-To: Maria Silva")
        await expect(letter.locator("pre")).to_contain_text("<maria@mail.example>")


async def test_the_whole_journey_on_a_phone_in_dark_mode_in_chinese(
    browser: Browser, demo: Demo
) -> None:
    phone = {"width": 390, "height": 844}
    async with opened(browser, demo, viewport=phone, color_scheme="dark", has_touch=True) as page:
        await page.get_by_role("tab", name="陳").tap()
        chan = chat_of(page, CHAN)
        for label in ("Start", "寫信", "繼續", "使用「陳 大文」"):
            await chan.get_by_role("button", name=label, exact=True).last.tap()
        await hears(chan, "2/4 ·")
        await say(chan, "台灣")
        await hears(chan, "3/4 ·")
        await say(chan, "chan@mail.example")
        await say(chan, await code(page))
        await hears(chan, "這是你的信")
        await press(chan, "以我的名義寄出")
        await hears(chan, "你的信已於")

        tab = page.get_by_role("tab", name="Inbox")
        await expect(tab).to_contain_text("2 new")
        await tab.tap()
        await expect(inbox_of(page).get_by_role("article").first).to_contain_text("陳 大文")
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width == 390, "nothing sticks out at the side"


async def reach(page: Page, target: Locator, key: str = "Shift+Tab") -> None:
    """Move the focus to `target` with the keyboard."""
    await expect(target).to_be_visible()
    for _ in range(60):
        if await target.evaluate("element => element === document.activeElement"):
            return
        await page.keyboard.press(key)
    raise AssertionError("the keyboard does not get there")


async def test_the_whole_journey_by_keyboard(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo) as page:
        maria = chat_of(page, MARIA)
        box = maria.get_by_label("Message", exact=True)

        async def enter(label: str) -> None:
            await reach(page, maria.get_by_role("button", name=label, exact=True).last)
            await page.keyboard.press("Enter")

        await reach(page, maria.get_by_role("button", name="Start", exact=True), "Tab")
        await page.keyboard.press("Enter")
        await expect(box).to_be_focused()
        await enter("Write the letter")
        await hears(maria, "Please read this first.")
        await enter("Continue")
        await hears(maria, "What’s your name?")
        await reach(page, box, "Tab")
        await page.keyboard.type("Maria Silva\n")
        await hears(maria, "Which country")
        await enter("🇵🇹 Portugal")
        await hears(maria, "3/4 ·")
        await reach(page, box, "Tab")
        await page.keyboard.type("maria@mail.example\n")
        await page.keyboard.type(f"{await code(page)}\n")
        await hears(maria, "This is your letter.")
        await enter("Send in my name")
        await hears(maria, "Your letter was sent at")
        letter = inbox_of(page).get_by_role("article").filter(has_text="Respectfully,")
        await reach(page, letter.locator("summary"), "Tab")
        await page.keyboard.press("Enter")
        await expect(letter.locator("pre")).to_contain_text("Reply-To: Maria Silva")


async def test_menus_work_by_keyboard(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo) as page:
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        commands = maria.get_by_role("button", name="Commands")
        await reach(page, commands)
        await page.keyboard.press("Enter")
        await expect(maria.get_by_role("menuitem", name="/start")).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await expect(maria.get_by_role("menuitem", name="/help")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(commands).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("End")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await hears(maria, "To reach a person:")


async def test_a_supporter_at_risk_helps_without_a_name(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo) as page:
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        await press(maria, "Write the letter")
        await press(maria, "Continue")
        await press(maria, "Use “Maria Silva”")
        await hears(maria, "Which country")
        await say(maria, "Hong Kong")
        await hears(maria, "Please read this first.")
        await press(maria, "Help without my name")
        await hears(maria, "No letter was sent, and I haven’t kept your answers.")
        await expect(inbox_of(page)).to_contain_text("No email yet.")


async def test_undo_cancels_the_letter(browser: Browser, demo: Demo, campaign: Path) -> None:
    edit(campaign / "campaign.toml", "undo_seconds = 1", "undo_seconds = 600")
    await demo.app.base.campaigns.publish_now()
    async with opened(browser, demo) as page:
        maria = await comes_to_the_review(page)
        await press(maria, "Send in my name")
        await press(maria, "Undo")
        await hears(maria, "Your letter was cancelled. Nothing was sent.")
        await hears(maria, "Here’s your letter again")
        await expect(inbox_of(page)).to_contain_text("1 email")


async def test_a_toast_says_when_a_code_can_be_sent_again(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo) as page:
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        await press(maria, "Write the letter")
        await press(maria, "Continue")
        await press(maria, "Use “Maria Silva”")
        await press(maria, "🇵🇹 Portugal")
        await hears(maria, "3/4 ·")
        await say(maria, "maria@mail.example")
        await code(page)
        await press(maria, "No code yet?")
        await press(maria, "Send a new code")
        await expect(maria.get_by_role("status")).to_contain_text("seconds")
        await expect(inbox_of(page)).to_contain_text("1 email")
