"""Helpers that use the playground's page as a person does."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Locator, Page, expect

from bot.playground.demo import Demo

CODE = re.compile(r"\d{4} \d{4}")
MARIA, CHAN, AMARA, JONAS = 1001, 1002, 1003, 1004


@asynccontextmanager
async def opened(browser: Browser, demo: Demo, **how: object) -> AsyncIterator[Page]:
    """Open the page, and see that nothing goes wrong in it."""
    page = await browser.new_page(**how)  # type: ignore[arg-type]
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    await page.goto(demo.site.url)
    yield page
    assert wrong == []
    await page.close()


def chat_of(page: Page, person: int) -> Locator:
    return page.locator(f'section[data-person="{person}"]')


def inbox_of(page: Page) -> Locator:
    return page.locator("section[data-inbox]")


async def press(chat: Locator, label: str) -> None:
    await chat.get_by_role("button", name=label, exact=True).last.click()


async def say(chat: Locator, text: str) -> None:
    box = chat.get_by_label("Message", exact=True)
    await box.fill(text)
    await box.press("Enter")


async def hears(chat: Locator, text: str) -> None:
    """Wait until the chat's newest messages hold `text`; a letter takes its time to leave."""
    await expect(chat.get_by_text(text).last).to_be_visible()


async def code(page: Page) -> str:
    """Wait for the mail with the code, in sight or not, and return the code."""
    heading = inbox_of(page).locator("h3", has_text=CODE).first
    await heading.wait_for(state="attached")
    found = CODE.search(await heading.text_content() or "")
    assert found
    return found[0]


async def comes_to_the_review(page: Page) -> Locator:
    """Walk Maria's way in English until the letter stands before her."""
    maria = chat_of(page, MARIA)
    await press(maria, "Start")
    await press(maria, "Write the letter")
    await press(maria, "Continue")
    await press(maria, "Use “Maria Silva”")
    await press(maria, "🇵🇹 Portugal")
    await hears(maria, "3/4 ·")
    await say(maria, "maria@mail.example")
    await say(maria, await code(page))
    await hears(maria, "This is your letter.")
    return maria
