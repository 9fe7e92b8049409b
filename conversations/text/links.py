"""Finds what a mail program or Telegram would turn into a link.

A link begins with a scheme (`https://`) or `www.`, contains an @, is an IP address, or is a domain.
A domain ends with a public suffix (https://publicsuffix.org/list, the ICANN part).

Many suffixes are words, too (`.me`, `.it`, `.world`), and people forget the space after a sentence.
So a text with a dot is no domain if what follows the dot reads as a new word:

- `it.Me`: a capital and small letters, unless the suffix is never a word (`Example.Com`);
- `J.Li`, `Dr.Ng`, `etc.in`: an initial, a title or an abbreviation before the dot;
- `IT.ME`, `10.am`: a short word in capitals, or after a number.

With a path, a port or a query behind it (`it.Me/x`), it is a link in each case.
"""

import re
import unicodedata
from functools import cache

from publicsuffixlist import PublicSuffixList

from conversations.text.scripts import script

_SEPARATORS = (
    r"\s<>()\[\]{}\"“”„‘’'«»‹›「」『』《》〈〉（）【】,;:!?…、，。；：！？/\\|*#&%$=+~^`@·•–—‒―"
)
_RUN = re.compile(f"[^{_SEPARATORS}]+")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_CERTAIN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+.-]{0,20}://\S*"
    r"|(?<![A-Za-z0-9])https?:\S+"
    r"|(?<![A-Za-z0-9])(?:mailto|tg|tel|sms|sip|xmpp|magnet|javascript):[^\s,.;:]\S*"
    r"|(?<![A-Za-z0-9])www\d?\.\w\S*"
    r"|(?<![\w.+-])[\w.+-]*@\w[\w.-]*"
    rf"|(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?!\.?\w)",
    re.IGNORECASE,
)
_REST_OF_URL = re.compile(r"/[^\s/]\S*|/(?=\s|$)|:\d{2,5}\b\S*|\?\w+=\S*|#\w\S*")
_ASCII_BEFORE_OTHER = re.compile(r"[a-z]{2,}(?=[^\x00-\x7f])", re.IGNORECASE)
_FULL_STOP_IN_DOMAIN = re.compile(r"(?<=[A-Za-z0-9])。(?=[A-Za-z0-9])")

_NEVER_WORDS = frozenset(
    """
    com net org edu gov mil info biz xyz io ly gg gl tv uk ru cn hk tw jp kr fr cz br bg ch dk
    pl pt sg th ua vn cc app dev html
    """.split()  # noqa: SIM905 - a list would have a line for each
)
"""Suffixes that begin no sentence, so a capital does not make them a word."""

_SHORT_WORDS = frozenset(
    """
    ad ai al am as at be by co de do er es et eu fm id il im in is it je la le li ma me mu my na
    ne ni no nu om pa pm re sa se si so st su to us va ve vi we
    """.split()  # noqa: SIM905 - a list would have a line for each
)
"""Suffixes that are short words in English or another common language."""

_ABBREVIATIONS = frozenset(
    """
    etc vs no nos inc ltd approx ca cf pp vol ed fig mr mrs ms mx dr prof rev hon gen st sr sra
    jr md mme mlle mohd ing mag
    """.split()  # noqa: SIM905 - a list would have a line for each
)
"""What often stands before a dot inside a sentence."""


def find_link(text: str, known: str = "") -> str:
    """Return the first link in `text` that is not in `known`; "" if there is none.

    It is in compatibility form (NFKC). Invisible characters inside a link do not hide it.
    """
    allowed = frozenset(_links(known)) if known else frozenset()
    return next((link for link in _links(text) if link not in allowed), "")


def has_public_suffix(domain: str) -> bool:
    """Whether `domain`, in lower case, ends with a suffix of the public suffix list."""
    return _suffixes().publicsuffix(domain) is not None


def registrable_domain(domain: str) -> str:
    """Return the part of `domain`, in lower case, that its owner registered.

    For example, `example.co.uk` for `mail.example.co.uk`. Of a domain with an unknown suffix, these
    are the last two labels.
    """
    return _suffixes().privatesuffix(domain) or ".".join(domain.split(".")[-2:])


def load_suffixes() -> None:
    """Read and cache the public suffix list. It takes 30 ms: call it off the event loop."""
    _suffixes()


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def _links(text: str) -> list[str]:
    """Return all links in `text`, in their order."""
    plain = _visible(text)
    found = [(match.start(), match[0]) for match in _CERTAIN.finditer(plain)]
    if "." in plain:
        found += _domains(plain)
    return [link.rstrip(".,:;!?)]}'\"’”»") for _, link in sorted(found)]


def _visible(text: str) -> str:
    """Return `text` in compatibility form, without characters that are not shown."""
    shown = (char for char in text if not _is_invisible(char))
    plain = unicodedata.normalize("NFKC", "".join(shown))
    return _FULL_STOP_IN_DOMAIN.sub(".", plain)


def _is_invisible(char: str) -> bool:
    if char.isascii():
        return False
    is_selector = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
    return is_selector or char == "\u034f" or unicodedata.category(char) == "Cf"


def _domains(text: str) -> list[tuple[int, str]]:
    """Return the domains in `text` with their positions."""
    found = []
    for run in _RUN.finditer(text):
        for part in re.finditer(r"[^.]+(?:\.[^.]+)+", run[0]):
            start, host = run.start() + part.start(), part[0].strip("-_")
            rest = _REST_OF_URL.match(text, start + len(part[0]))
            if domain := _domain(host, has_rest=rest is not None):
                found.append((start, f"{domain}{rest[0] if rest else ''}"))
    return found


def _domain(host: str, *, has_rest: bool) -> str:
    """Return the domain at the end of `host`; "" if there is none.

    Text in a script without spaces may follow the suffix directly, as in `example.com吧`.
    """
    *before, last = host.split(".")
    cut = _ASCII_BEFORE_OTHER.match(last)
    if cut and script(last[cut.end()]) not in ("LATIN", "COMBINING"):
        last = cut[0]
    if not all(before) or not last or not has_public_suffix(".".join((*before, last)).lower()):
        return ""
    is_domain = has_rest or not _reads_as_a_word(before, last)
    return ".".join((*before, last)) if is_domain else ""


def _reads_as_a_word(before: list[str], last: str) -> bool:
    """Whether `last` is a word after a dot, by the rules at the top of this file."""
    suffix, previous = last.lower(), before[-1]
    is_short = suffix in _SHORT_WORDS
    if suffix in _NEVER_WORDS and len(suffix) > len("uk"):
        return False
    if len(previous) == 1 and previous.isupper() and last[0].isupper():
        return last[1:].islower() or is_short
    if last[0].isupper() and last[1:].islower():
        return suffix not in _NEVER_WORDS
    if previous.lower() in _ABBREVIATIONS or previous.isdecimal() or last.isupper():
        return is_short
    return is_short and len(before) > 1 and len(previous) == 1
