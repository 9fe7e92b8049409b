"""What each column shows to a thief of the database: the table in `docs/columns.md`.

.venv/bin/python -m storage.schema.exposure    writes the page again
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table

from storage.schema.metadata import ENCRYPTION
from storage.schema.tables import metadata

PAGE = Path(__file__).parents[2] / "docs" / "columns.md"

_HEAD = """# What is in the database

Every column, how it is stored, and what a thief of the database learns without the key file. This
page is written by `.venv/bin/python -m storage.schema.exposure`; a test compares it with the
tables.

**Encrypted** values are padded to a multiple of the given bytes, and each is bound to its table,
column and row. **Keyed hashes** find the rows of a person, an address or a code; nobody can compute
or check one without the keys.
"""

_HASHES = ("_key", "_hash", "recipient_key")
"""How the names of columns with keyed hashes end."""

_HASH = "which rows of this purpose belong together"
_TIME = "the time of an event, not whose"
_STATE = "how far a row got, not whose it is"
_COUNT = "a number"
_INTERNAL = "nothing about people"
_CAMPAIGN = "which campaign"


def _each(names: str, learns: str) -> dict[str, str]:
    """Return an entry for each of the columns that `names` lists."""
    return dict.fromkeys(names.split(), learns)


LEARNS: dict[str, str] = {
    # Keyed hashes that say less, or more, than that rows belong together.
    "blocked_senders.person_key": "how many people are blocked",
    "disowned_addresses.address_key": "how many owners said “this wasn't me”",
    "codes.code_hash": "nothing",
    "codes.domain_key": "which addresses of small domains share one",
    "disown_requests.address_key": "how many owners were asked",
    "disown_requests.words_key": "nothing",
    # Random ids and positions.
    **_each("action mail entry alert code_id consent_id", "a random id"),
    "authority.generation": "how often roles, modes, versions or approvals changed",
    "audit.position": "how many entries the log has had",
    "audit.digest": "nothing",
    "audit.staff_key": "which entries are of one member of the team, not who; none: the server",
    "audit.action": "what members of the team did, not who",
    "outbox.action": "which letter an action belongs to",
    "outbox.about": "which letter a copy or a reply belongs to",
    "outbox.message_id": "nothing: the letter's Message-ID is another value, made with the keys",
    "outbox.turn_id": "with the log, which answer queued the mail",
    "alert_messages.message": "a message id of an admin's chat",
    "broadcasts.message": "a message id of the author's chat",
    "broadcast_recipients.messages": "message ids of one chat; ids of all chats are one sequence",
    "broadcast_recipients.broadcast": "which broadcast",
    "broadcasts.broadcast": "a random id",
    "updates.update_id": "how many messages the bot got",
    "erasures.number": "how many erasures there were",
    "erasures.day": "on which days somebody was erased or blocked, or unsubscribed",
    "subscriptions.confirmed": _TIME,
    "asked": _TIME,
    # What narrows a person down.
    "notices.language": "the language of a text that everybody sees",
    "language": "the language of a conversation",
    "chats.clear_by": "which chats are discreet, and in which hour each began",
    "codes.cleared": "which codes were mailed in discreet chats that were cleared",
    "chats.blocked": "whether a person blocked the bot",
    "subscriptions.scope": "to which campaigns one person subscribed",
    "consents.kind": "what a decision is about",
    "consents.given": "whether it was a yes",
    "consents.unchecked": "whether it is new, or something of its person ended lately",
    "scope": _CAMPAIGN,
    # Campaigns, targets and texts that everybody sees.
    **_each("campaign lane", _CAMPAIGN),
    "target": "which target of a campaign",
    "source": "a link source that an admin added",
    "notices.text": "a privacy notice, which everybody sees",
    "notices.digest": "which privacy notice",
    "campaign_versions.version": "a random id",
    **_each(
        "campaign_versions.number campaign_versions.base", "how many versions a campaign has had"
    ),
    "campaign_versions.origin": "whether a folder or a chat changed a campaign",
    **_each(
        "campaign_versions.content_hash campaign_versions.files",
        "the texts and settings of a campaign, which are published, and its target's address",
    ),
    "campaign_versions.digest": "nothing",
    "campaign_drafts.base": "which version of a campaign somebody is changing",
    "campaign_drafts.revision": "a random id",
    # Mail servers.
    "smtp_code": "the code of a server's reply",
    "smtp_status": "the enhanced status of a server's reply (RFC 3463)",
    "smtp_meaning": "our own reading of a server's reply",
    "outbox.identity": "whose address From names: ours or the supporter's",
    "outbox.identity_reason": "why it is not as the campaign wants",
    **_each("actions.settle_days outbox.settle_days", "how long a campaign keeps details"),
    "actions.sealed": "nothing: only the organisation's private key opens it",
    "row_order.position": "how far rewriting has come",
    "letter_changes.change": "a random id",
    "letter_changes.position": "a random id of a mail",
    "letter_changes.done": _COUNT,
    "tallies.settled": _COUNT,
    "actions.reply_to": "whether replies go to the supporter",
    "actions.submission": "which letters were sent with one tap",
    "actions.leads": "which of these letters counts their sender",
    "actions.round": "whether a letter is a reminder",
    "actions.copy_state": "whether a copy was asked for",
    "scheduled_messages.message": "a random id",
    "scheduled_messages.heard": "whether a letter was answered, not whose",
    "answers.answer": "a random id",
    "outbox.unwanted": "that its address is disowned, or its sender blocked",
    "outbox.disputed": "that somebody reported a bounce too late",
    "counters.disputed": "a number",
    "outbox.confirmed": "when the target's program confirmed a letter",
    # Staff.
    "about": "which campaign or broadcast",
    "alerts.what": "what is wrong, and where",
    "sightings.host": "the name of a machine",
    "broadcasts.token": "nothing: it works once, for its author",
    "broadcasts.kind": "whether it is a broadcast or a notice",
    "broadcasts.pause_reason": "why it is paused",
    "broadcasts.listed_up_to": "how far the list of recipients is",
    "broadcasts.next_key": "how far sending is",
    "digests.interval": "how often a member of the team gets figures",
    "digests.last_day": "the day of the last figures",
    # Keys and processes.
    "key_floor.day": "the day of the oldest key in use",
    **_each("lease leases.token name", _INTERNAL),
    # Figures.
    **_each("figure day value", "what is counted; no person"),
    # By kind.
    **_each("kind reason", "what kind of row it is"),
    **_each(
        "state transmitting possible_duplicate held bounced sent_twice complete failed "
        "status shown_status shown attempts turn replied_turn settled test final_state",
        _STATE,
    ),
    **_each(
        "letters usual accepted refusals_in_row accepted_before last_number sent count "
        "erased expected listed blocked uncertain rate",
        _COUNT,
    ),
    "broadcasts.failed": _COUNT,
    "samples.bounced": _COUNT,
    "samples.failed": _COUNT,
    **_each(
        "at since ended held_since retry_requested until last expires requested queued "
        "changed due not_before lease_until began album_until shown_at "
        "unreplied_since",
        _TIME,
    ),
    "keep_until": "until when a campaign's data is kept",
}
"""What a thief learns from a column that is not encrypted, by `table.column` or by column."""


class NoEntry(Exception):
    """A column has no entry in LEARNS."""


def exposure(table: Table, column: Column[Any]) -> tuple[str, str]:
    """Return how a column is stored, and what a thief learns. Raises NoEntry."""
    if context := column.info.get(ENCRYPTION):
        return f"encrypted, {context.block} bytes", "nothing"
    is_hash = column.name.endswith(_HASHES)
    learns = LEARNS.get(f"{table.name}.{column.name}") or LEARNS.get(column.name)
    if learns is None and not is_hash:
        raise NoEntry(f"{table.name}.{column.name}")
    return ("keyed hash" if is_hash else "clear"), learns or _HASH


def page() -> str:
    """Return the page. Raises NoEntry."""
    return "\n".join((_HEAD, *(line for table in metadata.sorted_tables for line in _table(table))))


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.name}\n\n{table.comment}\n"
    yield "| column | stored | what a thief learns |\n|---|---|---|"
    for column in table.columns:
        stored, learns = exposure(table, column)
        yield f"| `{column.name}` | {stored} | {learns} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
