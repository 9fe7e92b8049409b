"""The file of /mydata: all that is stored of a person, as JSON (GDPR, Art. 15(3) and 20).

`docs/mydata.md` describes the format, and a test compares the two.
"""

import json
from typing import Any

from conversations.core.context import Context
from conversations.core.facts import ActionTaken, Details
from conversations.journey.personal_data import own_answers
from conversations.journey.personal_data.held_records import HeldRecords
from conversations.model.journey import IN_CAMPAIGN

NAME = "mydata.json"
"""The name of the file, which names no campaign."""

VERSION = 1
"""The version of the format."""


def content(context: Context, records: HeldRecords, lines: tuple[str, ...]) -> bytes:
    """Return the file. `lines` are those of /mydata, in the person's language."""
    facts = context.facts
    held: dict[str, Any] = {
        "version": VERSION,
        "bot": context.deployment.username,
        "day": context.now.date().isoformat(),
        "language": context.journey.language,
        "summary": lines,
        "letter_in_progress": _journey(context),
        "saved_details": _details(facts.details) if facts.details else None,
        "letters": [_letter(each, records) for acted in facts.actions for each in acted.letters],
        "questions_about_answers": records.answer_questions,
        "subscriptions": sorted(facts.subscriptions),
        "decisions": [
            {
                "about": each.kind,
                "question": each.question,
                "scope": each.scope,
                "agreed": each.given,
                "day": each.day.isoformat(),
            }
            for each in records.decisions
        ],
        "blocked_on": records.blocked_on.isoformat() if records.blocked_on else None,
        "role": str(facts.role) if facts.role else None,
        "time_zone": records.zone or None,
        "also_held": [name for name, is_held in _others(records).items() if is_held],
    }
    return json.dumps(held, ensure_ascii=False, indent=2).encode()


def _journey(context: Context) -> dict[str, Any] | None:
    """Return the answers of the letter in progress; None if there is none."""
    journey, answers = context.journey, context.journey.answers
    if journey.step not in IN_CAMPAIGN:
        return None
    return {
        "campaign": journey.campaign,
        "link": journey.source,
        "name": answers.name,
        "country": answers.country,
        "address": answers.address or answers.typed or answers.suggested,
        "own_words": answers.own_words,
        "rewritten": answers.rewritten,
        "subject": answers.subject,
        "own_answers": own_answers.journey_as_json(context),
    }


def _letter(acted: ActionTaken, records: HeldRecords) -> dict[str, Any]:
    return {
        "campaign": acted.campaign,
        "day": acted.at.date().isoformat(),
        "state": str(acted.state),
        "number": acted.number,
        "test": acted.test,
        "link": records.sources.get(acted.action, ""),
        "text_is_held": acted.action in records.texts,
        "copy": str(acted.copy),
        "archived": acted.archived,
        "own_answers": own_answers.as_json(acted.own),
        **(_details(acted.details) if acted.details else {}),
    }


def _details(details: Details) -> dict[str, Any]:
    return {"name": details.name, "country": details.country, "address": details.address}


def _others(records: HeldRecords) -> dict[str, bool]:
    """Return what is held besides, by its name in the file."""
    return {
        "chat_number": True,
        "traces_of_codes": records.codes,
        "received_updates": records.received,
        "disowned_address": records.disowned,
        "asked_about_address": records.asked,
        "reminder": records.reminder,
        "written_updates": records.written,
        "figures_by_schedule": records.digest,
        "alerts": records.alerts,
        "invitations": records.invited,
        "audit_log": records.logged,
    }
