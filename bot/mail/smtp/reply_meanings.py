"""Classify a mail server's reply, so that its words need not be kept."""

import re

from conversations.model.letters.server_reply import ReplyMeaning, ServerReply

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
"""An enhanced status code (RFC 3463, section 2)."""

_DETAILS = {0: 0, 1: 10, 2: 4, 3: 6, 4: 7, 5: 7, 6: 10, 7: 30}
"""The highest detail of each subject that is registered with IANA (RFC 5248)."""

_REPLY_CODES = frozenset(
    (
        *(421, 432, 450, 451, 452, 454, 455),
        *(500, 501, 502, 503, 504, 521, 523, 525, 530, 534, 535, 538, 541),
        *(550, 551, 552, 553, 554, 555, 556, 571),
    )
)
"""Reply codes of RFC 5321 and its extensions that refuse something, and two common ones."""

_LOGIN_CODES = (530, 534, 535, 538)
"""Codes about our log-in (RFC 4954, section 6)."""

_BY_SUBJECT = {1: ReplyMeaning.MAILBOX, 6: ReplyMeaning.CONTENT, 7: ReplyMeaning.POLICY}

_BY_STATUS = {
    (1, 7): ReplyMeaning.SENDER,
    (1, 8): ReplyMeaning.SENDER,
    (2, 2): ReplyMeaning.FULL,
    (2, 3): ReplyMeaning.SIZE,
    (3, 4): ReplyMeaning.SIZE,
    (7, 8): ReplyMeaning.LOGIN,
    (7, 9): ReplyMeaning.LOGIN,
}


def server_reply(code: int | None, text: str, *, about_us: bool = False) -> ServerReply:
    """Return the reply without its words. `about_us`: the server refuses us, not this mail.

    Only registered codes are kept: a server could choose another for each letter, to recognise it.
    """
    status = _status(text)
    kept = ".".join(map(str, status)) if status else ""
    return ServerReply(_known_code(code), kept, _meaning(code, status, text, about_us=about_us))


def _status(text: str) -> tuple[int, int, int] | None:
    """Return class, subject and detail of the first enhanced status; 0 where they are unknown."""
    found = _STATUS.search(text)
    if found is None:
        return None
    class_, subject, detail = (int(part) for part in found.groups())
    if subject not in _DETAILS:
        return class_, 0, 0
    return class_, subject, detail if detail <= _DETAILS[subject] else 0


def _known_code(code: int | None) -> int | None:
    """Return the code, or that of its class: the first digit decides (RFC 5321, 4.3.2)."""
    if code is None or code in _REPLY_CODES:
        return code
    return min(code, 599) // 100 * 100 if code >= 400 else None


def _meaning(
    code: int | None, status: tuple[int, int, int] | None, text: str, *, about_us: bool
) -> ReplyMeaning:
    if code in _LOGIN_CODES:
        return ReplyMeaning.LOGIN
    found = None
    if status is not None:
        found = _BY_STATUS.get(status[1:]) or _BY_SUBJECT.get(status[1])
    if about_us and found not in (ReplyMeaning.LOGIN, ReplyMeaning.SENDER):
        return ReplyMeaning.LIMIT if _LIMIT.search(text) else ReplyMeaning.SENDER
    if found is None or found is ReplyMeaning.POLICY:
        found = next((each for each, words in _BY_WORDS if words.search(text)), found)
    if code is not None and code < 500 and found is not ReplyMeaning.FULL:
        return ReplyMeaning.LIMIT if found is ReplyMeaning.LIMIT else ReplyMeaning.LATER
    return found or ReplyMeaning.REFUSED


_LIMIT = re.compile(
    r"\b(?:too many|limit|quota)\b.*\b(?:sessions?|connections?|transactions?|messages?|emails?)\b"
    r"|\b(?:sessions?|connections?|transactions?|sending|sender|daily|hourly|monthly)\b.*"
    r"\b(?:limit|quota)\b|\bcredits? (?:exceeded|exhausted)",
    re.IGNORECASE,
)
_BY_WORDS = (
    (ReplyMeaning.LIMIT, _LIMIT),
    (
        ReplyMeaning.CONTENT,
        re.compile(r"\b(?:spam|junk|bulk|phish\w*|virus\w*|malware|unsolicited)\b", re.IGNORECASE),
    ),
    (
        ReplyMeaning.MAILBOX,
        re.compile(
            r"\b(?:user|mailbox|recipient) (?:is )?(?:unknown|not found)\b|\bno such user\b"
        ),
    ),
)
