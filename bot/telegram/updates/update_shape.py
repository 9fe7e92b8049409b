"""The fields of an update that the bot depends on, with their types (Bot API, Update).

python-telegram-bot does not check types: it takes a number for a text, and a text for an id.
"""

from collections.abc import Callable, Mapping
from typing import TypeGuard

_MAX_ID = 2**53
"""Ids have at most 52 significant bits (Bot API, Chat)."""

_MAX_UPDATE_ID = 2**31
"""Ids of updates are 32-bit integers from 0 on (TDLib, TQueue.h). A larger one must not become an
offset: servers that accept it would forget all real updates, which have smaller ids.
"""

_Shape = Mapping[str, "Callable[[object], bool] | _Shape"]
"""The fields of an object. Each has a test, or a shape of its own. "?" marks an optional field."""


class WrongFieldError(Exception):
    """A field is missing, or has another type. The argument is the name of the field."""


def is_id(value: object) -> bool:
    """Return whether `value` can be the id of a chat, a user or a message."""
    return type(value) is int and -_MAX_ID < value < _MAX_ID


def is_update_id(value: object) -> TypeGuard[int]:
    """Return whether `value` can be the id of an update."""
    return type(value) is int and 0 <= value < _MAX_UPDATE_ID


def is_topic(value: object) -> TypeGuard[int]:
    """Return whether `value` can be the id of a topic (Bot API, message_thread_id)."""
    return type(value) is int and 0 < value < _MAX_ID


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_CHAT: _Shape = {"id": is_id, "type": _is_text}
_MESSAGE: _Shape = {"chat": _CHAT, "from?": {}, "text?": _is_text, "message_id": is_id}

_KINDS: Mapping[str, _Shape] = {
    "message": _MESSAGE,
    "callback_query": {
        "from": {"id": is_id},
        "id": _is_text,
        "message?": {"chat": _CHAT, "message_id": is_id},
    },
    "edited_message": _MESSAGE,
    "my_chat_member": {"new_chat_member": {"status": _is_text}, "chat": _CHAT, "from?": {}},
}
"""The kinds of updates that the bot asks for, with what it needs of each."""


def kind_of(update: object) -> str | None:
    """Return the kind of `update`, which is the name of its only content.

    None means a kind that the bot did not ask for. Raises WrongFieldError where `update` is no
    update, has no content, or its content lacks something that the bot needs.
    """
    fields = _checked(update, {"update_id": is_update_id}, "update")
    for kind, shape in _KINDS.items():
        if kind in fields:
            _checked(fields[kind], shape, kind)
            return kind
    if not any(isinstance(content, dict) for content in fields.values()):
        raise WrongFieldError("content")
    return None


def _checked(value: object, shape: _Shape, name: str) -> Mapping[str, object]:
    """Return `value`, the field `name`. Raise WrongFieldError unless it is an object of `shape`."""
    if not isinstance(value, dict):
        raise WrongFieldError(name)
    for field, expected in shape.items():
        name = field.removesuffix("?")
        if name != field and name not in value:
            continue
        if not callable(expected):
            _checked(value.get(name), expected, name)
        elif not expected(value.get(name)):
            raise WrongFieldError(name)
    return value
