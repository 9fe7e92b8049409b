"""The wheel: complete, the same each time, and installed as people install it, off the checkout."""

import asyncio
import hashlib
import os
import re
import shutil
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import aiohttp
import pytest

from tests.fork_server import ROOT
from tests.page_client import PagePerson, write_a_letter
from tests.wheelhouse import build_wheel, copy_sources, pack_dependencies

UV = Path(sys.executable).with_name("uv")


@dataclass(frozen=True)
class Shop:
    """The wheel, those that it needs, and an empty home folder."""

    wheel: Path
    home: Path

    @property
    def env(self) -> dict[str, str]:
        """Variables of a person who has nothing but a PATH: no checkout, no network."""
        return {
            "PATH": f"{self.home}/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "UV_FIND_LINKS": str(self.wheel.parent),
            "UV_NO_INDEX": "1",
            "UV_OFFLINE": "1",
            "UV_NO_CONFIG": "1",
            "UV_PYTHON": sys.executable,
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_LINK_MODE": "hardlink",
            "UV_TOOL_BIN_DIR": f"{self.home}/bin",
            "PIPX_BIN_DIR": f"{self.home}/bin",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheel.parent),
            "PIP_CONFIG_FILE": os.devnull,
        }

    def run(self, *words: str) -> str:
        """Run a program in the home folder; return what it prints."""
        done = subprocess.run(  # noqa: S603 - our own arguments
            words,
            cwd=self.home,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, beside those of the packages that it needs."""
    folder = tmp_path_factory.mktemp("wheels")
    build_wheel(copy_sources(tmp_path_factory.mktemp("source")), folder)
    pack_dependencies(folder)
    return folder


@pytest.fixture
def shop(wheelhouse: Path, tmp_path: Path) -> Shop:
    home = tmp_path / "home"
    home.mkdir()
    (wheel,) = wheelhouse.glob("actionbot-*.whl")
    return Shop(wheel, home)


def test_the_wheel_has_every_file_that_the_packages_have(wheelhouse: Path, tmp_path: Path) -> None:
    (wheel,) = wheelhouse.glob("actionbot-*.whl")
    packed = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    sources = copy_sources(tmp_path)
    expected = {
        str(file.relative_to(sources))
        for package in ("bot", "conversations", "storage")
        for file in (sources / package).rglob("*")
        if file.is_file()
    }
    assert packed == expected
    assert len([name for name in packed if name.endswith(".po")]) > 20


def test_two_builds_are_the_same_wheel(tmp_path: Path) -> None:
    """From two folders, with files of different times."""
    digests = []
    for number in range(2):
        folder = tmp_path / str(number)
        sources = copy_sources(folder / "source")
        for file in sources.rglob("*"):
            if file.is_file():
                os.utime(file, (10**9 + number, 10**9 + number))
        wheel = build_wheel(sources, folder, at=1_800_000_000)
        digests.append(hashlib.sha256(wheel.read_bytes()).hexdigest())
    assert digests[0] == digests[1]


def test_uv_tool_install(shop: Shop) -> None:
    shop.run(str(UV), "tool", "install", str(shop.wheel))
    assert shop.run("actionbot", "--version") == f"actionbot {version('actionbot')}\n"
    checked = shop.run("actionbot", "check", "--campaigns", str(samples(shop)))
    assert checked.startswith("The campaigns are fine")


def test_pipx_install(shop: Shop) -> None:
    pipx = shutil.which("pipx")
    assert pipx, "install pipx, as .ci/run does"
    shop.run(pipx, "install", "--python", sys.executable, str(shop.wheel))
    assert shop.run("actionbot", "--version") == f"actionbot {version('actionbot')}\n"
    shop.run("actionbot", "campaign", "new", "river")
    assert (shop.home / "campaigns" / "river" / "en.md").is_file()


async def test_a_journey_with_uvx(shop: Shop) -> None:
    folder = samples(shop)
    uvx = (str(UV.with_name("uvx")), "--from", str(shop.wheel))
    async with (
        demo(shop, *uvx, "actionbot", "demo", "--port", "0", "--campaigns", str(folder)) as page,
        aiohttp.ClientSession() as session,
    ):
        letter = await write_a_letter(PagePerson(page, session))
    assert "Maria Silva" in letter["text"]


def samples(shop: Shop) -> Path:
    """Copy the sample campaign to the home folder; letters leave at once."""
    folder = shop.home / "samples"
    shutil.copytree(ROOT / "conversations" / "campaigns" / "hong-kong", folder / "hong-kong")
    file = folder / "hong-kong" / "campaign.toml"
    text = file.read_text("utf-8")
    assert "undo_seconds = 30" in text
    file.write_text(text.replace("undo_seconds = 30", "undo_seconds = 0"), "utf-8")
    return folder


@asynccontextmanager
async def demo(shop: Shop, *command: str) -> AsyncIterator[str]:
    """Run the demo; yield the address of its page."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=shop.home, env={**shop.env, "PYTHONUNBUFFERED": "1"}, stdout=PIPE
    )
    try:
        assert process.stdout
        async with asyncio.timeout(120):
            while not (found := re.search(rb"http://\S+", line := await process.stdout.readline())):
                assert line, "it has ended"
        yield found[0].decode()
    finally:
        process.terminate()
        async with asyncio.timeout(30):
            await process.wait()
