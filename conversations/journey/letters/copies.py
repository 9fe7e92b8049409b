"""The mail with a copy of a letter, for its supporter."""

from conversations.core.context import Context
from conversations.core.effects.letters import QueueCopy
from conversations.model.letters.delivery import LetterState


def queue(context: Context, action: str, slug: str) -> QueueCopy:
    """Return the effect that mails a copy of the letter of `action` in the campaign `slug`.

    Of letters to several targets, it is the first one, and the mail says to whom others were sent.
    """
    campaign, wording = context.deployment.campaigns[slug], context.wording
    common = {"title": context.title(slug), "organisation": campaign.organisation}
    names = _recipients(context, action, slug)
    if len(names) > 1:
        listed = wording.all_of(names)
        intro = wording.label("mail.copy.several", first=names[0], targets=listed, **common)
    else:
        intro = wording.label("mail.copy.intro", **common)
    return QueueCopy(action, campaign.organisation, context.journey.language, intro)


def _recipients(context: Context, action: str, slug: str) -> list[str]:
    """Return to whom letters of this Send were sent: the one of the copied letter first.

    None where that is unknown, because the copied letter is settled, or the campaign has dropped
    its target.
    """
    acted, campaign = context.facts.action(action), context.deployment.campaigns[slug]
    copied = campaign.index.by_id.get(acted.target) if acted else None
    if acted is None or copied is None:
        return []
    sent = {each.target for each in acted.others if each.state is LetterState.ACCEPTED}
    others = (each for each in campaign.targets if each.id in sent and each is not copied)
    return [each.name_in(context.wording.reads) for each in (copied, *others)]
