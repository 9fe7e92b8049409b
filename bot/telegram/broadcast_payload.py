"""A broadcast's messages as calls of the Bot API, without the chat and the buttons."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from telegram import (
    InputMedia,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    MessageEntity,
)

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

_IN_ALBUM: Mapping[Media, type[InputMedia]] = {
    Media.PHOTO: InputMediaPhoto,
    Media.VIDEO: InputMediaVideo,
    Media.DOCUMENT: InputMediaDocument,
    Media.AUDIO: InputMediaAudio,
}


def calls(parts: Sequence[Part], below: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the methods that send `parts`, with their parameters; the last can have buttons.

    An album cannot (Bot API, sendMediaGroup), so a message with the text `below` follows it.
    """
    made: list[tuple[str, dict[str, Any]]] = []
    for album, some in groupby(enumerate(parts), key=lambda each: each[1].album or each[0]):
        group = [part for _, part in some]
        if isinstance(album, str) and len(group) > 1:
            media = [_IN_ALBUM[part.media](media=part.file_id, **_caption(part)) for part in group]
            made.append(("sendMediaGroup", {"media": media}))
        else:
            made += [(_METHODS[part.media], _alone(part)) for part in group]
    if made and made[-1][0] == "sendMediaGroup":
        made.append(("sendMessage", {"text": below}))
    return made


def _alone(part: Part) -> dict[str, Any]:
    if part.media is Media.TEXT:
        return {"text": part.text, "entities": _entities(part)}
    return {part.media.value: part.file_id, **_caption(part)}


def _caption(part: Part) -> dict[str, Any]:
    return {"caption": part.text, "caption_entities": _entities(part)} if part.text else {}


def _entities(part: Part) -> list[MessageEntity]:
    return [MessageEntity.de_json(dict(entity)) for entity in part.entities]
