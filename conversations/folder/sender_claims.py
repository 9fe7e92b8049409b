"""Find sentences about the sender and replies that are false with a campaign's settings.

Whose address a letter comes from, and where replies go, depends on the settings. Where letters may
come from the supporter's own address, some still don't, so no text may claim either. Sentences are
looked for in English and Chinese; {sender} and {answers} are always true.
"""

import re
from collections.abc import Iterator

from conversations.model.campaign import CampaignTerms

_LEAVES = r"(?:sent|comes?|goes|leaves?) (?:out )?from "
_YOURS = r"your (?:own )?(?:e-?mail )?address"
_YOURS_ZH = r"你(?:自己)?的(?:電郵|電子郵件)?地址"
_NOT = r"(?:(?:do|does|will) not|(?:do|does|wo)n['’]t|can(?:not| not|['’]t))"
_FROM_SUPPORTER = (
    rf"{_LEAVES}{_YOURS}",
    rf"{_YOURS} (?:is|stands|appears) (?:as|in) (?:the )?(?:sender|from)",
    rf"[從由]{_YOURS_ZH}(?:寄|發)出",
)
_FROM_US = (
    rf"{_LEAVES}(?:our (?:own )?(?:e-?mail |mail )?address|an? (?:e-?mail |mail )?address of ours)",
    r"[從由]我們的(?:電郵|電子郵件|郵件)?地址(?:寄|發)出",
)
_ADDRESS_SHOWN = (
    rf"{_YOURS} (?:is|will be) (?:shown|seen|passed on)",
    rf"(?<!不)會看到{_YOURS_ZH}",
)
_ADDRESS_HIDDEN = (
    rf"{_YOURS} (?:is not|isn['’]t|will not be|won['’]t be) (?:shown|seen|passed on)",
    rf"{_YOURS} (?:stays|remains) (?:hidden|secret|private)",
    rf"{_NOT} (?:see|learn|get) {_YOURS}",
    rf"看不到{_YOURS_ZH}",
)
_ANSWERS_TO_SUPPORTER = (
    r"(?:answers?|repl(?:y|ies))[^.\n]{0,40}(?:come|comes|go|goes|sent|reach)[^.\n]{0,20} you\b",
    r"you (?:will |'ll )?(?:get|receive) (?:the|an|any) (?:answer|reply)",
    r"(?:答覆|回覆)會?(?:寄|發|送)(?:到|給)你",
)
_ANSWERS_TO_ORGANISATION = (
    r"(?:answers?|repl(?:y|ies))[^.\n]{0,40}(?:come|comes|go|goes|sent|reach)[^.\n]{0,20} us\b",
    r"we (?:will |'ll )?(?:get|receive) (?:the|an|any) (?:answer|reply)",
    r"(?:答覆|回覆)會?(?:寄|發|送)(?:到|給)我們",
)


def find_false_claims(text: str, terms: CampaignTerms) -> Iterator[str]:
    """Yield the passages of `text` that are not always true under a campaign's terms."""
    line = " ".join(text.split())
    for pattern in _false_patterns(terms):
        if found := re.search(pattern, line, re.IGNORECASE):
            yield found[0]


def _false_patterns(terms: CampaignTerms) -> Iterator[str]:
    """Yield the patterns of sentences that are false under `terms`."""
    yield from _FROM_SUPPORTER
    if terms.identity != "relay":
        yield from _FROM_US
    if terms.identity != "relay" or terms.reply_to == "supporter":
        yield from _ADDRESS_HIDDEN
    if terms.reply_to != "supporter":
        yield from (*_ADDRESS_SHOWN, *_ANSWERS_TO_SUPPORTER)
    if terms.reply_to != "organisation":
        yield from _ANSWERS_TO_ORGANISATION
