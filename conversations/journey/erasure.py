"""What /forget cannot delete, or keeps for a reason, as its confirmation lists it."""

from datetime import timedelta
from functools import partial

from conversations.core.context import Context
from conversations.core.facts import ActionTaken
from conversations.journey.held_records import OwnRecords
from conversations.model.delivery import WITHDRAWABLE_STATES, LetterState
from conversations.text.html import Html

_LEFT_NOTHING = WITHDRAWABLE_STATES | {LetterState.CANCELLED, LetterState.FAILED}
"""The states of letters of which the target has nothing."""


def what_stays(context: Context) -> Html:
    """Return a line for each thing that stays, and why. Raises FactMissing."""
    wording, facts, records = context.wording, context.facts, context.fact(OwnRecords())
    last_backup = context.now.date() + timedelta(days=context.deployment.backup_days)
    stays = {
        "letter": any(each.state not in _LEFT_NOTHING for each in facts.actions),
        "archive": any(each.archived for each in facts.actions),
        "answers": any(map(partial(_may_be_answered, context), facts.actions)),
        "codes": records.codes,
        "blocked": facts.sender_blocked,
        "disowned": records.disowned,
        "asked": records.asked,
        "role": facts.role is not None,
        "logged": records.logged,
    }
    lines = [wording.say(f"forget.stays_{name}") for name, is_held in stays.items() if is_held]
    lines.append(wording.say("forget.stays_backups", day=wording.day(last_backup)))
    lines.append(wording.say("forget.stays_deletion"))
    return Html("\n".join(f"• {line}" for line in lines))


def _may_be_answered(context: Context, acted: ActionTaken) -> bool:
    """Return whether an answer to a letter still goes on to the organisation: nothing leads from
    this person to their settled letter, so it can't be told to drop answers.
    """
    campaign = context.deployment.campaigns.get(acted.campaign)
    is_settled = acted.details is None
    return is_settled and campaign is not None and campaign.late_replies == "organisation"
