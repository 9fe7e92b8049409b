"""Fixtures for tests of storage."""

import pytest

from storage.crypto.vault import Vault
from storage.engine.database import Database
from tests.storage.post import Post


@pytest.fixture
def post(database: Database, vault: Vault) -> Post:
    return Post(database, vault)
