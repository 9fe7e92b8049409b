"""Updates as Telegram sends them, for tests (Bot API, Update)."""

from typing import Any

from bot.telegram.updates.inbound import IncomingUpdate, read

MARIA = {
    "id": 4200,
    "is_bot": False,
    "first_name": "Maria",
    "last_name": "Silva",
    "language_code": "pt-br",
}
CHAT = {"id": 4200, "type": "private", "first_name": "Maria"}
GROUP = {"id": -100200, "type": "supergroup", "title": "Rivers"}
BOT = {"id": 77, "is_bot": True, "first_name": "Action", "username": "action_bot"}
RIGHTS = (
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages"),
    *("can_manage_video_chats", "can_restrict_members", "can_promote_members", "can_change_info"),
    *("can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories"),
)
"""What an administrator may or may not do (Bot API, ChatMemberAdministrator)."""

JOURNEY = "0123456789abcdef"


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 7, "date": 1_700_000_000, "chat": CHAT, "from": MARIA, **content}


def press(data: object, **more: Any) -> dict[str, Any]:
    query = {"id": "99", "from": MARIA, "chat_instance": "7", "message": message(text="Send?")}
    return {"update_id": 5, "callback_query": {**query, "data": data, **more}}


def member(status: str, chat: dict[str, Any]) -> dict[str, Any]:
    more: dict[str, dict[str, Any]] = {
        "kicked": {"until_date": 0},
        "administrator": dict.fromkeys(RIGHTS, False),
    }
    return {
        "update_id": 5,
        "my_chat_member": {
            "chat": chat,
            "from": MARIA,
            "date": 1_700_000_000,
            "old_chat_member": {"user": BOT, "status": "left"},
            "new_chat_member": {"user": BOT, "status": status, **more.get(status, {})},
        },
    }


def incoming(update: dict[str, Any]) -> IncomingUpdate:
    came = read(update)
    assert isinstance(came, IncomingUpdate)
    return came


def file(file_id: object, **more: Any) -> dict[str, Any]:
    """Return a file as the Bot API describes it (PhotoSize, Video, Animation, Document)."""
    return {"file_id": file_id, "file_unique_id": "u", **more}


BOLD: dict[str, Any] = {"type": "bold", "offset": 0, "length": 4}

SIZE = {"width": 90, "height": 60}
LENGTH = {**SIZE, "duration": 5}
