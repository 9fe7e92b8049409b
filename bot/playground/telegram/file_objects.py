"""Files in messages, with the fields that the Bot API guarantees (PhotoSize, Video, Voice …)."""

from collections.abc import Mapping
from typing import Any

_SIZE = {"width": 1200, "height": 630}

_GUARANTEED: Mapping[str, Mapping[str, int]] = {
    "photo": _SIZE,
    "video": {**_SIZE, "duration": 1},
    "animation": {**_SIZE, "duration": 1},
    "audio": {"duration": 1},
    "voice": {"duration": 1},
}


def file_object(kind: str, file_id: str, unique: str) -> dict[str, Any]:
    """Return a file of `kind`, which is the name of its field in Message."""
    return {"file_id": file_id, "file_unique_id": unique, **_GUARANTEED.get(kind, {})}
