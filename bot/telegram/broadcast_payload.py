"""An update's messages → calls of the Bot API, without the chat and the buttons."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from conversations.model.broadcast import Media, Part

_METHODS = {
    Media.TEXT: "sendMessage",
    Media.PHOTO: "sendPhoto",
    Media.VIDEO: "sendVideo",
    Media.ANIMATION: "sendAnimation",
    Media.DOCUMENT: "sendDocument",
    Media.VOICE: "sendVoice",
    Media.AUDIO: "sendAudio",
}


def calls(parts: Sequence[Part], below: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the calls that send `parts`; the last of them can bear buttons.

    An album cannot (Bot API, sendMediaGroup), so a message with the text `below` follows it.
    """
    made: list[tuple[str, dict[str, Any]]] = []
    for album, some in groupby(enumerate(parts), key=lambda each: each[1].album or each[0]):
        group = [part for _, part in some]
        if isinstance(album, str) and len(group) > 1:
            made.append(("sendMediaGroup", {"media": [_of_album(part) for part in group]}))
        else:
            made += [(_METHODS[part.media], _alone(part)) for part in group]
    if made and made[-1][0] == "sendMediaGroup":
        made.append(("sendMessage", {"text": below}))
    return made


def _alone(part: Part) -> dict[str, Any]:
    if part.media is Media.TEXT:
        return {"text": part.text, "entities": [*part.entities]}
    return {part.media.value: part.file_id, **_caption(part)}


def _of_album(part: Part) -> dict[str, Any]:
    """Return one of a group (Bot API, InputMedia)."""
    return {"type": part.media.value, "media": part.file_id, **_caption(part)}


def _caption(part: Part) -> dict[str, Any]:
    return {"caption": part.text, "caption_entities": [*part.entities]} if part.text else {}
