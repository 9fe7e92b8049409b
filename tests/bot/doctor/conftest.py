"""Who is looked at in these tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.bot.doctor.clinic import Clinic, healthy


@pytest_asyncio.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    """An organisation where all is well."""
    async with healthy(tmp_path) as clinic:
        yield clinic


@pytest.fixture(autouse=True)
def _sqlite_without_fsync() -> None:
    """Databases wait for the disk here, as doctor wants them to."""
