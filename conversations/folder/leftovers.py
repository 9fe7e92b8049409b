"""Report what is left of the skeleton in a campaign's files, each with its line."""

from collections.abc import Iterator

from conversations.folder.campaign_files import CAMPAIGN_FILE, CampaignFiles
from conversations.folder.formats import markdown_sections
from conversations.folder.formats.markdown_sections import NOTICE, PLAIN, RICH, SEVERAL
from conversations.folder.formats.toml_file import KeyLocations, block_ids, parse_toml
from conversations.model.campaigns.campaign import Campaign
from conversations.model.campaigns.skeleton import SkeletonText, skeleton_texts
from conversations.model.mistakes import Mistake

HEADINGS = {name: heading for heading, name in (PLAIN | RICH | SEVERAL | NOTICE).items()}
"""The headings of texts by their names (`Texts`, `Notice`)."""


def find_leftovers(
    files: CampaignFiles, campaign: Campaign, *, is_error: bool
) -> Iterator[Mistake]:
    """Yield a mistake for each text of the skeleton that is still in the campaign's files."""
    for found in skeleton_texts(campaign):
        if found.language:
            problem = f"“{HEADINGS[found.name]}” still contains the skeleton's text."
            where = _line_of_heading(files, found)
        else:
            problem = "This is still the skeleton's value."
            where = _line_of_key(files, found.name)
        yield Mistake(problem, "Write your own.", where, is_error)


def _line_of_heading(files: CampaignFiles, found: SkeletonText) -> str:
    """Return the place of the text's first heading: a subject and a letter may have several."""
    name = f"{found.language}.md"
    written = markdown_sections.parse_text_file(name, files.text(name)[0])
    heading = HEADINGS[found.name]
    sections = (*written.sections, *written.notice)
    first = next((each.heading for each in sections if each.heading.startswith(heading)), heading)
    return f"{files.where(name)}:{written.line(first)}"


def _line_of_key(files: CampaignFiles, key: str) -> str:
    where = files.where(CAMPAIGN_FILE)
    values, lines, _ = parse_toml(files.text(CAMPAIGN_FILE)[0], where)
    return KeyLocations(where, lines, block_ids(values))(key)
