"""Sentences about From and answers that campaigners may write by hand, and when they are false.

The letter goes out in the supporter's name at an address of the organisation's domain, so no text
may say that it comes from the supporter's own address. Where answers go is the campaign's setting.
Looked for in English and Chinese; the placeholders {sender} and {answers} are right in any case.
"""

import re
from collections.abc import Iterator

_FROM_SUPPORTER = (
    r"(?:sent|comes?|goes|leaves?) (?:out )?from your (?:own )?(?:e-?mail )?address",
    r"your (?:e-?mail )?address (?:is|stands|appears) (?:as|in) (?:the )?(?:sender|from)",
    r"從你(?:自己)?的(?:電郵|電子郵件)?地址(?:寄|發)出",
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
_FALSE = {
    "supporter": _FROM_SUPPORTER + _ANSWERS_TO_ORGANISATION,
    "organisation": _FROM_SUPPORTER + _ANSWERS_TO_SUPPORTER,
    "none": _FROM_SUPPORTER + _ANSWERS_TO_SUPPORTER + _ANSWERS_TO_ORGANISATION,
}


def false(text: str, reply_to: str) -> Iterator[str]:
    """Yield the passages of `text` that are not so where answers go to `reply_to`."""
    for pattern in _FALSE[reply_to]:
        if found := re.search(pattern, " ".join(text.split()), re.IGNORECASE):
            yield found[0]
