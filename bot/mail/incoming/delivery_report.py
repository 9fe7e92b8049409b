"""Read the fields of a delivery report (RFC 3464, and RFC 6533 for addresses outside ASCII).

The format is read leniently: fields without a blank line between recipients, folded or broken
lines, comments, and fields that a server wrote into the text instead of a part of their own.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from enum import StrEnum, auto

from bot.mail.messages.headers import subparts

REPORT_TYPES = ("message/delivery-status", "message/global-delivery-status")

_MAX_LINES = 2_000
_MAX_LINE_LENGTH = 2_000
_MAX_RECIPIENTS = 100

_FIELD = re.compile(r"\s{0,8}([A-Za-z][A-Za-z0-9-]{2,40})\s{0,8}:\s*(.*)")
_RECIPIENTS = ("original-recipient", "final-recipient")
_WANTED = frozenset((*_RECIPIENTS, "action", "status", "diagnostic-code"))
_COMMENT = re.compile(r"\([^()]*\)")
_ADDRESS_TYPE = re.compile(r"\s*[a-z0-9-]{1,20}\s*;", re.IGNORECASE)
_ESCAPED_CHARACTER = re.compile(r"\\x\{([0-9a-f]{1,6})\}", re.IGNORECASE)
"""RFC 6533, section 3: utf-8-addr-xtext."""


class Action(StrEnum):
    """What a server did for a recipient (RFC 3464, section 2.3.3)."""

    FAILED = auto()
    DELAYED = auto()

    HANDED_ON = auto()
    """Delivered, relayed to a server that sends no reports, or expanded into several recipients."""

    UNKNOWN = auto()


@dataclass
class RecipientReport:
    """What a server reports about one recipient."""

    fields: dict[str, str] = field(default_factory=dict)
    """Values by name, in lower case, each on one line."""

    @property
    def action(self) -> Action:
        """What the server did. If that is not said in English, the status code says it."""
        said = _COMMENT.sub(" ", self.fields.get("action", "")).strip().lower()
        for action, words in _ACTIONS.items():
            if said.startswith(words):
                return action
        return _BY_STATUS_CLASS.get(self.status[:2], Action.UNKNOWN)

    @property
    def status(self) -> str:
        """The enhanced status code (RFC 3463), such as 5.1.1; "" if there is none."""
        found = _STATUS_CODE.match(_COMMENT.sub(" ", self.fields.get("status", "")).strip())
        return found[0] if found else ""

    @property
    def diagnosis(self) -> str:
        """The other server's reply, with the status code unless the reply contains it."""
        said = self.fields.get("diagnostic-code", "")
        kind = _ADDRESS_TYPE.match(said)
        said = said[kind.end() :].strip() if kind else said
        if not self.status or self.status in said:
            return said
        return f"{said} ({self.status})" if said else self.status

    @property
    def addresses(self) -> tuple[str, ...]:
        """The recipient as the sender wrote it, and as the last server knows it."""
        return tuple(filter(None, (_address(self.fields.get(name, "")) for name in _RECIPIENTS)))


_ACTIONS = {
    # OpenSMTPD says “error”, SendGrid “expired”.
    Action.FAILED: ("fail", "error", "expired", "undeliver", "bounce", "reject"),
    Action.DELAYED: ("delay", "defer"),
    Action.HANDED_ON: ("deliver", "relay", "expand"),
}
_BY_STATUS_CLASS = {"5.": Action.FAILED, "4.": Action.DELAYED, "2.": Action.HANDED_ON}
_STATUS_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


def recipient_reports(message: Message, text: str) -> list[RecipientReport]:
    """Return what `message` reports about each recipient.

    `text` is the text of a message that a server wrote: it is searched if no part has the fields.
    """
    for source in (*_report_parts(message), text):
        reports = [each for each in _blocks(source) if each.action is not Action.UNKNOWN]
        if reports:
            return reports
    return []


def _report_parts(message: Message) -> Iterator[str]:
    for part in [message, *subparts(message), *(i for p in subparts(message) for i in subparts(p))]:
        if part.get_content_type() in REPORT_TYPES:
            yield _raw_text(part)


def _raw_text(part: Message) -> str:
    """Return the text of a delivery report, which the parser has split into headers and bodies."""
    text = "\n\n".join(_lines_of(inner) for inner in subparts(part)) or str(part.get_payload())
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding not in ("base64", "quoted-printable"):
        return text
    # RFC 6533, section 4: this type may be encoded, which the parser doesn't know.
    decoded = Message()
    decoded["Content-Transfer-Encoding"] = encoding
    decoded.set_payload(text)
    payload = decoded.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _lines_of(block: Message) -> str:
    headers = "".join(f"{name}: {value}\n" for name, value in block.raw_items())
    payload = block.get_payload()
    return f"{headers}\n{payload}" if isinstance(payload, str) and payload else headers


def _blocks(text: str) -> list[RecipientReport]:
    """Return the fields of each recipient, whether or not blank lines separate them."""
    reports = [RecipientReport()]
    last, after_blank = "", False
    for line in text.splitlines()[:_MAX_LINES]:
        found = _FIELD.fullmatch(line[:_MAX_LINE_LENGTH].rstrip())
        name = found[1].lower() if found else ""
        if not line.strip():
            last, after_blank = "", True
        elif found and name in _WANTED:
            if _begins_next(reports[-1].fields, name, after_blank):
                if len(reports) == _MAX_RECIPIENTS:
                    break
                reports.append(RecipientReport())
            reports[-1].fields[name] = found[2].strip()
            last, after_blank = name, False
        elif last and (not found or line[:1].isspace()):
            # A folded line, or one that should have been folded.
            reports[-1].fields[last] += f" {line.strip()[:_MAX_LINE_LENGTH]}"
        else:
            last = ""
    return reports


def _begins_next(fields: Mapping[str, str], name: str, after_blank: bool) -> bool:
    """Whether the field `name`, after `fields`, is the first of another recipient."""
    if name in fields:
        return True
    if "action" not in fields or name not in (*_RECIPIENTS, "action"):
        return False
    return after_blank or not fields.keys().isdisjoint(_RECIPIENTS)


def _address(value: str) -> str:
    """Return the address in a recipient field; "" if there is none."""
    kind = _ADDRESS_TYPE.match(value)
    written = value[kind.end() :] if kind else value
    written = _ESCAPED_CHARACTER.sub(_unescape, _COMMENT.sub(" ", written)).strip()
    if "@" in written:
        # What follows may be a broken line.
        written = next(word for word in written.split() if "@" in word)
    return written.strip("<>\"',;").removeprefix("mailto:")


def _unescape(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
