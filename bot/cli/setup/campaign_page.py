"""Read the page that a new campaign is made from, for `actionbot campaign new --from`."""

from dataclasses import dataclass
from pathlib import Path

from bot.clock import utc_now
from bot.errors import CommandError
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.leftovers import find_leftovers
from conversations.folder.loading import load_files
from conversations.folder.new_campaign import Template
from conversations.folder.own_wording import is_language_tag
from conversations.folder.page_import.cue_words import guess_language
from conversations.folder.page_import.documents import MAX_FILE_BYTES, read_document
from conversations.folder.page_import.page_campaign import campaign_from_page
from conversations.folder.page_import.page_parts import Proposal
from conversations.folder.page_import.paragraphs import PageError
from conversations.folder.page_import.recognition import propose
from conversations.model.mistakes import Mistake


@dataclass(frozen=True)
class ImportedPage:
    """A page and the campaign that was made from it."""

    proposal: Proposal
    language: str
    files: CampaignFiles


def import_page(
    path: Path, slug: str, language: str | None, template: Template = Template.GOVERNMENT
) -> ImportedPage:
    """Return the campaign `slug` from a page; without a language, guess it. Raises CommandError."""
    with path.open("rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    try:
        paragraphs = read_document(path.name, content)
    except PageError as error:
        raise CommandError((error.mistake(str(path)),)) from None
    found = language or guess_language("\n".join(each.text for each in paragraphs))
    if found is None:
        raise CommandError(
            "It isn't clear which language this is.", fix="Add --language en.", where=str(path)
        )
    proposal = propose(paragraphs)
    return ImportedPage(proposal, found, campaign_from_page(proposal, slug, found, template))


def check_language(tag: str) -> str:
    """Return `tag` if it can be a campaign's language. Raises CommandError."""
    if not is_language_tag(tag):
        raise CommandError("This isn't a language.", fix="Write it like pt or zh-Hant.", where=tag)
    return tag


def still_to_do(files: CampaignFiles) -> tuple[Mistake, ...]:
    """Return the mistakes in a new campaign, and the texts that are still the skeleton's."""
    loaded = load_files(files, utc_now().date())
    if loaded.campaign is None:
        return loaded.mistakes
    return *loaded.mistakes, *find_leftovers(files, loaded.campaign, is_error=False)
