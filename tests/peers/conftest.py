"""Fixtures: Chromium, the demo, and an organisation that runs commands."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from bot.playground.demo import SAMPLES, Demo, playground
from tests.bot.conftest import organisation

__all__ = ["organisation"]

expect.set_options(timeout=15_000)  # milliseconds; a busy machine takes long to show an answer

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """Run Chromium without a window."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    assert chromium, "install Chromium: apt install chromium"
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """A copy of the sample campaign that the test can change; letters are sent after a second."""
    campaign = tmp_path / "campaigns" / "hong-kong"
    shutil.copytree(SAMPLES / "hong-kong", campaign)
    edit(campaign / "campaign.toml", "undo_seconds = 30", "undo_seconds = 1")
    return campaign


@pytest_asyncio.fixture
async def demo(campaign: Path, tmp_path: Path) -> AsyncIterator[Demo]:
    """Run the demo with the sample campaign."""
    async with playground(0, campaign.parent, tmp_path) as demo:
        yield demo


def edit(file: Path, old: str, new: str) -> None:
    """Replace `old` by `new` in a file, which must contain it."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
