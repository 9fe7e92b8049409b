"""Find sentences about the sender and replies that are false with a campaign's settings.

Whose address a letter comes from, and where replies go, depends on the settings. Where letters may
come from the supporter's own address, some still don't, so no text may claim either. {sender} and
{answers} are always true. `claim_patterns` has the sentences; all its languages are looked for.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from conversations.folder.checks.claim_patterns import LANGUAGES, Claim
from conversations.model.campaigns.campaign import CampaignTerms


def find_false_claims(text: str, terms: CampaignTerms) -> Iterator[str]:
    """Yield the passages of `text` that are not always true under a campaign's terms."""
    line = " ".join(text.split())
    for claim in _false_claims(terms):
        yield from _passages(line, claim)


@lru_cache(maxsize=2000)
def _passages(line: str, claim: Claim) -> tuple[str, ...]:
    """Return the first passage for each pattern of a claim.

    They are kept, because a draft is checked again at each edit, and few of its texts change.
    """
    passages = []
    for pattern in _patterns(claim):
        found = (each for each in pattern.finditer(line) if not each.groupdict().get("no"))
        if first := next(found, None):
            passages.append(first[0])
    return tuple(passages)


def makes_claim(text: str) -> bool:
    """Whether `text` says whose address letters come from, or where replies go: true or not."""
    line = " ".join(text.split())
    return any(pattern.search(line) for claim in Claim for pattern in _patterns(claim))


def _false_claims(terms: CampaignTerms) -> Iterator[Claim]:
    """Yield what is false, or not always true, under `terms`."""
    to_supporter = terms.reply_to == "supporter"
    yield Claim.FROM_SUPPORTER
    if terms.identity != "relay":
        yield Claim.FROM_ORGANISATION
    if terms.identity != "relay" or to_supporter:
        yield Claim.ADDRESS_HIDDEN
    if to_supporter:
        yield Claim.NO_REPLY_TO_SUPPORTER
    # Supporters may hide their address.
    yield from (Claim.ADDRESS_SHOWN, Claim.REPLIES_TO_SUPPORTER)
    if terms.reply_to != "organisation":
        yield Claim.REPLIES_TO_ORGANISATION
    if terms.reply_to != "none":
        yield Claim.NO_REPLY


@cache
def _patterns(claim: Claim) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of a claim in every language."""
    return tuple(
        re.compile(pattern, re.IGNORECASE) for known in LANGUAGES for pattern in known[claim]
    )
