"""The playground in Chromium: the whole journey is clicked, and the letter read in the inbox."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.playground.demo import SAMPLES, Demo, playground

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    assert chromium, "install Chromium: apt install chromium"
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    campaigns = tmp_path / "campaigns"
    shutil.copytree(SAMPLES / "hong-kong", campaigns / "hong-kong")
    file = campaigns / "hong-kong" / "campaign.toml"
    quick = file.read_text("utf-8").replace("undo_seconds = 30", "undo_seconds = 1")
    file.write_text(quick, "utf-8")
    async with playground(0, campaigns, tmp_path) as demo:
        yield demo


async def opened(browser: Browser, demo: Demo, **how: object) -> tuple[Page, list[str]]:
    """Open the page; what goes wrong in it is listed."""
    page = await browser.new_page(**how)  # type: ignore[arg-type]
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    await page.goto(demo.site.url)
    return page, wrong


async def press(chat: Locator, label: str) -> None:
    await chat.get_by_role("button", name=label, exact=True).last.click()


async def say(chat: Locator, text: str) -> None:
    box = chat.get_by_label("Message", exact=True)
    await box.fill(text)
    await box.press("Enter")


async def test_the_whole_journey_is_clicked(browser: Browser, demo: Demo) -> None:
    page, wrong = await opened(browser, demo, viewport={"width": 1440, "height": 900})
    maria = page.get_by_role("region", name="Maria Silva")
    inbox = page.get_by_role("region", name="Inbox")

    await press(maria, "Start")
    await press(maria, "Write the letter")
    await press(maria, "Use “Maria Silva”")
    await press(maria, "🇵🇹 Portugal")
    await expect(maria.get_by_text("3 of 3")).to_be_visible()
    await say(maria, "maria@mail.example")
    heading = inbox.get_by_role("heading", name="is your code for the letter")
    await expect(heading).to_be_visible()
    await say(maria, (await heading.inner_text())[:9])
    await press(maria, "Send in my name")
    await expect(maria.get_by_text("Your letter left at")).to_be_visible(timeout=15_000)

    letter = inbox.get_by_role("article").filter(has_text="Withdraw the extradition bill")
    await expect(letter).to_contain_text("chief-executive@government-hk.example")
    await expect(letter).to_contain_text("Maria Silva")
    await letter.get_by_text("Raw source").click()
    await expect(letter.locator("pre")).to_contain_text("Reply-To: Maria Silva")
    assert wrong == []
    await page.close()


async def test_a_phone_in_the_dark_in_chinese(browser: Browser, demo: Demo) -> None:
    page, wrong = await opened(
        browser, demo, viewport={"width": 390, "height": 844}, color_scheme="dark"
    )
    await page.get_by_role("tab", name="陳").click()
    chan = page.locator('section[data-person="1002"]')
    await press(chan, "Start")
    await press(chan, "寫信")
    await expect(chan.get_by_text("第 1 題，共 3 題")).to_be_visible()
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width == 390, "nothing sticks out at the side"
    assert wrong == []
    await page.close()


async def test_a_keyboard_is_enough(browser: Browser, demo: Demo) -> None:
    page, wrong = await opened(browser, demo)
    maria = page.locator('section[data-person="1001"]')
    await maria.get_by_role("button", name="Start", exact=True).focus()
    await page.keyboard.press("Enter")
    write = maria.get_by_role("button", name="Write the letter")
    await expect(write).to_be_visible()
    await write.focus()
    await page.keyboard.press("Enter")
    await expect(maria.get_by_text("Your name?")).to_be_visible()
    await expect(maria.get_by_role("log")).to_have_attribute("aria-live", "polite")
    assert wrong == []
    await page.close()


async def test_a_broken_campaign_shows_its_mistakes_and_a_mended_one_at_once(
    browser: Browser, demo: Demo, tmp_path: Path
) -> None:
    page, wrong = await opened(browser, demo)
    texts = tmp_path / "campaigns" / "hong-kong" / "en.md"
    right = texts.read_text("utf-8")
    texts.write_text(right.replace("{demands}", "{demads}"), "utf-8")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("hong-kong/en.md")
    await expect(alert).to_contain_text("Did you mean demands?")
    texts.write_text(right.replace("Stand up for people's", "Defend people's"), "utf-8")
    await expect(alert).to_be_hidden()
    maria = page.locator('section[data-person="1001"]')
    await press(maria, "Start")
    await expect(maria.get_by_text("Defend people's rights")).to_be_visible()
    assert wrong == []
    await page.close()


async def test_translators_see_keys(browser: Browser, demo: Demo) -> None:
    page, wrong = await opened(browser, demo)
    await page.get_by_role("button", name="Show keys").click()
    maria = page.locator('section[data-person="1001"]')
    await press(maria, "Start")
    await expect(maria.get_by_text("⟦welcome.about⟧")).to_be_visible()
    assert wrong == []
    await page.close()
