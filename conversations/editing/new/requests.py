"""Facts that the dialogue about a new campaign asks for.

Reading a page and checking a campaign take up to a second, so both happen in a thread, outside of
the transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from conversations.core.events import SentFile
from conversations.core.fact_requests import Fact
from conversations.editing.new.state import NewCampaign
from conversations.folder.loading import LoadedCampaign
from conversations.folder.page_import.page_parts import Placed
from conversations.model.mistakes import Mistake

MAX_FILE_BYTES = 12_000_000
"""The largest file that the bot downloads. Telegram gives bots up to 20 MB (Bot API, getFile)."""


@dataclass(frozen=True)
class SavedNewCampaign:
    """A new campaign as it is saved."""

    id: str
    revision: str
    state: NewCampaign

    content: Mapping[str, bytes] = field(repr=False)
    """The files of a campaign that was sent as an archive."""


@dataclass(frozen=True)
class OwnNewCampaign(Fact[SavedNewCampaign | None]):
    """The campaign that this person is making; None if they aren't making any."""


@dataclass(frozen=True)
class ReadPage:
    """A page that was read."""

    placed: tuple[Placed, ...] = field(repr=False)
    """Its paragraphs, and where they are proposed to go."""

    language: str
    """Its language; "" if that isn't clear."""


@dataclass(frozen=True)
class PageInText(Fact[ReadPage | Mistake]):
    """The page in a text that was pasted, or why it can't be read."""

    text: str = field(repr=False)


@dataclass(frozen=True)
class CampaignInFile(Fact[ReadPage | LoadedCampaign | Mistake]):
    """The page in a file, or the campaign in an archive, or why it can't be used."""

    file: SentFile


@dataclass(frozen=True)
class LoadedFiles(Fact[LoadedCampaign]):
    """The campaign in these files, with all mistakes."""

    slug: str
    packed: bytes = field(repr=False)
    """The files (`packed_files.pack`)."""


@dataclass(frozen=True)
class NewErrors(Fact[tuple[Mistake, ...]]):
    """The errors in a campaign's files that an answer brings in."""

    slug: str
    before: bytes = field(repr=False)
    """The files without the answer (`packed_files.pack`)."""
    after: bytes = field(repr=False)
