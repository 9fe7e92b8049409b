"""One request to the Bot API, and how its parameters are read."""

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
    """The fields of a request, as JSON or a form gave them, and the files that came along."""

    fields: Mapping[str, Any]
    files: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)

    def flag(self, name: str) -> bool:
        """Return a Boolean field; forms write it as a word."""
        return self.fields.get(name) in (True, "true", "True", "1", 1)

    def text(self, name: str) -> str:
        """Return a text field, "" where it is missing."""
        value = self.fields.get(name)
        return "" if value is None else str(value)

    def number(self, name: str) -> int:
        """Return a whole number. Raises Refused where there is none."""
        try:
            return int(self.fields[name])
        except (KeyError, TypeError, ValueError):
            raise bad_request(_MISSING.get(name, f"invalid {name} specified")) from None

    def number_or(self, name: str, otherwise: int) -> int:
        """Return a whole number, or `otherwise` where the field is missing or 0. Raises Refused."""
        return self.number(name) or otherwise if self.fields.get(name) is not None else otherwise

    def value(self, name: str) -> Any:
        """Return a field that forms carry "JSON-serialized"; None where it is missing."""
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
        """Return an array of objects; None where it is missing. Raises Refused."""
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise bad_request(f"can't parse {name} JSON object: expected an Array of Objects")
        return value
