"""The audit log, page by page."""

from datetime import UTC, datetime

from conversations.admin.audit_log import (
    ENTRIES_PER_PAGE,
    AuditEntry,
    AuditPage,
    page_message,
)
from conversations.core.context import Context
from conversations.core.effects.base import AuditedAction
from conversations.core.facts import Deployment, Facts
from conversations.model.journey import Journey
from conversations.text.html import length

NOW = datetime(2031, 5, 14, 12, tzinfo=UTC)


def test_a_page_of_the_longest_names_is_a_message() -> None:
    deployment = Deployment({}, "bot", "actions@send.example", "tests@send.example")
    context = Context(deployment, Journey("a" * 32, "en"), Facts("Olga", "en", "en"), NOW, 0)
    who = f"{129 * '🦊'} (1234567890)"
    entries = ENTRIES_PER_PAGE * (
        AuditEntry(NOW, who, AuditedAction("removed", "campaigner", who)),
    )
    told = page_message(context, AuditPage(1, 1, entries))
    assert length(told.text) <= 4096
    assert told.text.count("… (1234567890)") == 2 * ENTRIES_PER_PAGE
