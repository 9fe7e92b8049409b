"""Files in messages, as the objects of the Bot API: PhotoSize, Video, Voice and so on."""

from typing import Any

KINDS = ("photo", "document", "video", "animation", "audio", "voice", "sticker")
"""The kinds of file that a bot can send, each the name of its field in Message."""

_SIZE = {"width": 1200, "height": 630}
_REQUIRED: dict[str, dict[str, Any]] = {
    "photo": _SIZE,
    "video": {**_SIZE, "duration": 1},
    "animation": {**_SIZE, "duration": 1},
    "audio": {"duration": 1},
    "voice": {"duration": 1},
    "sticker": {
        "type": "regular",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
    },
    "location": {"latitude": 0.0, "longitude": 0.0},
    "contact": {"phone_number": "+10000000000", "first_name": "Nobody"},
}
"""The fields that each object must have besides those that identify a file."""


def field(kind: str, file_id: str, size: int = 0, name: str = "") -> dict[str, Any]:
    """Return the field of a message that contains a file (or a location, or a contact)."""
    required = _REQUIRED.get(kind, {})
    if kind in ("location", "contact"):
        return {kind: required}
    file = {
        "file_id": file_id,
        "file_unique_id": file_id.partition("-")[2][:12] or file_id,
        "file_size": size,
        **({"file_name": name} if name and kind == "document" else {}),
        **required,
    }
    fields: dict[str, Any] = {kind: [file] if kind == "photo" else file}
    if kind == "animation":
        # Message, animation: "For backward compatibility, when this field is set, the document
        # field will also be set".
        fields["document"] = file
    return fields
