"""Takes the screenshots for the guides: `.venv/bin/python -m tests.peers.pictures`."""

import asyncio
import base64
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Locator, async_playwright

from bot.playground.demo import SAMPLES, playground
from tests.peers.conftest import FLAGS, edit
from tests.peers.page import AMARA, CHAN, MARIA, chat_of, code, hears, press, say

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PHONE = {"width": 360, "height": 640}


async def frame(chat: Locator, top: str | None = None) -> bytes:
    """Take what a phone shows: the newest, or from the message with the text `top` on."""
    if top is not None:
        message = chat.get_by_role("article").filter(has_text=top).last
        await message.evaluate("m => m.parentElement.scrollTo(0, m.offsetTop - 70)")
    await chat.page.evaluate("document.activeElement.blur()")
    await chat.page.mouse.move(0, 0)
    await chat.page.wait_for_timeout(400)  # for animations and fonts: nothing is tested here
    return await chat.locator(".phone").screenshot()


async def side_by_side(browser: Browser, name: str, frames: list[bytes]) -> None:
    pictures = "".join(
        f'<img src="data:image/png;base64,{base64.b64encode(frame).decode()}">' for frame in frames
    )
    style = (
        "body { margin: 0; padding: 6px; display: inline-flex; gap: 20px }"
        "img { border-radius: 22px; box-shadow: 0 0 0 1px #8a97a3; filter: url(#plain) }"
    )
    # Some 30 shades of each colour look the same, and make small files.
    shades = " ".join(f"{shade / 35:.3f}" for shade in range(36))
    curves = "".join(f'<feFunc{c} type="discrete" tableValues="{shades}"/>' for c in "RGB")
    plain = (
        '<svg width="0" height="0" style="position: absolute"><filter id="plain" '
        'color-interpolation-filters="sRGB"><feComponentTransfer>'
        f"{curves}</feComponentTransfer></filter></svg>"
    )
    page = await browser.new_page(viewport={"width": 1920, "height": 800})
    await page.set_content(f"<style>{style}</style><body>{plain}{pictures}</body>")
    picture = await page.locator("body").screenshot(omit_background=True)
    (PICTURES / f"{name}.png").write_bytes(picture)
    await page.close()


@asynccontextmanager
async def phone(browser: Browser, url: str, person: int, scheme: str) -> AsyncIterator[Locator]:
    """Open one chat on a phone, without the page's own head."""
    page = await browser.new_page(
        viewport=PHONE,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=True,
    )
    await page.goto(url)
    await page.locator(f"#tab-chat-{person}").click()
    # A plain wall makes small files of the pictures.
    await page.add_style_tag(
        content=".top, .tabs, .down { display: none !important }"
        ".chat .stage { background: var(--wall-b) !important }"
    )
    yield chat_of(page, person)
    await page.close()


async def journey(browser: Browser, url: str) -> None:
    async with phone(browser, url, MARIA, "light") as maria:
        await press(maria, "Start")
        await hears(maria, "About two minutes.")
        frames = [await frame(maria, "Action ·")]
        await press(maria, "Write the letter")
        await press(maria, "Continue")
        await press(maria, "Use “Maria Silva”")
        await hears(maria, "Which country")
        frames.append(await frame(maria))
        await press(maria, "🇵🇹 Portugal")
        await hears(maria, "3/4 ·")
        await say(maria, "maria@mail.example")
        await say(maria, await code(maria.page))
        await hears(maria, "This is your letter.")
        frames.append(await frame(maria, "This is your letter."))
        await press(maria, "Send in my name")
        await hears(maria, "Your letter was sent at")
        frames.append(await frame(maria))
    await side_by_side(browser, "journey", frames)


async def at_risk(browser: Browser, url: str) -> None:
    async with phone(browser, url, AMARA, "light") as amara:
        await press(amara, "Start")
        await press(amara, "See it as a supporter")
        await press(amara, "Write the letter")
        await press(amara, "Continue")
        await press(amara, "Use “Amara Okafor”")
        await hears(amara, "Which country")
        await say(amara, "Hong Kong")
        await hears(amara, "Please read this first.")
        frames = [await frame(amara)]
        await press(amara, "Help without my name")
        await hears(amara, "No letter was sent")
        frames.append(await frame(amara))
    await side_by_side(browser, "at-risk", frames)


async def in_chinese(browser: Browser, url: str) -> None:
    async with phone(browser, url, CHAN, "dark") as chan:
        await press(chan, "Start")
        await hears(chan, "大約需要兩分鐘")
        frames = [await frame(chan, "行動 ·")]
        for label in ("寫信", "繼續", "使用「陳 大文」", "🇹🇼 台灣"):
            await press(chan, label)
        await hears(chan, "3/4 ·")
        frames.append(await frame(chan))
        await say(chan, "chan@mail.example")
        await say(chan, await code(chan.page))
        await hears(chan, "這是你的信")
        await press(chan, "以我的名義寄出")
        await hears(chan, "你的信已於")
        frames.append(await frame(chan))
    await side_by_side(browser, "in-chinese", frames)


async def main() -> None:
    async with async_playwright() as driver:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = await driver.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for take in (journey, at_risk, in_chinese):
            with tempfile.TemporaryDirectory() as folder:
                campaigns = Path(folder) / "campaigns"
                shutil.copytree(SAMPLES, campaigns)
                edit(campaigns / "hong-kong" / "campaign.toml", "seconds = 30", "seconds = 1")
                async with playground(0, campaigns, Path(folder)) as demo:
                    await take(browser, demo.site.url)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
