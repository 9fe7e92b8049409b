"""Mutations of Telegram updates and of incoming mails: broken, absurd and hostile input.

Each mutation is a function of a valid sample and of a source of random choices.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import orjson

from tests.returned import DELAYS, FOR_GOOD
from tests.returned_words import IN_WORDS

Json = Any

CHATS = range(8_200_000_001, 8_200_000_401)
"""Ids of the chats that mutated updates come from. Few updates each, so no chat floods."""

_TEXTS = (
    "",
    "/start hong-kong",
    "/start hong-kong__poster",
    "/forget",
    "/mydata",
    "Maria Silva",
    "Portugal",
    "w1@mail.example",
    "0000 0000",
    "a" * 4096,
    "\u0000\u0001\u001b[31m",
    "\u202e\u2066\u200f\u200d" * 50,
    "𝕸𝖆𝖗𝖎𝖆 👩🏽‍🚀🏳️‍🌈",
    "Robert'); DROP TABLE chats;--",
    "<b>&lt;{name}{0.__class__}%s%n</b>",
    "=cmd|'/C calc'!A0",
    "../../etc/passwd",
    "１２３４５６７８",
)

_VALUES: tuple[Json, ...] = (
    *_TEXTS,
    None,
    True,
    -1,
    0,
    2**31,
    2**53,
    2**63 - 1,
    -(2**63),
    1.5,
    1e308,
    [],
    {},
    [[[[[]]]]],
    {"id": 1},
)

_CONTENTS: tuple[Json, ...] = (
    {"text": "/start hong-kong"},
    {"text": "Maria Silva"},
    {"text": "w1@mail.example", "entities": [{"type": "email", "offset": 0, "length": 15}]},
    {"photo": [{"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9}]},
    {"sticker": {"file_id": "s", "file_unique_id": "u", "type": "regular", "width": 9}},
    {"document": {"file_id": "d", "file_unique_id": "u", "file_name": "x.docx"}},
    {"voice": {"file_id": "v", "file_unique_id": "u", "duration": 3}},
    {"contact": {"phone_number": "1", "first_name": "Maria"}},
    {"location": {"latitude": 1.0, "longitude": 2.0}},
    {"poll": {"id": "1", "question": "?", "options": [], "type": "regular"}},
    {"dice": {"emoji": "🎲", "value": 6}},
    {"pinned_message": {"message_id": 1, "date": 1}},
    {"web_app_data": {"data": "x", "button_text": "y"}},
    {"forward_origin": {"type": "hidden_user", "sender_user_name": "x", "date": 1}, "text": "x"},
)

_BUTTONS = ("", "w", "lang:pt", "send", "undo:1", "b:send:1", "\u0000", "x" * 64, "a:b:c:d:e:f:g")


def update(chance: Random, number: int) -> bytes:
    """Return the JSON of a mutated update. Some are valid, and some are no JSON."""
    made = _update(chance, number)
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        made = _mutated(made, chance)
    raw = orjson.dumps(made)
    return bytes_mutated(raw, chance) if chance.random() < 0.1 else raw


def _update(chance: Random, number: int) -> Json:
    chat = chance.choice(CHATS)
    person = {"id": chat, "is_bot": False, "first_name": chance.choice(("Maria", *_TEXTS))}
    message = {
        "message_id": number,
        "date": 1,
        "from": person,
        "chat": {"id": chat, "type": "private", "first_name": "Maria"},
        **chance.choice((*_CONTENTS, {"text": chance.choice(_TEXTS)})),
    }
    kind = chance.choice(
        ("message", "message", "edited_message", "callback_query", "my_chat_member", "channel_post")
    )
    content: Json = message
    if kind == "callback_query":
        content = {
            "id": str(number),
            "from": person,
            "message": message,
            "chat_instance": "1",
            "data": chance.choice(_BUTTONS),
        }
    elif kind == "my_chat_member":
        member = {"status": chance.choice(("kicked", "member")), "user": person, "until_date": 0}
        content = {**message, "old_chat_member": member, "new_chat_member": member}
    return {"update_id": number, kind: content}


def _mutated(value: Json, chance: Random) -> Json:
    """Change one place of a JSON value: remove it, repeat it, or put another value there."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice([*value])
        changed = dict(value)
        match chance.randrange(6):
            case 0:
                del changed[key]
            case 1:
                changed[chance.choice(("unknown_field", key + "x", "id", "text"))] = value[key]
            case _:
                changed[key] = _mutated(value[key], chance)
        return changed
    if isinstance(value, list) and value and chance.random() < 0.7:
        index = chance.randrange(len(value))
        return [*value[:index], _mutated(value[index], chance), *value[index:]]
    return chance.choice(_VALUES)


def mail(chance: Random, to: str, about: str) -> bytes:
    """Return a mutated mail to the address `to`: a bounce about `about`, or an answer."""
    shape: Callable[[str, str], bytes] = chance.choice(
        (*FOR_GOOD, *IN_WORDS, *DELAYS, _answer, _html)
    )
    raw = shape(to, about)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 6))):
        raw = chance.choice(_MAIL_MUTATIONS)(raw, chance)
    return raw


def _answer(to: str, about: str) -> bytes:
    head = f"From: Office <{about}>\r\nTo: {to}\r\nSubject: Re: your letter\r\n\r\n"
    return f"{head}Thank you for your letter.\r\n".encode()


def _html(to: str, about: str) -> bytes:
    head = (
        f"From: {about}\r\nTo: {to}\r\nSubject: =?utf-8?b?UmU6?=\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: text/html; charset=utf-8\r\n\r\n"
    )
    page = "<p>Yes.<img src='https://track.example/x.gif'><script>alert(1)</script></p>"
    return f"{head}{page}\r\n--b--\r\n".encode()


def bytes_mutated(raw: bytes, chance: Random) -> bytes:
    """Change, insert, repeat or cut bytes."""
    at = chance.randrange(len(raw) + 1)
    match chance.randrange(4):
        case 0:
            return raw[:at]
        case 1:
            return raw[:at] + chance.randbytes(chance.randrange(1, 40)) + raw[at:]
        case 2:
            return raw[:at] + raw[at : at + 50] * chance.randrange(2, 200) + raw[at:]
        case _:
            return raw[:at] + chance.randbytes(3) + raw[at + 3 :]


def _lines_mutated(raw: bytes, chance: Random) -> bytes:
    """Remove, repeat, swap or unfold lines."""
    lines = raw.split(b"\r\n")
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            del lines[first]
        case 1:
            lines[first:first] = [lines[second]] * chance.randrange(1, 30)
        case 2:
            lines[first], lines[second] = lines[second], lines[first]
        case _:
            lines[first] = b" " + lines[first]
    return b"\r\n".join(lines)


_HEADERS = (
    b"Content-Type: multipart/mixed; boundary=",
    b'Content-Type: multipart/mixed; boundary="' + b"x" * 5000 + b'"',
    b"Content-Type: text/plain; charset=no-such-charset",
    b"Content-Type: text/plain; charset*=utf-8''%ff%fe",
    b"Content-Type: message/rfc822",
    b"Content-Type: text/html; charset=utf-7",
    b"Content-Transfer-Encoding: base64",
    b"Content-Transfer-Encoding: x-uuencode",
    b"Subject: =?utf-8?q?" + b"=ff" * 200 + b"?=",
    b"From: =?iso-2022-jp?b?GyRCGyRC?= <@@>",
    b"From: " + b"(" * 3000,
    b"To: " + b"a@b.example, " * 2000,
    b"Auto-Submitted: auto-replied",
    b"References: " + b"<x@y.example> " * 500,
    b"Date: Mon, 99 Foo 20260 99:99:99 +9999",
    b"\x00\xff: \x00",
    b"Return-Path: <>",
)


def _headers_mutated(raw: bytes, chance: Random) -> bytes:
    """Insert a hostile header somewhere in the headers."""
    head, gap, body = raw.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(_HEADERS))
    return b"\r\n".join(lines) + gap + body


def _nested(raw: bytes, chance: Random) -> bytes:
    """Wrap the mail into others."""
    head, _, _ = raw.partition(b"\r\n\r\n")
    for _ in range(chance.choice((1, 5, 60))):
        raw = head + b"\r\nContent-Type: message/rfc822\r\n\r\n" + raw[:20_000]
    return raw


_MAIL_MUTATIONS: Sequence[Callable[[bytes, Random], bytes]] = (
    bytes_mutated,
    _lines_mutated,
    _headers_mutated,
    _nested,
)
