"""A request to the Bot API: reads its parameters and files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.playground.telegram.refusal import bad_request

_MISSING = {
    "chat_id": "chat_id is empty",
    "message_id": "message identifier is not specified",
}


@dataclass
class ApiCall:
    """The parameters and files of a request."""

    fields: Mapping[str, Any]
    """The parameters: parsed JSON, or the text fields of a form."""
    files: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)
    """The content and file name of each uploaded file, by field name."""

    def flag(self, name: str) -> bool:
        """Return a Boolean parameter; forms send it as text."""
        return self.fields.get(name) in (True, "true", "True", "1", 1)

    def text(self, name: str) -> str:
        """Return a text parameter; "" if it is missing."""
        value = self.fields.get(name)
        return "" if value is None else str(value)

    def number(self, name: str) -> int:
        """Return an integer parameter. Raises ApiRefusal if it is missing or no integer."""
        try:
            return int(self.fields[name])
        except (KeyError, TypeError, ValueError):
            raise bad_request(_MISSING.get(name, f"invalid {name} specified")) from None

    def number_or(self, name: str, default: int) -> int:
        """Return an integer parameter, or `default` if it is missing or 0. Raises ApiRefusal."""
        return self.number(name) or default if self.fields.get(name) is not None else default

    def value(self, name: str) -> Any:
        """Return a parameter that forms send JSON-serialized; None if it is missing."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            raise bad_request(f"can't parse {name} JSON object") from None

    def objects(self, name: str) -> list[dict[str, Any]] | None:
        """Return an array of objects; None if it is missing. Raises ApiRefusal."""
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise bad_request(f"can't parse {name} JSON object: expected an Array of Objects")
        return value
