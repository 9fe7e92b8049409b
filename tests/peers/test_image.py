"""The container image: built from the Dockerfile, and used as people use it."""

import asyncio
import json
import os
import subprocess
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from conversations.text.languages import offered, own_name
from tests.bot.organisation import Organisation, Running, following, walks_to_the_end
from tests.peers.image import BASE, IMAGE, Container, Engine

MAX_MEGABYTES = 300
"""What the image may have beyond its base."""

HOME = "/srv/actionbot"

UNKNOWN_LETTERS = """
import json, sys
from bot.charts import fonts

def lacking(tag, text):
    missing = set(text)
    for family in (fonts.OWN, *fonts._of_system(tag)):
        missing = fonts._lacking(missing, family)
    return sorted(missing)

print(json.dumps({tag: lacking(tag, text) for tag, text in json.loads(sys.argv[1]).items()}))
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The engine, with the image on its base."""
    engine = Engine(tmp_path_factory.mktemp("containers"))
    engine.make_base()
    engine.build()
    yield engine
    engine("rm", "--all")
    engine("rmi", "--all", "--force")


@pytest.fixture
def container(engine: Engine) -> Iterator[Container]:
    name = engine("from", "--pull-never", IMAGE)
    yield Container(Path(engine("mount", name)), engine.config())
    engine("umount", name)
    engine("rm", name)


async def test_a_journey_on_a_read_only_root(
    container: Container, organisation: Organisation
) -> None:
    """Everything that the bot writes is in the folders of its keys and its data."""
    person = organisation.telegram.add_person(771_177, "Wilhelmina", "Quistgaard")
    organisation.sets(
        keys={"file": "keys/actionbot.keys"},
        database={"url": f"sqlite:///{HOME}/data/actionbot.db"},
    )
    async with running(container, organisation.folder, "run") as bot:
        await walks_to_the_end(person, organisation, "wilhelmina@mailbox.example")
        assert await bot.ends() == 0
    written = {
        path.name for name in ("keys", "data") for path in organisation.folder.glob(f"{name}/*")
    }
    assert {"actionbot.db", "actionbot.keys", "first-admin.txt"} <= written


def test_nothing_but_the_mounted_folders_can_be_written_to(container: Container) -> None:
    script = "id -u; for each in / /tmp /opt/actionbot /srv/actionbot; do touch $each/x; done"
    done = use(container, "sh", "-c", script)
    refused = [line for line in done.stderr.splitlines() if "Read-only file system" in line]
    assert (done.stdout, len(refused)) == ("10001\n", 3)


def test_charts_have_the_letters_of_every_language(container: Container) -> None:
    names = {tag: own_name(tag) for tag in offered()}
    done = use(container, "python", "-c", UNKNOWN_LETTERS, json.dumps(names))
    assert json.loads(done.stdout) == {tag: [] for tag in names}, done.stderr


def test_the_image_is_small(engine: Engine) -> None:
    assert engine.megabytes(IMAGE) - engine.megabytes(BASE) <= MAX_MEGABYTES


def use(container: Container, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program in the container."""
    command = container.command(words, {})
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603


@asynccontextmanager
async def running(container: Container, folder: Path, *words: str) -> AsyncIterator[Running]:
    """Run `actionbot` in the container, with settings and folders as compose.yaml mounts them."""
    # No name server answers there, so the journey is the same with and without a network.
    (folder / "resolv.conf").write_text("nameserver 127.0.0.77\n")
    for name in ("keys", "data"):
        (folder / name).mkdir(mode=0o700)
    own = {
        folder / name: f"{HOME}/{name}" for name in ("actionbot.toml", "campaigns", "keys", "data")
    }
    for top in own:
        for path in (top, *top.rglob("*")):
            os.chown(path, 10001, 10001)
    command = container.command(
        (*container.entry, *words), {**own, folder / "resolv.conf": "/etc/resolv.conf"}
    )
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
    )
    async with following(process) as bot:
        yield bot
