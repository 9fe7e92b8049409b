"""Mails to the owner of an address that got a code: in which languages, and what they say.

They name neither a campaign nor the organisation, since the conversation may be discreet.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from conversations.model.campaigns import spoken
from conversations.model.campaigns.campaign import Campaign
from conversations.text.languages import DEFAULT, match, offered
from conversations.text.wording import Wording

MAX_LANGUAGES = 4
"""In how many languages one mail is written."""

MAX_SUBJECT_LENGTH = 69
"""With the header's name, a line of 78 characters (RFC 5322, section 2.1.1)."""

_RULE = "\n\n----------\n\n"


class OwnerMailKind(StrEnum):
    """What a mail to an owner says. The values are part of the keys of its texts."""

    ASK = "ask"
    """Did you ask for our code?"""

    DONE = "done"
    """You get no more email from us."""


@dataclass(frozen=True)
class OwnerText:
    """What a mail to an owner says, in each of its languages."""

    subject: str
    text: str

    languages: str
    """The value of the header Content-Language (RFC 3282)."""


def languages(campaigns: Iterable[Campaign], of_code: str = "") -> tuple[str, ...]:
    """Return the languages of a mail to an owner, who may be a stranger.

    `of_code` is the language in which the address got a code, and comes first; "" if it is not
    known. Then come the languages in which most campaigns are written. English is always included.
    """
    written = Counter(
        spoken.catalogue(tag, campaign) for campaign in campaigns for tag in campaign.languages
    )
    first = match(of_code, offered()) if of_code else None
    wanted = (first, *(tag for tag, _ in written.most_common()), DEFAULT)
    tags = tuple(tag for tag in dict.fromkeys(wanted) if tag)
    others = [tag for tag in tags if tag != DEFAULT][: MAX_LANGUAGES - 1]
    return tuple(tag for tag in tags if tag == DEFAULT or tag in others)


def compose(kind: OwnerMailKind, tags: tuple[str, ...]) -> OwnerText:
    """Return what a mail says in the languages `tags`.

    Its subject is in the first two of them, or in the first if both don't fit into one line.
    """
    wordings = [Wording(tag) for tag in tags]
    titles = [each.label(f"mail.owner.{kind}_subject") for each in wordings[:2]]
    subject = " / ".join(titles)
    return OwnerText(
        subject=subject if len(subject) <= MAX_SUBJECT_LENGTH else titles[0],
        text=_RULE.join(each.label(f"mail.owner.{kind}_text") for each in wordings),
        languages=", ".join(tags),
    )
