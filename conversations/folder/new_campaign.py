"""The files of a new campaign: a skeleton whose texts say what to write.

A template is the skeleton with another target, and with the texts that differ for such a target.
"""

import re
from enum import StrEnum
from pathlib import Path

from conversations.folder.campaign_files import CAMPAIGN_FILE, CampaignFiles
from conversations.folder.edits.section_editing import read_sections, set_section

SKELETON = Path(__file__).parent / "skeleton"
"""The folder with the files that a new campaign starts from."""

TEMPLATES = Path(__file__).parent / "templates"
"""The folder with what differs from the skeleton, for each template but the first."""

SKELETON_LANGUAGE = "en"

_SLUG = "my-campaign"
_TARGET = re.compile(r"^\[\[targets\]\]\n(?:\w.*\n)+", re.MULTILINE)


class Template(StrEnum):
    """Whom the letters of a new campaign go to. The first one is the skeleton as it is."""

    GOVERNMENT = "government"
    COMPANY = "company"
    REPRESENTATIVE = "representative"


def new_campaign(
    slug: str, language: str = SKELETON_LANGUAGE, template: Template = Template.GOVERNMENT
) -> CampaignFiles:
    """Return the files of a new campaign, named for its language. Their texts are in English."""
    facts = _read(SKELETON / CAMPAIGN_FILE).replace(_SLUG, slug)
    texts = _read(SKELETON / f"{SKELETON_LANGUAGE}.md").replace(_SLUG, slug)
    if template is not Template.GOVERNMENT:
        target = _read(TEMPLATES / f"{template}.toml")
        facts = _TARGET.sub(lambda _: target, facts)
        for heading, text in read_sections(_read(TEMPLATES / f"{template}.md")).items():
            texts = set_section(texts, heading, text)
    for written in ('["{}"]', "{{ {} =", "# {}.md"):
        facts = facts.replace(written.format(SKELETON_LANGUAGE), written.format(language))
    content = {CAMPAIGN_FILE: facts.encode(), f"{language}.md": texts.encode()}
    return CampaignFiles(slug, content)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
