"""Reads what supporters type: a name, an email address, a code, own words.

Each `read_…` function returns the cleaned value, or the problem with the typed text.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email
from rapidfuzz.distance import DamerauLevenshtein

from conversations.text.html import utf16_length

# Lengths in UTF-16 code units, as Telegram counts.
MAX_NAME_LENGTH = 100
MAX_OWN_WORDS_LENGTH = 500
MAX_SUBJECT_LENGTH = 100
MAX_REWRITTEN_LENGTH = 3000

CODE_DIGITS = 8
"""How many digits a one-time code has."""

TELEGRAM_CODE_DIGITS = 5
"""How many digits a login code of Telegram has."""

_JOINERS = "\u200c\u200d"
# Hangul fillers: letters that show nothing.
_INVISIBLE_LETTERS = "\u115f\u1160\u3164\uffa0"
_NAME_PUNCTUATION = set(" '’-.") | set(_JOINERS)
_LINK = re.compile(r"https?:|www\.|://|t\.me|@|\b[\w-]+\.(com|org|net|info|io|me|ru|cn|hk)\b", re.I)
_CODE = re.compile(r"(?<!\d)\d{4}[\s\u00a0\-–—.]*\d{4}(?!\d)")

# Common mail providers: a typed domain is compared with them to find typing errors.
WELL_KNOWN_DOMAINS = [
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "live.com",
    "icloud.com",
    "me.com",
    "aol.com",
    "msn.com",
    "proton.me",
    "protonmail.com",
    "gmx.de",
    "gmx.net",
    "gmx.ch",
    "web.de",
    "t-online.de",
    "yahoo.co.uk",
    "hotmail.co.uk",
    "btinternet.com",
    "yahoo.fr",
    "hotmail.fr",
    "orange.fr",
    "free.fr",
    "laposte.net",
    "yahoo.es",
    "hotmail.es",
    "yahoo.it",
    "libero.it",
    "sapo.pt",
    "bluewin.ch",
    "yahoo.com.hk",
    "yahoo.com.tw",
    "hinet.net",
    "netvigator.com",
    "qq.com",
    "163.com",
    "126.com",
    "sina.com",
    "yahoo.co.jp",
    "naver.com",
    "daum.net",
    "uol.com.br",
    "bol.com.br",
    "yandex.ru",
    "mail.ru",
    "rediffmail.com",
    "yahoo.co.in",
    "yahoo.com.br",
    "yahoo.com.au",
    "bigpond.com",
    "mail.com",
]


class NameProblem(StrEnum):
    """Why a text cannot be the name under a letter."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    LINK = "link"
    SIGNS = "signs"


class AddressProblem(StrEnum):
    """Why a text cannot be the sender's address."""

    NOT_AN_ADDRESS = "not_an_address"
    LOOK_ALIKE = "look_alike"


class CodeProblem(StrEnum):
    """Why a text cannot be a one-time code."""

    TELEGRAM = "telegram"
    NOT_A_CODE = "not_a_code"


class OwnWordsProblem(StrEnum):
    """Why the supporter's own words cannot be in the letter."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    LINK = "link"


@dataclass(frozen=True)
class Address:
    """An email address in ASCII."""

    local: str
    """The part before the @."""

    domain: str
    """In lower case; internationalised domains as A-labels (RFC 5890)."""

    def __str__(self) -> str:
        """Return the address as text."""
        return f"{self.local}@{self.domain}"


def read_name(text: str) -> str | NameProblem:
    """Return the name in NFC, with single spaces.

    A name can have letters and marks of any script, spaces, `' ’ - .`, and joiners between letters
    (Persian needs them). It has at most MAX_NAME_LENGTH characters and no links.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not any(unicodedata.category(char).startswith("L") for char in name):
        return NameProblem.SIGNS if name else NameProblem.EMPTY
    if utf16_length(name) > MAX_NAME_LENGTH:
        return NameProblem.TOO_LONG
    if _LINK.search(name):
        return NameProblem.LINK
    if not all(_is_allowed_in_name(name, index) for index in range(len(name))):
        return NameProblem.SIGNS
    return name


def read_address(text: str) -> Address | AddressProblem:
    """Return the address in `text`; email-validator checks its syntax (RFC 5321).

    Local parts with characters outside ASCII are refused, because few servers accept them
    (SMTPUTF8). Domains that mix scripts are refused, because they may imitate others.
    """
    typed = text.strip().rstrip(".").removeprefix("mailto:").strip("<>\"'“”„ \u00a0")
    if any(unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs") for char in typed):
        return AddressProblem.NOT_AN_ADDRESS
    try:
        checked = validate_email(
            typed, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError:
        return AddressProblem.NOT_AN_ADDRESS
    if not checked.domain.isascii() and _mixes_scripts(checked.domain):
        return AddressProblem.LOOK_ALIKE
    return Address(checked.local_part, checked.ascii_domain.lower())


def to_ascii(address: str) -> str:
    """Return a valid address with its domain as A-labels (RFC 5890, section 2.3.2.1).

    For example, `münchen.example` becomes `xn--mnchen-3ya.example`.
    """
    read = read_address(address) if not address.isascii() else None
    return str(read) if isinstance(read, Address) else address


def canonical(address: Address) -> str:
    """Return the same text for all spellings of an address, so that it can act only once.

    Case is folded. Dots, and a plus with what follows, are removed only for Gmail, which documents
    that it ignores them.
    """
    local = address.local.casefold()
    if address.domain in ("gmail.com", "googlemail.com"):
        return f"{local.split('+')[0].replace('.', '')}@gmail.com"
    return f"{local}@{address.domain}"


def suggest(address: Address) -> Address | None:
    """Return a correction if the domain looks like a typing error of a well-known one."""
    if address.domain in WELL_KNOWN_DOMAINS or len(address.domain) < len("qq.com"):
        return None
    distances = [
        (DamerauLevenshtein.distance(address.domain, known), known) for known in WELL_KNOWN_DOMAINS
    ]
    distance, nearest = min(distances)
    allowed = 1 if len(nearest) < len("gmail.com") else 2
    return Address(address.local, nearest) if distance <= allowed else None


def read_code(text: str) -> str | CodeProblem:
    """Return the eight digits of a one-time code, in ASCII.

    Digits of any script are accepted, with spaces or dashes, alone or in a pasted line. Five digits
    are the problem TELEGRAM: they may be a login code of Telegram, which nobody should send to a
    bot.
    """
    ascii_text = "".join(
        str(unicodedata.decimal(char)) if unicodedata.decimal(char, None) is not None else char
        for char in text
    )
    found = _CODE.search(ascii_text)
    if found:
        return "".join(char for char in found.group() if char.isdigit())
    digits = [char for char in ascii_text if char.isdigit()]
    if len(digits) == TELEGRAM_CODE_DIGITS:
        return CodeProblem.TELEGRAM
    return "".join(digits) if len(digits) == CODE_DIGITS else CodeProblem.NOT_A_CODE


def read_own_words(text: str) -> str | OwnWordsProblem:
    """Return the supporter's own words as one paragraph in NFC. Links and addresses are refused."""
    kept = "".join(
        char
        for char in unicodedata.normalize("NFC", text)
        if char.isspace() or char in _JOINERS or not unicodedata.category(char).startswith("C")
    )
    words = " ".join(kept.split())
    if not words.strip(_JOINERS):
        return OwnWordsProblem.EMPTY
    if utf16_length(words) > MAX_OWN_WORDS_LENGTH:
        return OwnWordsProblem.TOO_LONG
    return OwnWordsProblem.LINK if _LINK.search(words) else words


def read_subject(text: str) -> str | OwnWordsProblem:
    """Return the supporter's own subject: one line of at most MAX_SUBJECT_LENGTH characters."""
    words = read_own_words(text)
    if not isinstance(words, OwnWordsProblem) and utf16_length(words) > MAX_SUBJECT_LENGTH:
        return OwnWordsProblem.TOO_LONG
    return words


def read_rewritten(text: str) -> str | OwnWordsProblem:
    """Return a letter that the supporter rewrote, in NFC, with its lines. Links are refused."""
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    kept = "".join(
        char
        for char in normal
        if char == "\n" or char in _JOINERS or not unicodedata.category(char).startswith("C")
    ).strip()
    if not kept.strip(_JOINERS):
        return OwnWordsProblem.EMPTY
    if utf16_length(kept) > MAX_REWRITTEN_LENGTH:
        return OwnWordsProblem.TOO_LONG
    return OwnWordsProblem.LINK if _LINK.search(kept) else kept


def _is_allowed_in_name(name: str, index: int) -> bool:
    char = name[index]
    if char in _JOINERS:
        around = name[index - 1 : index] + name[index + 1 : index + 2]
        return len(around) == len("ab") and all(_is_letter(neighbour) for neighbour in around)
    return _is_letter(char) or char in _NAME_PUNCTUATION


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM" and char not in _INVISIBLE_LETTERS


def _mixes_scripts(domain: str) -> bool:
    return any(
        len({unicodedata.name(char, "?").split()[0] for char in label if char.isalpha()}) > 1
        for label in domain.split(".")
    )
