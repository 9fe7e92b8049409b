"""Who changed a campaign's draft, and who approved it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DraftEditor:
    """A person who changed a draft."""

    member: str
    """The person's id in the team (`Member.id`)."""

    name: str
    """The name of their Telegram account; "" once they were erased."""


@dataclass(frozen=True)
class DraftApproval:
    """A colleague's approval of exactly one content of a draft."""

    content: str
    """The hash of the content (`packed_files.content_hash`)."""

    by: DraftEditor
