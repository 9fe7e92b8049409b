"""The rounds in which expired data is erased."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Row, select
from structlog.testing import capture_logs

from bot.services.housekeeping import retention
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
    service = Retention(database, vault, lambda: after(days=31))
    with capture_logs() as logs:
        await service.run_once()
    assert await database.read(lambda c: c.execute(select(chats)).all()) == []
    failed = [log["kind"] for log in logs if log["event"] == "rows not erased"]
    assert failed == [RULES[0].table.name]


async def test_no_transaction_erases_many_rows(
    database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, sizes = Post(database, vault), list[int]()
    purge_slice = purge.purge_slice

    def erase(at: Moment, rule: Rule, keys: Sequence[Row[Any]]) -> int:
        sizes.append(purge_slice(at, rule, keys))
        return sizes[-1]

    monkeypatch.setattr(retention, "SLICE_SIZE", 2)
    monkeypatch.setattr(purge, "purge_slice", erase)
    for number in range(5):
        await post.act(2000 + number, ChooseLanguage("en"))
    erased = await Retention(database, vault, lambda: after(days=31)).run_once()
    # First their journeys, then the chats.
    assert erased == {"chats": 10}
    assert sizes == [2, 2, 1, 2, 2, 1]
