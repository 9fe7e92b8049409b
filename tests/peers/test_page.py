"""The playground's page in Chromium: live updates, accessibility, phone and desktop layouts."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup

from bot.playground.demo import Demo, playground
from tests.conversations.play import OTHERS
from tests.peers.conftest import edit
from tests.peers.page import (
    AMARA,
    CHAN,
    JONAS,
    MARIA,
    chat_of,
    comes_to_the_review,
    hears,
    inbox_of,
    opened,
    press,
    say,
)


async def test_edited_messages_are_marked(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo) as page:
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        await press(maria, "Write the letter")
        await press(maria, "Continue")
        await press(maria, "Use “Maria Silva”")
        answered = maria.get_by_role("article", name="Action").filter(has_text="Your name: Maria")
        await expect(answered).to_contain_text("edited")
        await say(maria, "Portugall")
        await hears(maria, "Portugal?")
        await maria.get_by_label("Message", exact=True).press("ArrowUp")
        field = page.get_by_role("dialog").get_by_role("textbox")
        await expect(field).to_have_value("Portugall")
        await field.fill("Portugal")
        await page.get_by_role("button", name="Save").click()
        await hears(maria, "I saw that you edited a message")
        hers = maria.get_by_role("article", name="Maria Silva").filter(has_text="Portugal")
        await expect(hers).to_contain_text("edited")


async def test_typing_is_shown_until_a_message_arrives(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo) as page:
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        await hears(maria, "About two minutes.")
        await demo.app.base.telegram.request.bot.send_chat_action(MARIA, "typing")
        await expect(maria.locator(".status")).to_have_text("typing")
        await demo.app.base.telegram.request.bot.send_message(MARIA, "Here I am.")
        await expect(maria.locator(".status")).to_have_text("bot")


async def test_times_appear_in_the_zone_of_the_browser(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo, timezone_id="Asia/Taipei", locale="en-GB") as page:
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        await hears(maria, "About two minutes.")
        time = '<tg-time unix="1647531900" format="{}">15:45 UTC</tg-time>'
        texts = [f"{form}: {time.format(form)}" for form in ("t", "Dt", "r")]
        bot = demo.app.base.telegram.request.bot
        await bot.send_message(MARIA, "\n".join(texts), parse_mode="HTML")
        await hears(maria, "t: 23:45")
        await hears(maria, "Dt: 17 March 2022 at 23:45")
        await hears(maria, "r: 15:45 UTC")


async def test_the_button_that_sends_is_green_and_legible(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo) as page:
        maria = await comes_to_the_review(page)
        key = maria.get_by_role("button", name="Send in my name")
        await expect(key).to_have_css("background-color", "rgb(26, 127, 55)")
        await expect(key).to_have_css("color", "rgb(255, 255, 255)")


async def test_the_keys_of_a_reply_keyboard_send_their_labels(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo) as page:
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        await hears(maria, "About two minutes.")
        keys = ReplyKeyboardMarkup([["Red", "Green"]], one_time_keyboard=True)
        await demo.app.base.telegram.request.bot.send_message(MARIA, "Pick", reply_markup=keys)
        await press(maria, "Green")
        hers = maria.get_by_role("article", name="Maria Silva")
        await expect(hers.last).to_contain_text("Green")
        await expect(maria.get_by_role("group", name="Answers")).to_be_hidden()


async def test_each_person_has_a_language(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo) as page:
        maria = chat_of(page, MARIA)
        await maria.get_by_role("button", name="More for Maria Silva").click()
        await maria.get_by_role("menuitem", name="Telegram language").click()
        await page.get_by_role("dialog").get_by_role("combobox").select_option("zh-hant")
        await page.get_by_role("button", name="Set").click()
        await expect(maria).to_have_attribute("lang", "zh-hant")
        await press(maria, "Start")
        await hears(maria, "大約需要兩分鐘")
        await press(chat_of(page, JONAS), "Start")
        await hears(chat_of(page, JONAS), "Hello, Jonas Weber.")


@pytest.mark.parametrize(
    ("scheme", "size"), [("light", (1440, 900)), ("dark", (390, 844))], ids=["desk", "phone"]
)
async def test_a_campaigner_sends_a_photo_with_a_caption(
    browser: Browser, demo: Demo, scheme: Any, size: tuple[int, int]
) -> None:
    seen: Any = {"viewport": {"width": size[0], "height": size[1]}, "color_scheme": scheme}
    river = (OTHERS / "river" / "picture.png").read_bytes()
    files: Any = [
        {"name": "river.png", "mimeType": "image/png", "buffer": river},
        {"name": "report.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"},
    ]
    async with opened(browser, demo, **seen) as page:
        if size[0] < 760:
            await page.get_by_role("tab", name="Amara").click()
        amara = chat_of(page, AMARA)
        await press(amara, "Start")
        await hears(amara, "Hello, Amara Okafor.")
        await say(amara, "/broadcast")
        await hears(amara, "Send me the update")
        async with page.expect_file_chooser() as chooser:
            await amara.get_by_role("button", name="Attach files").click()
        await (await chooser.value).set_files(files)
        await expect(amara.get_by_role("img", name="river.png")).to_be_visible()
        assert await page.evaluate(NAMELESS) == []
        assert await page.evaluate(FAINT) == []
        await amara.get_by_role("button", name="Remove report.pdf").click()
        await say(amara, "They answered!")
        await hears(amara, "Who gets it?")
        update = amara.get_by_role("article", name="Action").filter(has_text="They answered!")
        await expect(update.get_by_role("img")).to_be_visible()
        await expect(amara.get_by_role("list", name="Attached files")).to_be_hidden()


async def test_a_blocked_bot_can_be_unblocked(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo) as page:
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        await hears(maria, "About two minutes.")
        await maria.get_by_role("button", name="More for Maria Silva").click()
        await maria.get_by_role("menuitem", name="Block the bot").click()
        await press(maria, "Unblock")
        await say(maria, "/help")
        await hears(maria, "To reach a person:")


async def test_empty_chats_say_what_to_try(browser: Browser, demo: Demo, campaign: Path) -> None:
    async with opened(browser, demo) as page:
        await expect(chat_of(page, AMARA)).to_contain_text(str(campaign.parent))
        await expect(chat_of(page, JONAS)).to_contain_text("looks after the bot")


async def test_two_windows_show_the_same(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo) as page, opened(browser, demo) as other:
        await press(chat_of(page, MARIA), "Start")
        await press(chat_of(other, MARIA), "Write the letter")
        await hears(chat_of(page, MARIA), "Please read this first.")


async def test_a_page_reconnects_after_a_restart(browser: Browser, campaign: Path) -> None:
    folders = [campaign.parents[1] / name for name in ("before", "after")]
    for folder in folders:
        folder.mkdir()
    async with playground(0, campaign.parent, folders[0]) as before:
        page = await browser.new_page()
        await page.goto(before.site.url)
        await press(chat_of(page, MARIA), "Start")
        await hears(chat_of(page, MARIA), "About two minutes.")
        port = int(before.site.url.rpartition(":")[2])
    await expect(page.get_by_text("Connecting…")).to_be_visible()
    async with playground(port, campaign.parent, folders[1]):
        await press(chat_of(page, MARIA), "Start")
        await hears(chat_of(page, MARIA), "About two minutes.")
        await expect(page.get_by_text("Connecting…")).to_be_hidden()
        await page.close()


async def test_a_broken_campaign_shows_its_mistakes_until_they_are_fixed(
    browser: Browser, demo: Demo, campaign: Path
) -> None:
    async with opened(browser, demo) as page:
        texts = campaign / "en.md"
        edit(texts, "{demands}", "{demads}")
        alert = page.get_by_role("alert")
        await expect(alert).to_contain_text("hong-kong/en.md")
        await expect(alert).to_contain_text("Did you mean demands?")
        await expect(alert).to_contain_text("the bot still uses the last correct version")
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        await hears(maria, "Stand up for people")
        edit(texts, "{demads}", "{demands}")
        edit(texts, "Stand up for people's", "Defend people's")
        await expect(alert).to_be_hidden()
        jonas = chat_of(page, JONAS)
        await press(jonas, "Start")
        await press(jonas, "See it as a supporter")
        await hears(jonas, "Defend people's rights")


async def test_translators_see_keys(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo) as page:
        await page.get_by_role("button", name="Show keys").click()
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        await hears(maria, "⟦welcome.about⟧")


async def test_the_newest_message_stays_visible(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo, viewport={"width": 1440, "height": 700}) as page:
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        await expect(maria.get_by_role("button", name="🌐 Language")).to_be_in_viewport(ratio=1)
        await maria.get_by_role("log").evaluate("log => log.scrollTo(0, 0)")
        down = maria.get_by_role("button", name="Scroll to newest")
        await expect(down).to_be_visible()
        await demo.app.base.telegram.request.bot.send_message(MARIA, "Here I am.")
        await expect(maria.get_by_text("Here I am.")).not_to_be_in_viewport()
        await down.click()
        await expect(maria.get_by_text("Here I am.")).to_be_in_viewport(ratio=1)
        await expect(down).to_be_hidden()


async def test_what_a_button_does_is_seen_at_once(browser: Browser, demo: Demo) -> None:
    """Also if the reader has scrolled up to the button."""
    async with opened(browser, demo, viewport={"width": 1440, "height": 700}) as page:
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        write = maria.get_by_role("button", name="Write the letter")
        await expect(write).to_be_in_viewport(ratio=1)
        await maria.get_by_role("log").evaluate("log => log.scrollTo(0, 0)")
        await expect(maria.get_by_role("button", name="Scroll to newest")).to_be_visible()
        await write.evaluate("button => button.click()")  # Playwright would scroll to it first
        await expect(maria.get_by_role("button", name="Continue")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [1366, 1400])
async def test_every_chat_and_the_inbox_are_seen_at_once_on_a_laptop(
    browser: Browser, demo: Demo, width: int
) -> None:
    async with opened(browser, demo, viewport={"width": width, "height": 800}) as page:
        for column in await page.locator(".column").all():
            await expect(column).to_be_in_viewport(ratio=1)
        await expect(page.locator(".column")).to_have_count(5)


async def test_nothing_is_cut_off_on_the_narrowest_phone(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo, viewport={"width": 320, "height": 640}) as page:
        maria = chat_of(page, MARIA)
        await press(maria, "Start")
        await hears(maria, "About two minutes.")
        keys = ReplyKeyboardMarkup([["Rindfleischetikettierungsüberwachungsaufgabe", "Nein"]])
        button = InlineKeyboardButton("Datenschutzgrundverordnungserklärung", callback_data="x")
        for markup in (InlineKeyboardMarkup([[button, button, button]]), keys):
            await demo.app.base.telegram.request.bot.send_message(
                MARIA, "x" * 200, reply_markup=markup
            )
        await expect(maria.get_by_role("button", name="Nein")).to_be_visible()
        for tab in await page.get_by_role("tab").all():
            await tab.click()
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width == 320, await tab.text_content()


NAMELESS = """() => [...document.querySelectorAll('button, a, input, select, textarea, [role]')]
  .filter(element => element.checkVisibility() && !element.closest('[aria-hidden=true]'))
  .filter(element => !(element.getAttribute('aria-label') || element.labels?.length
    || element.textContent.trim() || element.querySelector('img[alt]')
    || ['status', 'presentation'].includes(element.getAttribute('role'))))
  .map(element => element.outerHTML.slice(0, 120))"""

FAINT = """() => {
  // Contrast as WCAG 2.2 counts it, against the worst colour that may be behind a text.
  const numbers = colour => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const over = ([r, g, b, a = 1], back) => [r, g, b].map((c, i) => c * a + back[i] * (1 - a));
  const light = colour => colour.map(c => c / 255)
    .map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const ratio = (one, two) => {
    const [dark, bright] = [light(one), light(two)].sort((a, b) => a - b);
    return (bright + .05) / (dark + .05);
  };
  const behind = element => {
    if (!element) return [[255, 255, 255]];
    const style = getComputedStyle(element);
    const own = numbers(style.backgroundColor);
    if ((own[3] ?? 1) === 1 && own.length) return [own];
    const painted = style.backgroundImage.match(/rgba?\\([^)]*\\)/g)?.map(numbers) ?? [];
    const backs = painted.length && painted.some(([, , , a = 1]) => a > 0)
      ? painted.filter(([, , , a = 1]) => a > 0).map(colour => colour.slice(0, 3))
      : behind(element.parentElement);
    return own[3] ? backs.map(back => over(own, back)) : backs;
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const ignored = '[aria-hidden=true], .visually-hidden, .spoiler, script, noscript';
    if (element.closest(ignored)) continue;
    const ink = numbers(getComputedStyle(element).color);
    const worst = Math.min(...behind(element).map(back => ratio(over(ink, back), back)));
    if (worst < 4.5) faint.push(`${worst.toFixed(2)} ${walker.currentNode.data.slice(0, 40)}`);
  }
  return faint;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everything_has_a_name_and_can_be_read(
    browser: Browser, demo: Demo, campaign: Path, scheme: Any
) -> None:
    wide = {"width": 1440, "height": 900}
    async with opened(browser, demo, viewport=wide, color_scheme=scheme) as page:
        maria = await comes_to_the_review(page)
        await press(maria, "Send in my name")
        await hears(maria, "Your letter was sent at")
        await press(chat_of(page, CHAN), "Start")
        await hears(chat_of(page, CHAN), "大約需要兩分鐘")
        for kind in ("sticker", "voice", "photo", "document"):
            demo.telegram.people[CHAN].send_other(kind)
        edit(campaign / "en.md", "{demands}", "{demads}")
        await demo.app.base.campaigns.publish_now()
        await expect(page.get_by_role("alert")).to_be_visible()
        await maria.get_by_role("button", name="Commands").click()
        await expect(maria.get_by_role("menuitem", name="/help")).to_be_visible()
        assert await page.evaluate(NAMELESS) == []
        assert await page.evaluate(FAINT) == []


async def test_screen_readers_get_roles_and_live_regions(browser: Browser, demo: Demo) -> None:
    async with opened(browser, demo, viewport={"width": 390, "height": 844}) as page:
        for log in await page.locator("[role=log]").all():
            assert await log.get_attribute("aria-live") == "polite"
        panel = page.get_by_role("tabpanel", name="Maria Silva")
        await expect(panel.get_by_role("log", name="Messages of Maria Silva")).to_be_visible()
        await expect(page.get_by_role("tab", selected=True, name="Maria")).to_be_visible()
        await page.get_by_role("tab", name="Maria").focus()
        await page.keyboard.press("End")
        await expect(page.get_by_role("tab", name="Inbox")).to_be_focused()
        await expect(inbox_of(page)).to_be_visible()


async def moves(page: Page) -> bool:
    """Whether a message that arrives is animated."""
    seconds = "getComputedStyle(document.querySelector('.message')).animationDuration"
    return float((await page.evaluate(seconds)).removesuffix("s")) > 0.01


@pytest.mark.parametrize(("wish", "moving"), [("reduce", False), ("no-preference", True)])
async def test_reduced_motion_is_respected(
    browser: Browser, demo: Demo, wish: str, moving: bool
) -> None:
    async with opened(browser, demo, reduced_motion=wish) as page:
        await press(chat_of(page, MARIA), "Start")
        await hears(chat_of(page, MARIA), "About two minutes.")
        assert await moves(page) is moving
