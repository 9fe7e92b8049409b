"""How Telegram says no (Bot API, "Making requests")."""

from typing import Any


class ApiRefusal(Exception):
    """An answer with `ok` false: its `error_code`, `description` and `parameters`."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        """Say why."""
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(description: str) -> ApiRefusal:
    """Return the refusal of a request that is wrong in itself."""
    return ApiRefusal(400, f"Bad Request: {description}")
