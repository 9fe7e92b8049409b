"""What the page can make a person do in the embedded Telegram."""

import secrets
from base64 import b64decode
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from bot.playground.telegram import Person

_ALBUM_GROUPS = {"photo": "seen", "video": "seen", "document": "document", "audio": "audio"}
"""Which kinds of file can share an album (Bot API, sendMediaGroup): those with the same value."""

_SINGLE_KINDS = ("animation", "voice")
"""The kinds of file that are never part of an album."""

_MAX_FILES = 10


def act(person: Person, action: str, body: Mapping[str, Any]) -> None:
    """Do what a person does in Telegram. Raises KeyError, ValueError or TypeError."""
    match action:
        case "say":
            person.send(str(body["text"]))
        case "start":
            person.start(str(body.get("payload", "")))
        case "press":
            person.press(int(body["message_id"]), str(body["data"]))
        case "edit":
            person.edit(int(body["message_id"]), str(body["text"]))
        case "other":
            _send_other(person, str(body["kind"]))
        case "files":
            _send_files(person, body["files"], str(body.get("caption", "")))
        case "block":
            person.block(blocked=bool(body["blocked"]))
        case "clear":
            person.clear()
        case "language":
            person.set_language(str(body["language"]))
        case _:
            raise KeyError(action)


def _send_other(person: Person, kind: str) -> None:
    """Send something without content. A voice message is stored: the bot may send it on."""
    if kind == "voice":
        person.send_file(kind, b"")
    else:
        person.send_other(kind)


def _send_files(person: Person, files: list[dict[str, Any]], caption: str) -> None:
    """Send files, as albums where Telegram groups them; the first file gets the caption."""
    if not 1 <= len(files) <= _MAX_FILES:
        raise ValueError("wrong number of files")
    decoded = [
        (str(file["kind"]), str(file["name"]), b64decode(file["content"], validate=True))
        for file in files
    ]
    if unknown := {kind for kind, _, _ in decoded} - {*_ALBUM_GROUPS, *_SINGLE_KINDS}:
        raise ValueError(f"unknown kind of file: {unknown}")

    def group_of(numbered: tuple[int, tuple[str, str, bytes]]) -> str | int:
        """Return the album group; a file that belongs to none is a group of its own."""
        number, (kind, _, _) = numbered
        return _ALBUM_GROUPS.get(kind, number)

    for key, members in groupby(enumerate(decoded), key=group_of):
        group = [file for _, file in members]
        album = secrets.token_hex(8) if isinstance(key, str) and len(group) > 1 else ""
        for kind, name, content in group:
            person.send_file(kind, content, caption, album, name=name)
            caption = ""
