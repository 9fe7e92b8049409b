"""The rounds in which expired data is erased."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Row, select
from structlog.testing import capture_logs

from bot.services.housekeeping.retention import Retention
from conversations.core.effects.journey import ChooseLanguage
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.retention import purge
from storage.retention.rule import Moment, Rule
from storage.retention.rules import RULES
from storage.schema.tables import chats
from tests.storage.people import MARIA, after
from tests.storage.post import Post


async def test_a_rule_that_fails_stops_no_other(
    database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post(database, vault)
    due_keys = purge.due_keys

    def damaged(at: Moment, rule: Rule) -> Sequence[Row[Any]]:
        if rule is RULES[0]:
            raise ValueError("a damaged row")
        return due_keys(at, rule)

    monkeypatch.setattr(purge, "due_keys", damaged)
    await post.act(MARIA, ChooseLanguage("en"))
    retention = Retention(database, vault, lambda: after(days=31))
    with capture_logs() as logs:
        await retention.run_once()
    assert await database.read(lambda c: c.execute(select(chats)).all()) == []
    failed = [log["kind"] for log in logs if log["event"] == "rows not erased"]
    assert failed == [RULES[0].table.name]
