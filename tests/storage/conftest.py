"""Fixtures for tests of storage."""

from collections.abc import Iterator

import pytest

from storage.crypto.vault import Vault
from storage.engine.database import Database
from tests.query_plans import Explainer
from tests.storage.post import Post

EXPLAINER = Explainer()
EXPLAINER.listen()


@pytest.fixture(autouse=True)
def _no_full_scans() -> Iterator[None]:
    """Fail the first test whose statement reads a whole table that grows."""
    EXPLAINER.take()
    yield
    found = EXPLAINER.take()
    assert not found, "\n\n".join(map(str, found))


@pytest.fixture
def post(database: Database, vault: Vault) -> Post:
    return Post(database, vault)
