"""The outbox of a test."""

import pytest

from storage.database import Database
from storage.vault import Vault
from tests.storage.post import Post


@pytest.fixture
def post(database: Database, vault: Vault) -> Post:
    return Post(database, vault)
