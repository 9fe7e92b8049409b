"""How wide and high a picture is, read from the beginning of its file."""

import re

_JPEG_FRAME = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]..\x08(..)(..)", re.DOTALL)


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG, JPEG or WebP; None if the file doesn't say."""
    if content.startswith(b"\x89PNG"):
        width, height = content[16:20], content[20:24]
        return int.from_bytes(width), int.from_bytes(height)
    if content.startswith(b"\xff\xd8"):
        frame = _JPEG_FRAME.search(content)
        return (int.from_bytes(frame[2]), int.from_bytes(frame[1])) if frame else None
    return _webp_size(content[12:30])


def _webp_size(chunk: bytes) -> tuple[int, int] | None:
    """Return the size in the first chunk of a WebP (RFC 9649, section 2)."""
    match chunk[:4]:
        case b"VP8X":
            return (
                int.from_bytes(chunk[12:15], "little") + 1,
                int.from_bytes(chunk[15:18], "little") + 1,
            )
        case b"VP8L":
            bits = int.from_bytes(chunk[9:13], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = chunk[14:16], chunk[16:18]
            return int.from_bytes(width, "little") & 0x3FFF, int.from_bytes(
                height, "little"
            ) & 0x3FFF
        case _:
            return None
