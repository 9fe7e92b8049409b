"""The page of a standalone playground in Chromium: a bot of others, and nothing of ours."""

from typing import Any

import aiohttp
from playwright.async_api import Browser, expect

from bot.playground.bots import Bots
from bot.playground.standalone import Standalone
from tests.peers.page import CHAN, MARIA, chat_of, hears, inbox_of, press

KEYBOARD = '{"inline_keyboard": [[{"text": "Sunday", "callback_data": "sunday"}]]}'


async def test_a_bot_of_others_is_used_on_its_page(browser: Browser) -> None:
    wrong: list[str] = []
    page = await browser.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    async with Standalone(Bots()) as running, aiohttp.ClientSession() as session:

        async def call(method: str, **fields: str) -> Any:
            path = f"{running.url}/bot123456:any-secret/{method}"
            async with session.post(path, data=fields) as response:
                return (await response.json())["result"]

        await page.goto(running.url)
        await expect(page.get_by_text("No bot yet.")).to_be_visible()
        await call("getMe")
        await page.get_by_role("link", name="Bot 123456").click()
        await press(chat_of(page, MARIA), "Start")
        asked = {"chat_id": f"{MARIA}", "text": "Which day?", "reply_markup": KEYBOARD}
        (start,) = await call("getUpdates", timeout="20")
        await call("sendMessage", **asked)
        await press(chat_of(page, MARIA), "Sunday")
        offset = str(start["update_id"] + 1)
        (pressed,) = await call("getUpdates", timeout="20", offset=offset)
        query = pressed["callback_query"]["id"]
        await call("answerCallbackQuery", callback_query_id=query, text="Noted")
        await hears(chat_of(page, MARIA), "Noted")
        await expect(chat_of(page, CHAN)).to_contain_text("has not written to it yet")
        await expect(inbox_of(page)).to_have_count(0)
        for hidden in (page.get_by_text("arrives in the inbox"), page.get_by_text("Show keys")):
            await expect(hidden).to_be_hidden()
        await page.close()
    assert wrong == []
