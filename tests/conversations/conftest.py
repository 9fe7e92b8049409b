"""A campaign's folder that a test may spoil."""

import shutil
from pathlib import Path

import pytest

from tests.conversations.play import OTHERS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OTHERS / "river", tmp_path / "river"))
