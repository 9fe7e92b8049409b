"""What a phone of 390 by 844 points shows at once: the first message, the review, all buttons."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot.playground.demo import Demo, playground
from tests.peers.conftest import edit
from tests.peers.page import MARIA, chat_of, code, opened, say

PHONE = {"width": 390, "height": 844}
GERMAN = Path(__file__).with_name("german.md")

BESIDE = """message => {
  const seen = message.closest('.log').getBoundingClientRect();
  return [...message.querySelectorAll('.picture, .text, .key')].filter(part => {
    const box = part.getBoundingClientRect();
    return box.top < seen.top || box.bottom > seen.bottom || box.left < 0 || box.right > 390;
  }).map(part => part.textContent || 'the picture');
}"""
"""Returns the parts of a message that can't be seen without scrolling."""

CUT = """message => [...message.querySelectorAll('.key')].filter(key => {
  const label = document.createRange();
  label.selectNodeContents(key.querySelector('span'));
  const text = label.getBoundingClientRect(), box = key.getBoundingClientRect();
  const lines = new Set([...label.getClientRects()].map(line => Math.round(line.top)));
  return lines.size > 1 || text.left < box.left || text.right > box.right;
}).map(key => key.textContent)"""
"""Returns the buttons whose labels Telegram would cut: they need more than one line."""

UNFOLDED = """message => {
  const text = message.querySelector('.text').cloneNode(true);
  text.querySelectorAll('.folded').forEach(quote => quote.remove());
  return text.textContent;
}"""
"""Returns the text of a message without what is folded."""

REVIEWS = {
    "en": (
        "This is your letter. Your details: Maria Silva, Portugal · maria@mail.example\n"
        "To: Chief Executive, Government of Hong Kong\n"
        "Subject: Withdraw the extradition bill and protect peaceful protest\n"
        "I ask the government of Hong Kong to:\n1. withdraw",
        "3. allow a prompt, effective,",
        "explicitly consent",
        "Respectfully,",
    ),
    "de": (
        "Das ist dein Brief. Deine Angaben: Maria Silva, Portugal · maria@mail.example\n"
        "An: Regierungschefin von Hongkong\n"
        "Betreff: Auslieferungsgesetz zurückziehen, friedlichen Protest schützen\n"
        "Ich bitte die Regierung von Hongkong:\n1. die Änderungen",
        "3. eine rasche, wirksame,",
        "willigst du ausdrücklich ein",
        "Hochachtungsvoll",
    ),
    "zh-hant": (
        "這是你的信。你的資料：Maria Silva，葡萄牙 · maria@mail.example\n"
        "收件人：香港特別行政區行政長官\n主旨：請撤回《逃犯條例》修訂草案，保障和平示威的權利\n"
        "我促請香港特別行政區政府：\n1. 立即撤回",
        "3. 容許就香港警方",
        "即表示你明確同意",
        "Maria Silva",
    ),
    "ar": (
        "هذه رسالتك. معلوماتك: Maria Silva، Portugal · maria@mail.example\n"
        "إلى: Chief Executive, Government of Hong Kong\n"
        "الموضوع: Withdraw the extradition bill and protect peaceful protest\n"
        "أطلب من حكومة هونغ كونغ:\n1. أن تسحب",
        "3. أن تسمح بتحقيق",
        "موافقة صريحة",
        "Respectfully,",
    ),
}
"""What the review shows unfolded, in each language: its beginning, the last demand and the
agreement; and words of the letter that are folded.
"""


def also_in_german(campaign: Path) -> None:
    """Add German to the campaign. Its target reads it, and nobody is at risk."""
    shutil.copy(GERMAN, campaign / "de.md")
    file = campaign / "campaign.toml"
    edit(
        file,
        'languages = ["en", "zh-Hant", "zh-Hans"',
        'languages = ["de", "en", "zh-Hant", "zh-Hans"',
    )
    edit(file, 'languages = ["en", "zh-Hant"]\n', 'languages = ["de", "en", "zh-Hant"]\n')
    edit(file, "[targets.name]\n", '[targets.name]\nde = "Regierungschefin von Hongkong"\n')
    edit(file, 'at_risk = ["HK", "CN"]', "at_risk = []")


@pytest.fixture(params=REVIEWS)
def language(request: pytest.FixtureRequest, campaign: Path) -> str:
    """A language of the campaign, whose counter is shown from the first letter on."""
    edit(campaign / "campaign.toml", "show_counter_from = 5", "show_counter_from = 1")
    if request.param == "de":
        also_in_german(campaign)
    return str(request.param)


@pytest_asyncio.fixture
async def used(campaign: Path, tmp_path: Path) -> AsyncIterator[Demo]:
    """Run the demo with some hundred letters that were sent before."""
    async with playground(0, campaign.parent, tmp_path, with_history=True) as demo:
        yield demo


def newest(page: Page) -> Locator:
    """Return the bot's newest message."""
    return chat_of(page, MARIA).locator("article.theirs").last


async def fits(page: Page) -> None:
    """See that the newest message is seen as a whole, and that no button is cut."""
    await expect(newest(page).locator(".key").last).to_be_visible()
    assert await newest(page).evaluate(BESIDE) == []
    assert await newest(page).evaluate(CUT) == []


async def answers(page: Page, number: int = 0, typed: str = "") -> None:
    """Answer with what is `typed`, else with a button, and wait for the next question."""
    said = await newest(page).get_attribute("data-message")
    if typed:
        await say(chat_of(page, MARIA), typed)
    else:
        await newest(page).locator(".key").nth(number).tap()
    await expect(newest(page)).not_to_have_attribute("data-message", said or "")


async def test_the_first_message_and_the_review_fit_a_phone(
    browser: Browser, language: str, used: Demo
) -> None:
    used.telegram.people[MARIA].set_language(language)
    begins, demand, agreement, folded = REVIEWS[language]
    seen = {"viewport": PHONE, "has_touch": True, "reduced_motion": "reduce"}
    async with opened(browser, used, **seen) as page:
        await chat_of(page, MARIA).locator(".wide-key").first.tap()
        await expect(newest(page).locator("img.picture")).to_be_visible()
        await expect(newest(page)).to_contain_text(re.compile(r"20.?000"))
        await fits(page)
        await answers(page)
        if language != "de":
            await fits(page)
            await answers(page, number=-1)
        await fits(page)
        await answers(page)
        await fits(page)
        await answers(page)
        await fits(page)
        await answers(page, typed="maria@mail.example")
        await fits(page)
        await answers(page, typed=await code(page))
        await expect(newest(page).locator(".key.success")).to_be_visible()
        await fits(page)
        unfolded = (await newest(page).evaluate(UNFOLDED)).translate({0x2068: None, 0x2069: None})
        assert unfolded.startswith(begins)
        assert demand in unfolded
        assert agreement in unfolded
        assert folded not in unfolded.replace(begins, "")
        await expect(newest(page).locator(".folded").first).to_contain_text(folded)


async def test_arabic_is_read_from_right_to_left(browser: Browser, demo: Demo) -> None:
    demo.telegram.people[MARIA].set_language("ar")
    async with opened(browser, demo, viewport=PHONE, has_touch=True) as page:
        await chat_of(page, MARIA).locator(".wide-key").first.tap()
        quote = newest(page).locator(".folded")
        await expect(quote).to_have_css("direction", "rtl")
        await expect(quote).to_have_css("border-right-style", "solid")
        await expect(newest(page).locator(".text")).to_have_css("direction", "rtl")
        await expect(newest(page).locator(".stamp")).to_have_css("float", "inline-end")
