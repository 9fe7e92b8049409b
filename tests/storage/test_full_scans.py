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


_EACH_CAMPAIGN = "SELECT campaign FROM campaign_keys WHERE EXISTS"
_FORWARDS = "FROM outbox WHERE kind = 'forward' AND campaign = 'river'"
_OF_CAMPAIGN = "FROM actions WHERE settle_days >= 0 AND actions.campaign"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("statement", "is_found"),
    [
        (f"SELECT action {_OF_CAMPAIGN} = 'river'", True),
        (f"SELECT count(*) {_OF_CAMPAIGN} IN ('river', 'sea')", True),
        (f"SELECT count(*) {_FORWARDS}", True),
        (
            "SELECT min(due) AS first FROM outbox WHERE kind = 'forward' AND campaign = 'river'",
            False,
        ),
        (
            "SELECT mail FROM outbox WHERE kind = 'forward' AND campaign = 'river' AND due < 5",
            False,
        ),
        (f"{_EACH_CAMPAIGN} (SELECT * {_OF_CAMPAIGN} = campaign_keys.campaign)", False),
    ],
)
async def test_reading_a_whole_campaign_is_found(
    database: Database, statement: str, *, is_found: bool
) -> None:
    found = await database.read(lambda connection: full_scans(connection, statement))
    assert bool(found) is is_found
