"""The mail with a copy of a letter, for its supporter."""

from conversations.core.context import Context
from conversations.core.effects.letters import QueueCopy


def queue(context: Context, action: str, slug: str) -> QueueCopy:
    """Return the effect that mails a copy of the letter of `action` in the campaign `slug`."""
    campaign, wording = context.deployment.campaigns[slug], context.wording
    intro = wording.label(
        "mail.copy.intro", title=context.title(slug), organisation=campaign.organisation
    )
    return QueueCopy(action, campaign.organisation, context.journey.language, intro)
