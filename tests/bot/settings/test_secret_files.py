"""Files with secrets that others can read: `actionbot check` names them."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings.secret_files import others_can_read
from tests.bot.organisation import Organisation


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that everybody can enter. Pytest's are private."""
    folder = Path(tempfile.mkdtemp(prefix="actionbot-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("mode", "exposed"), [(0o600, False), (0o640, False), (0o644, True), (0o604, True)]
)
def test_the_mode_of_a_file(public: Path, mode: int, exposed: bool) -> None:
    file = public / "actionbot.toml"
    file.touch()
    file.chmod(mode)
    assert others_can_read(file) is exposed


def test_a_private_folder_protects_what_is_in_it(public: Path) -> None:
    file = public / "inside" / "actionbot.toml"
    file.parent.mkdir()
    file.touch()
    file.chmod(0o644)
    assert others_can_read(file)
    file.parent.chmod(0o700)
    assert not others_can_read(file)


def test_a_link_is_as_open_as_its_file(public: Path) -> None:
    file, link = public / "secret", public / "actionbot.toml"
    file.touch()
    file.chmod(0o600)
    link.symlink_to(file)
    assert not others_can_read(link)
    assert not others_can_read(public / "missing")


async def test_check_and_doctor_name_every_file(organisation: Organisation, public: Path) -> None:
    names = ("actionbot.toml", "actionbot.db", "actionbot.db-wal", "actionbot.keys")
    organisation.sets(
        database={"url": f"sqlite:///{public}/actionbot.db"},
        keys={"file": str(public / "actionbot.keys")},
    )
    (public / "actionbot.toml").write_text(organisation.file.read_text("utf-8"), "utf-8")
    shutil.copytree(organisation.folder / "campaigns", public / "campaigns")
    for name in names[1:]:
        (public / name).touch()
    for name in names:
        (public / name).chmod(0o644)
    config = str(public / "actionbot.toml")
    checked = await organisation.types("check", ACTIONBOT_CONFIG=config)
    assert checked.status == 2
    for name in names:
        problem = f"✗ {name}: Other users of this machine can read it, and it has secrets."
        assert problem in checked.out + checked.err
        assert f"Run: chmod o-rwx {public / name}" in checked.out + checked.err
    told = await organisation.types("doctor", ACTIONBOT_CONFIG=config)
    # Opening the database has removed the empty log beside it.
    assert told.out.count("Other users of this machine can read it") == len(names) - 1
