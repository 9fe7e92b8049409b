"""On a phone, a campaigner who knows no terminal makes a campaign from a page."""

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot.playground.demo import Demo
from tests.peers.page import JONAS, chat_of, hears, opened
from tests.peers.test_phone import CUT, PHONE

PAGE = Path(__file__).with_name("pasted_page.txt")
MAX_TAPS = 30
MAX_SECONDS = 600


class Hand:
    """Uses Jonas's chat by touch, and counts the taps. Typing a text and sending it is one tap."""

    def __init__(self, page: Page, folder: Path | None = None) -> None:
        self.chat = chat_of(page, JONAS)
        self.taps = 0
        self._page = page
        self._folder = folder

    @property
    def newest(self) -> Locator:
        return self.chat.locator("article.theirs").last

    async def taps_on(self, label: str, then: str) -> None:
        """Tap a button of the newest message, and wait until the chat says `then`."""
        self.taps += 1
        await self.newest.get_by_role("button", name=label, exact=True).tap()
        await self._sees(then)

    async def sends(self, text: str, then: str) -> None:
        """Paste or type a text, and wait until the chat says `then`."""
        self.taps += 1
        await self.chat.get_by_label("Message", exact=True).fill(text)
        await self.chat.get_by_label("Send message").tap()
        await self._sees(then)

    async def _sees(self, text: str) -> None:
        """Wait for a text, and see that no button of the newest message is cut or out of sight."""
        await expect(self.newest).to_contain_text(text)
        last = self.newest.locator(".key").last
        await expect(last).to_be_in_viewport(ratio=1)
        assert await self.newest.evaluate(CUT) == []
        if self._folder is not None:
            path = self._folder / f"{self.taps:02}.png"
            await self._page.screenshot(path=path)


@pytest_asyncio.fixture
async def hand(browser: Browser, demo: Demo) -> AsyncIterator[Hand]:
    async with opened(browser, demo, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        await page.get_by_role("tab", name="Jonas").tap()
        yield Hand(page)


async def makes_a_campaign(hand: Hand, text: str) -> None:
    """Make a campaign in test mode from a page, with everything that it needs to go live."""
    await hand.chat.get_by_role("button", name="Start").tap()
    await hears(hand.chat, "Hello, Jonas Weber.")
    await hand.taps_on("Campaigns", "none waiting")
    await hand.taps_on("New campaign…", "Paste its text here")
    await hand.sends(text, "Is every part in its place?")
    await hand.taps_on("All right, go on", "Who does the letter go to?")
    await hand.taps_on("A government or office", "What should the letter call them?")
    await hand.sends("Minister for the Sea", "Which email address gets the letters?")
    await hand.sends("minister@sea.example", "In which country is that?")
    await hand.sends("Portugal", "Could it put people in danger")
    await hand.taps_on("Nobody, nowhere", "the subject of the email?")
    await hand.taps_on("Use the title", "Why does the supporter write?")
    await hand.taps_on("Use the story", "Which organisation runs the campaign?")
    await hand.sends("Harbour Watch", "postal address?")
    await hand.sends("Quay 4\nPort Ellery", "does a person answer supporters?")
    await hand.sends("people@harbour.example", "check that this bot is yours?")
    await hand.sends("harbour.example/ellery", "Where is your privacy policy?")
    await hand.sends("harbour.example/privacy", "may data about this campaign be kept?")
    day = await hand.newest.locator(".key").first.text_content() or ""
    await hand.taps_on(day, "Which short name should its link have?")
    slug = await hand.newest.locator(".key").first.text_content() or ""
    await hand.taps_on(slug, "is ready to be tried")
    await hand.taps_on("Create in test mode", "is in test mode")


async def test_a_page_becomes_a_campaign_within_minutes_and_thirty_taps(hand: Hand) -> None:
    began = time.monotonic()
    await makes_a_campaign(hand, PAGE.read_text("utf-8"))
    assert hand.taps <= MAX_TAPS
    assert time.monotonic() - began < MAX_SECONDS
    await hand.taps_on("Try it yourself", "TEST MODE")
    await expect(hand.newest).to_contain_text("Let the fishing boats of Port Ellery back in")


async def test_a_long_text_is_pasted_as_several_messages(hand: Hand) -> None:
    await hand.chat.get_by_role("button", name="Start").tap()
    await hears(hand.chat, "Hello, Jonas Weber.")
    await hand.taps_on("Campaigns", "none waiting")
    await hand.taps_on("New campaign…", "Paste its text here")
    story = "Ninety families live from the sea, and the harbour is locked. " * 80
    text = PAGE.read_text("utf-8").replace("Why it matters", f"{story}\n\nWhy it matters")
    await hand.sends(text, "Is every part in its place?")
    mine = hand.chat.locator("article.mine")
    assert await mine.filter(has_text="Ninety families").count() == 2
    await expect(hand.newest).to_contain_text("We demand that the minister (+3)")


async def test_a_file_is_attached(hand: Hand) -> None:
    await hand.chat.get_by_role("button", name="Start").tap()
    await hears(hand.chat, "Hello, Jonas Weber.")
    await hand.taps_on("Campaigns", "none waiting")
    await hand.taps_on("New campaign…", "Paste its text here")
    await hand.chat.locator("input[type=file]").set_input_files(PAGE)
    await hand.chat.get_by_label("Send message").tap()
    await expect(hand.newest).to_contain_text(re.compile("Title: Let the fishing boats"))
