"""Reads a typed email address: finds it in what people paste, and checks it.

`conversations.text.typed.address_guesses` offers an address where a text needs a guess.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email

from conversations.text.links import has_public_suffix, registrable_domain
from conversations.text.mail_providers import (
    ALIAS_DOMAINS,
    HYPHEN_PROVIDERS,
    IGNORED_SIGNS,
    OTHERS,
    is_large,
)
from conversations.text.scripts import has_no_spaces, scripts
from conversations.text.word_lists import fold, words_of

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202c\u2060-\u2069\ufe00-\ufe0f\ufeff]"
)
"""Marks that programs put into a copied text. Overrides of direction are refused instead."""

_COMPATIBLE = re.compile("[\u3000\uff01-\uff5e\ufe52\ufe6b\uff61]+")
"""Full-width and small signs, which East Asian keyboards type."""

_TYPED_FOR = str.maketrans("‘’‐‑–−｡", "''----。")
"""What phones and programs put in place of an apostrophe or a hyphen."""

_SEPARATORS = r"\s<>()\[\]{}\"“”„«»‹›「」『』《》〈〉（）【】、，；：;:,|\\"
_PIECE = re.compile(f"[^{_SEPARATORS}]*@[^{_SEPARATORS}]*")
_IN_ANGLE_BRACKETS = re.compile(r"<\s*(?:mailto:)?([^<>\s]+@[^<>\s]+)\s*>", re.IGNORECASE)
_AFTER_DOMAIN = re.compile(r"[/?#&=!]")
_AT_START = "'`*.~?"
_FULL_STOP_IN_DOMAIN = re.compile(r"(?<=[^\W_])。(?=[^\W_])")
_ENCODED_WORD = re.compile(r"=\?|\?=")

_HIGHLY_RESTRICTIVE = (
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
)
"""Scripts that one label may mix (Unicode standard 39, section 5.2, “Highly Restrictive”)."""

_LATIN_LOOK_ALIKES = frozenset("асеорхуіјѕһԁԛԝӏѵԍονρα")
"""Cyrillic and Greek letters that look like Latin ones."""


class AddressProblem(StrEnum):
    """Why a text cannot be the sender's address."""

    NOT_AN_ADDRESS = "not_an_address"
    LOOK_ALIKE = "look_alike"
    SEVERAL = "several"
    LOCAL_PART = "local_part"


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


def parse_address(text: str) -> Address | AddressProblem:
    """Return the address that `text` is; email-validator checks its syntax (RFC 5321).

    Local parts outside ASCII are refused, because few servers accept them (SMTPUTF8). So are
    domains that may imitate others, quoted local parts, and encoded words (RFC 2047).
    """
    local, _, domain = text.rpartition("@")
    if _ENCODED_WORD.search(local) or "//" in local:
        return AddressProblem.NOT_AN_ADDRESS
    if any(unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs") for char in text):
        return AddressProblem.NOT_AN_ADDRESS
    if not domain.isascii() and _imitates(domain):
        return AddressProblem.LOOK_ALIKE
    if not local.isascii() and "@" not in local:
        is_mixed = len(scripts(local)) > 1
        return AddressProblem.LOOK_ALIKE if is_mixed else AddressProblem.LOCAL_PART
    try:
        checked = validate_email(
            text, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError:
        return AddressProblem.NOT_AN_ADDRESS
    return _checked_suffix(Address(checked.local_part, checked.ascii_domain.lower()))


def _checked_suffix(address: Address) -> Address | AddressProblem:
    """Refuse an internationalised suffix that does not exist, as in `mail.com謝謝`."""
    suffix = address.domain.rpartition(".")[2]
    is_unknown = suffix.startswith("xn--") and not has_public_suffix(address.domain)
    return AddressProblem.NOT_AN_ADDRESS if is_unknown else address


def read_address(text: str) -> Address | AddressProblem:
    """Return the only address in a pasted text, like `Ana <ana@mail.example>`.

    Full-width signs, invisible marks, brackets, quotes, labels and punctuation are left out.
    """
    plain = plain_text(text)
    bracketed = _IN_ANGLE_BRACKETS.findall(plain)
    pieces = dict.fromkeys(_trimmed(piece) for piece in bracketed or _PIECE.findall(plain))
    found = {parse_address(piece) for piece in pieces}
    if len({each for each in found if isinstance(each, Address)}) > 1:
        return AddressProblem.SEVERAL
    return found.pop() if len(found) == 1 else AddressProblem.NOT_AN_ADDRESS


def is_certain(text: str) -> bool:
    """Whether the address that was read from `text` is surely the whole one.

    It is if what stands before it ends with a sign, or says that an address follows, and no part
    of a domain follows after a space.
    """
    plain = plain_text(text)
    piece = _PIECE.search(plain)
    if piece is None:
        return False
    before, after = plain[: piece.start()].rstrip(" \t\u00a0"), plain[piece.end() :]
    if re.match(r"\s+\.\s*\w", after):
        return False
    if not before or not before[-1].isalnum():
        return True
    last_word = fold(before.split()[-1])
    introductions = words_of("words.address_is")
    return last_word in introductions or any(
        last_word.endswith(word) for word in introductions if has_no_spaces(word)
    )


def plain_text(text: str) -> str:
    """Return `text` without invisible marks, and with the signs of addresses in ASCII."""
    visible = _INVISIBLE.sub("", text)
    folded = _COMPATIBLE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), visible)
    return _FULL_STOP_IN_DOMAIN.sub(".", folded.translate(_TYPED_FOR)).strip()


def to_ascii(address: str) -> str:
    """Return a valid address with its domain as A-labels (RFC 5890, section 2.3.2.1).

    For example, `münchen.example` becomes `xn--mnchen-3ya.example`.
    """
    parsed = parse_address(address) if not address.isascii() else None
    return str(parsed) if isinstance(parsed, Address) else address


def readable(address: str) -> str:
    """Return an address, or a domain, with its domain as people write it (U-labels, RFC 5890)."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain.encode('ascii').decode('idna')}"
    except UnicodeError:
        return address


def canonical(address: Address) -> str:
    """Return the same text for all addresses of one mailbox, so that it can act only once.

    Case is folded, and a plus with what follows is removed (RFC 5233: a sub-address). Providers
    have more ways to write one mailbox: see `mail_providers`, and hosts like maria.fastmail.com.
    """
    local = address.local.casefold()
    local, domain = local.partition("+")[0] or local, address.domain
    owner = registrable_domain(domain)
    if domain != owner and owner in OTHERS:
        local, domain = domain.removesuffix(f".{owner}").rpartition(".")[2], owner
    domain = ALIAS_DOMAINS.get(domain, domain)
    if domain.partition(".")[0] in HYPHEN_PROVIDERS:
        local = local.partition("-")[0] or local
    kept = "".join(sign for sign in local if sign not in IGNORED_SIGNS.get(domain, ""))
    return f"{kept or local}@{domain}"


def limited_domain(address: str) -> str:
    """Return the domain at which only so many codes are mailed; "" at a large provider.

    At other domains, one person may receive the mail for all names, and for all hosts.
    """
    owner = registrable_domain(address.rpartition("@")[2])
    return "" if is_large(owner) else owner


def _trimmed(piece: str) -> str:
    """Return a text with an @ without the signs that surround the address in it."""
    if piece[0] == piece[-1] == "_":
        piece = piece[1:-1]
    local, _, domain = piece.rpartition("@")
    while local and (local[0] in _AT_START or not (local[0].isascii() or local[0].isalnum())):
        local = local[1:]
    domain = _AFTER_DOMAIN.split(domain)[0]
    while domain and unicodedata.category(domain[-1])[0] not in "LMN":
        domain = domain[:-1]
    return f"{local}@{domain}"


def _imitates(domain: str) -> bool:
    """Whether a label mixes scripts, or only has letters that look like Latin ones."""
    labels = domain.lower().split(".")
    ends_in_latin = labels[-1].isascii()
    return any(_mixes_scripts(label) or (ends_in_latin and _looks_latin(label)) for label in labels)


def _mixes_scripts(label: str) -> bool:
    found = scripts(label)
    return len(found) > 1 and not any(found <= allowed for allowed in _HIGHLY_RESTRICTIVE)


def _looks_latin(label: str) -> bool:
    letters = {char for char in label if char.isalpha()}
    return bool(letters) and letters <= _LATIN_LOOK_ALIKES
