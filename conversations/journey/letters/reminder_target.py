"""To whom a supporter may send a reminder letter, and the button that begins one."""

from conversations.core.buttons.persistent import WriteReminder
from conversations.core.context import Context
from conversations.core.fact_requests import MayRemind
from conversations.core.replies import Keyboard, PersistentButton
from conversations.model.campaigns.target_index import target_code
from conversations.model.campaigns.targets import Target
from conversations.model.letters.reminder_letters import has_reminders
from conversations.model.scheduled import AskedAbout

_CODE_DIGITS = 16


def offer(context: Context, about: AskedAbout) -> Keyboard:
    """Return the button that begins a reminder, if one can be sent. Raises FactMissing."""
    button = WriteReminder(about.campaign, target_code(about.target, _CODE_DIGITS))
    if find(context, button) is None:
        return ()
    return ((PersistentButton(context.wording.label("button.write_reminder"), button),),)


def find(context: Context, button: WriteReminder) -> Target | None:
    """Return the target of a reminder that this person may begin now. Raises FactMissing."""
    campaign = context.deployment.campaigns.get(button.campaign)
    if campaign is None or not context.takes_letters(campaign.slug):
        return None
    if context.tests(campaign.slug) or context.journey.is_discreet:
        return None
    target = campaign.index.find_code(button.target)
    return target if target and may_remind(context, campaign.slug, target.id) else None


def may_remind(context: Context, slug: str, target: str) -> bool:
    """Whether a campaign has a reminder for a target, and this person may send it.

    Raises FactMissing.
    """
    campaign = context.deployment.campaigns[slug]
    is_written = target in campaign.index.by_id and has_reminders(campaign)
    return is_written and context.fact(MayRemind(slug, target))
