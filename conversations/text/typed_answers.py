"""A name, an address, a code, a sentence: as a person types them → a value or a named problem."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email
from rapidfuzz.distance import DamerauLevenshtein

from conversations.text.html import units

NAME_MOST = 100
OWN_WORDS_MOST = 500
MAX_SUBJECT_LENGTH = 100
MAX_REWRITTEN_LENGTH = 3000
CODE_DIGITS = 8
TELEGRAM_CODE_DIGITS = 5

_JOINERS = "\u200c\u200d"
# Letters that show nothing: Hangul fillers.
_INVISIBLE_LETTERS = "\u115f\u1160\u3164\uffa0"
_NAME_PUNCTUATION = set(" '’-.") | set(_JOINERS)
_LINK = re.compile(r"https?:|www\.|://|t\.me|@|\b[\w-]+\.(com|org|net|info|io|me|ru|cn|hk)\b", re.I)
_CODE = re.compile(r"(?<!\d)\d{4}[\s\u00a0\-–—.]*\d{4}(?!\d)")

# Where most people have their mail: the domains that a slip is compared with.
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
    """Why a text is no name that can stand under a letter."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    LINK = "link"
    SIGNS = "signs"


class AddressProblem(StrEnum):
    """Why a text is no address that a letter can come from."""

    NOT_AN_ADDRESS = "not_an_address"
    LOOK_ALIKE = "look_alike"


class CodeProblem(StrEnum):
    """Why a text is no code of ours."""

    TELEGRAM = "telegram"
    NOT_A_CODE = "not_a_code"


class OwnWordsProblem(StrEnum):
    """Why a sentence cannot stand in the letter."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    LINK = "link"


@dataclass(frozen=True)
class Address:
    """A mail address in ASCII form: the domain in small letters, an IDN as its A-labels."""

    local: str
    domain: str

    def __str__(self) -> str:
        """Return the address as it is written."""
        return f"{self.local}@{self.domain}"


def read_name(text: str) -> str | NameProblem:
    """Return the name in NFC with single spaces.

    Letters and marks of any script, space, `' ’ - .`, and joiners between letters (Persian needs
    them); at most 100 characters; no links and no other signs.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not any(unicodedata.category(sign).startswith("L") for sign in name):
        return NameProblem.SIGNS if name else NameProblem.EMPTY
    if units(name) > NAME_MOST:
        return NameProblem.TOO_LONG
    if _LINK.search(name):
        return NameProblem.LINK
    if not all(_may_stand_in_name(name, index) for index in range(len(name))):
        return NameProblem.SIGNS
    return name


def read_address(text: str) -> Address | AddressProblem:
    """Return the address that `text` holds.

    Its syntax is judged by email-validator (RFC 5321); a letter outside ASCII in the local part
    is refused, because few servers take it (SMTPUTF8), and so are domains of mixed scripts.
    """
    typed = text.strip().rstrip(".").removeprefix("mailto:").strip("<>\"'“”„ \u00a0")
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cs") for sign in typed):
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
    """Return an address, written as it should be, with its domain as mail servers know it.

    RFC 5890, section 2.3.2.1: `münchen.example` is `xn--mnchen-3ya.example` there.
    """
    read = read_address(address) if not address.isascii() else None
    return str(read) if isinstance(read, Address) else address


def canonical(address: Address) -> str:
    """Return the one form under which an address acts once.

    Case is folded. Dots and what follows a plus are dropped for Google's mail alone, which is
    documented to ignore them.
    """
    local = address.local.casefold()
    if address.domain in ("gmail.com", "googlemail.com"):
        return f"{local.split('+')[0].replace('.', '')}@gmail.com"
    return f"{local}@{address.domain}"


def suggest(address: Address) -> Address | None:
    """Return the address probably meant, where the domain is a slip of a well-known one."""
    if address.domain in WELL_KNOWN_DOMAINS or len(address.domain) < len("qq.com"):
        return None
    slips = [
        (DamerauLevenshtein.distance(address.domain, known), known) for known in WELL_KNOWN_DOMAINS
    ]
    distance, nearest = min(slips)
    allowed = 1 if len(nearest) < len("gmail.com") else 2
    return Address(address.local, nearest) if distance <= allowed else None


def read_code(text: str) -> str | CodeProblem:
    """Return the eight digits of a one-time code, in ASCII.

    Digits of any script count, grouped as people group them, alone or within a pasted line. Five
    digits are a problem of their own: Telegram's login codes have five, and nobody may ask for one.
    """
    ascii_text = "".join(
        str(unicodedata.decimal(sign)) if unicodedata.decimal(sign, None) is not None else sign
        for sign in text
    )
    found = _CODE.search(ascii_text)
    if found:
        return "".join(sign for sign in found.group() if sign.isdigit())
    digits = [sign for sign in ascii_text if sign.isdigit()]
    if len(digits) == TELEGRAM_CODE_DIGITS:
        return CodeProblem.TELEGRAM
    return "".join(digits) if len(digits) == CODE_DIGITS else CodeProblem.NOT_A_CODE


def read_own_words(text: str) -> str | OwnWordsProblem:
    """Return the supporter's own words as one paragraph in NFC; links and addresses are refused."""
    kept = "".join(
        sign
        for sign in unicodedata.normalize("NFC", text)
        if sign.isspace() or sign in _JOINERS or not unicodedata.category(sign).startswith("C")
    )
    words = " ".join(kept.split())
    if not words.strip(_JOINERS):
        return OwnWordsProblem.EMPTY
    if units(words) > OWN_WORDS_MOST:
        return OwnWordsProblem.TOO_LONG
    return OwnWordsProblem.LINK if _LINK.search(words) else words


def read_subject(text: str) -> str | OwnWordsProblem:
    """Return a subject of the supporter's own: one line of at most 100 characters."""
    words = read_own_words(text)
    if not isinstance(words, OwnWordsProblem) and units(words) > MAX_SUBJECT_LENGTH:
        return OwnWordsProblem.TOO_LONG
    return words


def read_rewritten(text: str) -> str | OwnWordsProblem:
    """Return a letter that the supporter rewrote, in NFC, its lines kept; links are refused."""
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    kept = "".join(
        sign
        for sign in normal
        if sign == "\n" or sign in _JOINERS or not unicodedata.category(sign).startswith("C")
    ).strip()
    if not kept.strip(_JOINERS):
        return OwnWordsProblem.EMPTY
    if units(kept) > MAX_REWRITTEN_LENGTH:
        return OwnWordsProblem.TOO_LONG
    return OwnWordsProblem.LINK if _LINK.search(kept) else kept


def _may_stand_in_name(name: str, index: int) -> bool:
    sign = name[index]
    if sign in _JOINERS:
        around = name[index - 1 : index] + name[index + 1 : index + 2]
        return len(around) == len("ab") and all(_is_letter(neighbour) for neighbour in around)
    return _is_letter(sign) or sign in _NAME_PUNCTUATION


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LM" and sign not in _INVISIBLE_LETTERS


def _mixes_scripts(domain: str) -> bool:
    return any(
        len({unicodedata.name(sign, "?").split()[0] for sign in label if sign.isalpha()}) > 1
        for label in domain.split(".")
    )
