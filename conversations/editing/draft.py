"""A campaign's draft with everything that follows from it, as handlers ask for it.

    draft = context.fact(CampaignDraft(slug))          the draft, or the newest version
    draft = context.fact(CampaignDraft(slug, edit))    as it would be after an edit

Loading it reads and checks all files, which takes about a tenth of a second, so it happens outside
of the transaction. `SaveCampaignDraft.seen` carries the revision of what was loaded, so that a
change by somebody else in between is noticed, and the edit is applied to that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from conversations.core.fact_requests import Fact
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.edits.merging import Merge
from conversations.folder.edits.short_texts import ShortText, ShortTexts
from conversations.folder.loading import LoadedCampaign
from conversations.model.campaigns.campaign_draft import DraftApproval, DraftEditor
from conversations.model.campaigns.versions import Change, VersionInfo
from conversations.model.mistakes import Mistake


class EditRefused(Exception):
    """An edit can't be applied, for example because a typed date isn't one."""

    def __init__(self, key: str, **values: str | int) -> None:
        """`key` is the text that says why, in the catalogue for staff."""
        super().__init__(key)
        self.key = key
        self.values = values


def one_line(text: str) -> str:
    """Return a typed text on one line. Raises EditRefused if it is empty."""
    line = " ".join(text.split())
    if not line:
        raise EditRefused("edit.empty")
    return line


class Edit(Protocol):
    """A change of a campaign's files. Implementations are frozen dataclasses."""

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. Raises EditRefused."""

    def __hash__(self) -> int:
        """Return a hash, because the edit is part of a request for a fact."""


@dataclass(frozen=True)
class Elsewhere:
    """What was published since a draft was begun."""

    by: VersionInfo
    """The newest version."""

    changes: tuple[Change, ...]
    """What the newest version changed since the draft's base."""

    merge: Merge = field(repr=False)
    """The draft and the newest version, put together."""


@dataclass(frozen=True)
class Draft:
    """A campaign as it is being edited: its draft, or its newest version if there is none."""

    loaded: LoadedCampaign = field(repr=False)
    """The files, the campaign in them, and all mistakes; no campaign if there are errors."""

    base: int
    """The number of the version that is changed; 0 for a new campaign."""

    revision: str = ""
    """The revision of the draft as it is stored; "" if none is stored."""

    editors: tuple[DraftEditor, ...] = ()
    """Who changed it, the last one last."""

    state: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What is half-finished besides the files, as JSON."""

    changes: tuple[Change, ...] = ()
    """What it changes in the version that it is based on."""

    texts: ShortTexts = field(default=ShortTexts(), repr=False)
    """The names of targets, and the texts of questions."""

    text_codes: Mapping[str, ShortText] = field(default_factory=dict, repr=False)
    """The same, by the codes that buttons carry."""

    approval: DraftApproval | None = None
    """Who approved exactly this content; None if nobody did."""

    elsewhere: Elsewhere | None = None
    """What was published since it was begun; None if nothing was."""

    refused: EditRefused | None = None
    """Why the edit couldn't be applied: everything is as it was before."""

    @property
    def files(self) -> CampaignFiles:
        """The files of the campaign."""
        return self.loaded.files

    @property
    def errors(self) -> tuple[Mistake, ...]:
        """The mistakes with which it can't be published."""
        return tuple(each for each in self.loaded.mistakes if each.is_error)

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to publish."""
        return bool(self.changes) or (self.base == 0 and bool(self.files.content))


@dataclass(frozen=True)
class CampaignDraft(Fact[Draft | None]):
    """The draft of a campaign, else its newest version; None if there is neither.

    With an `edit`, what it becomes; nothing is saved by that. An edit of a campaign that doesn't
    exist yet is applied to no files.
    """

    campaign: str
    edit: Edit | None = None


@dataclass(frozen=True)
class CampaignDrafts(Fact[tuple[str, ...]]):
    """The slugs of all campaigns that have a draft, also those without a published version."""
