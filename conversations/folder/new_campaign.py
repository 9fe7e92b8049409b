"""The files of a new campaign: a skeleton whose texts say what to write."""

from pathlib import Path

from conversations.folder.campaign_files import CAMPAIGN_FILE, CampaignFiles

SKELETON = Path(__file__).parent / "skeleton"
"""The folder with the files that a new campaign starts from."""

SKELETON_LANGUAGE = "en"

_SLUG = "my-campaign"


def new_campaign(slug: str, language: str = SKELETON_LANGUAGE) -> CampaignFiles:
    """Return the files of a new campaign, named for its language. Their texts are in English."""
    facts = _skeleton(CAMPAIGN_FILE).replace(_SLUG, slug)
    for written in ('["{}"]', "{{ {} =", "# {}.md"):
        facts = facts.replace(written.format(SKELETON_LANGUAGE), written.format(language))
    texts = _skeleton(f"{SKELETON_LANGUAGE}.md").replace(_SLUG, slug)
    content = {CAMPAIGN_FILE: facts.encode(), f"{language}.md": texts.encode()}
    return CampaignFiles(slug, content)


def _skeleton(name: str) -> str:
    return (SKELETON / name).read_text(encoding="utf-8")
