"""What /forget cannot delete, or keeps for a reason, as its confirmation lists it."""

from datetime import timedelta

from conversations.core.context import Context
from conversations.journey.personal_data.held_records import OwnRecords
from conversations.model.letters.delivery import WITHDRAWABLE_STATES, LetterState
from conversations.text.html import Html
from conversations.text.wording import raw

_REASONS = (
    "letter",
    "replies",
    "archive",
    "codes",
    "blocked",
    "disowned",
    "asked",
    "role",
    "logged",
    "backups",
    "deletion",
)
KEYS = tuple(f"forget.stays_{reason}" for reason in _REASONS)
"""The catalogue keys of what stays."""

_LEFT_NOTHING = WITHDRAWABLE_STATES | {LetterState.CANCELLED, LetterState.FAILED}
"""The states of letters of which the target has nothing."""


def confirmation(context: Context) -> Html:
    """Return what /forget says when it is done. Raises FactMissing."""
    return context.wording.say("forget.done", kept=raw(what_stays(context)))


def what_stays(context: Context) -> Html:
    """Return a line for each thing that stays, and why. Raises FactMissing."""
    wording, facts, records = context.wording, context.facts, context.fact(OwnRecords())
    last_backup = context.now.date() + timedelta(days=context.deployment.backup_days)
    late = _who_gets_late_replies(context)
    letters = [each for acted in facts.actions for each in acted.letters]
    stays = {
        "letter": any(each.state not in _LEFT_NOTHING for each in letters),
        "replies": bool(late),
        "archive": any(each.archived for each in letters),
        "codes": records.codes,
        "blocked": facts.sender_blocked,
        "disowned": records.disowned,
        "asked": records.asked,
        "role": facts.role is not None,
        "logged": records.logged,
    }
    said = {"organisation": " / ".join(late)}
    lines = [wording.say(f"forget.stays_{name}", **said) for name in stays if stays[name]]
    lines.append(wording.say("forget.stays_backups", day=wording.day(last_backup)))
    lines.append(wording.say("forget.stays_deletion"))
    return Html("\n".join(f"• {line}" for line in lines))


def _who_gets_late_replies(context: Context) -> tuple[str, ...]:
    """Return the organisations that get replies to the person's settled letters.

    Nothing leads from a settled letter to its action, so /forget can't stop these replies.
    """
    campaigns = context.deployment.campaigns
    sent = (each for acted in context.facts.actions for each in acted.letters)
    settled = [each for each in sent if each.details is None and not each.test]
    found = (campaigns.get(each.campaign) for each in settled)
    wanted = (each.organisation for each in found if each and each.late_replies == "organisation")
    return tuple(dict.fromkeys(wanted))
