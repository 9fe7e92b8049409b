"""The copy of a letter, for its supporter: what stands above it in the mail."""

from conversations.effects import QueueCopy
from conversations.scene import Scene


def queue(scene: Scene) -> QueueCopy:
    """Return the effect that mails a copy to the supporter whose copy came back."""
    return of(scene, scene.journey.mends, scene.journey.campaign)


def of(scene: Scene, action: str, slug: str) -> QueueCopy:
    """Return the effect that mails a copy of the letter of `action` in the campaign `slug`."""
    campaign, wording = scene.house.campaigns[slug], scene.wording
    intro = wording.label(
        "mail.copy.intro", title=scene.title(slug), organisation=campaign.organisation
    )
    return QueueCopy(action, campaign.organisation, scene.journey.language, intro)
