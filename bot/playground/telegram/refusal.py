"""Errors in answers of the Bot API (Bot API, "Making requests")."""

from typing import Any


class ApiRefusal(Exception):
    """A request was refused: the answer has `ok` false, and these fields."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        """Create the answer with an error code of HTTP; `parameters` are ResponseParameters."""
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(description: str) -> ApiRefusal:
    """Return the refusal of an invalid request."""
    return ApiRefusal(400, f"Bad Request: {description}")
