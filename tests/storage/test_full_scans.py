"""The check of all statements notices full scans, on both engines."""

import pytest

from storage.engine.database import Database
from tests.query_plans import full_scans


@pytest.mark.parametrize(
    ("statement", "is_found"),
    [
        ("SELECT action FROM actions WHERE at < 5", True),
        ("SELECT action FROM actions ORDER BY action", True),
        ("SELECT mail FROM outbox WHERE held", False),
        ("SELECT mail FROM outbox WHERE held AND campaign = 'river'", False),
        ("SELECT action FROM actions WHERE keep_until < '2019-06-21'", False),
        ("UPDATE outbox SET held = false WHERE state = 'accepted'", True),
        ("SELECT campaign FROM pauses WHERE reason = 'admin'", False),
    ],
)
async def test_full_scans_are_found(database: Database, statement: str, *, is_found: bool) -> None:
    found = await database.read(lambda connection: full_scans(connection, statement))
    assert bool(found) is is_found
