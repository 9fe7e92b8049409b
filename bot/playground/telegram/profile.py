"""Methods about the bot itself, chats and files: command menus, descriptions, getChat, getFile."""

import re
from typing import Any

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.content import media
from bot.playground.telegram.refusal import ApiRefusal, bad_request
from bot.playground.telegram.rules import MAX_FETCHED_BYTES
from bot.playground.telegram.state import TelegramState

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
"""BotCommand, command: "1-32 characters. Can contain only lowercase English letters, digits and
underscores"."""

_MAX_COMMANDS, _MAX_DESCRIPTION_LENGTH = 100, 256
"""setMyCommands: "At most 100 commands"; BotCommand, description: "1-256 characters"."""

_MAX_TEXT_LENGTHS = (("description", 512), ("short_description", 120))
"""setMyDescription: "0-512 characters"; setMyShortDescription: "0-120 characters"."""

_SCOPES = (
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
)
"""BotCommandScope, type."""

_LANGUAGE = re.compile(r"[a-z]{2}|")
"""language_code: "A two-letter ISO 639-1 language code"."""


_JPEG = b"\xff\xd8\xff"


class BotProfile:
    """Methods about the bot, its menus, chats and files."""

    def __init__(self, telegram: TelegramState) -> None:
        """Read and change the state in `telegram`."""
        self._telegram = telegram

    async def get_me(self, call: ApiCall) -> dict[str, Any]:
        """getMe."""
        return self._telegram.me()

    async def set_commands(self, call: ApiCall) -> bool:
        """setMyCommands."""
        commands = call.objects("commands")
        if commands is None:
            raise bad_request("parameter commands is required")
        if len(commands) > _MAX_COMMANDS:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not _COMMAND.fullmatch(str(command.get("command", ""))):
                raise bad_request("BOT_COMMAND_INVALID")
            if not 1 <= len(str(command.get("description", ""))) <= _MAX_DESCRIPTION_LENGTH:
                raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        self._telegram.set_commands(_scope(call), _language(call), commands)
        return True

    async def get_commands(self, call: ApiCall) -> list[dict[str, str]]:
        """getMyCommands."""
        return self._telegram.commands.get((_scope(call), _language(call)), [])

    async def delete_commands(self, call: ApiCall) -> bool:
        """deleteMyCommands: "After deletion, higher level commands will be shown"."""
        self._telegram.set_commands(_scope(call), _language(call), [])
        return True

    async def set_text(self, call: ApiCall) -> bool:
        """setMyDescription and setMyShortDescription."""
        for name, max_length in _MAX_TEXT_LENGTHS:
            if len(call.text(name)) > max_length:
                raise bad_request(f"{name} is too long")
            if name in call.fields:
                self._telegram.texts[name, _language(call)] = call.text(name)
        return True

    async def set_photo(self, call: ApiCall) -> bool:
        """setMyProfilePhoto (Bot API 9.4).

        InputProfilePhotoStatic: "A static profile photo in the .JPG format", which "can only be
        uploaded as a new file".
        """
        photo = call.value("photo")
        if not isinstance(photo, dict) or photo.get("type") != "static":
            raise bad_request("can't parse InputProfilePhoto: unsupported type specified")
        upload = call.files.get(str(photo.get("photo", "")).removeprefix("attach://"))
        if upload is None:
            raise bad_request("profile photo must be uploaded as a file")
        if not upload[0].startswith(_JPEG):
            raise bad_request("PHOTO_INVALID")
        self._telegram.photos.append(self._telegram.keep_file(*upload))
        return True

    async def get_photos(self, call: ApiCall) -> dict[str, Any]:
        """getUserProfilePhotos, of the bot itself. Nobody else has a photo here."""
        telegram = self._telegram
        own = telegram.photos if call.number("user_id") == telegram.bot_id else []
        photos = [media.field("photo", each)["photo"] for each in reversed(own)]
        return {"total_count": len(photos), "photos": photos}

    async def get_chat(self, call: ApiCall) -> dict[str, Any]:
        """getChat."""
        person = self._telegram.people.get(call.number("chat_id"))
        if person is None:
            raise bad_request("chat not found")
        return person.as_chat()

    async def get_file(self, call: ApiCall) -> dict[str, Any]:
        """getFile. A file_id belongs to one bot (Bot API, "Sending files")."""
        file_id = call.text("file_id")
        if file_id not in self._telegram.files:
            raise bad_request("invalid file_id")
        size = len(self._telegram.files[file_id][0])
        if size > MAX_FETCHED_BYTES:
            raise bad_request("file is too big")
        names = {"file_unique_id": file_id[-12:], "file_path": file_id}
        return {"file_id": file_id, **names, "file_size": size}

    async def leave_chat(self, call: ApiCall) -> bool:
        """leaveChat."""
        group = self._telegram.groups.get(call.number("chat_id"))
        if group is None:
            raise bad_request("chat not found")
        if group.left:
            raise ApiRefusal(403, "Forbidden: bot is not a member of the group chat")
        group.left = True
        return True


def _scope(call: ApiCall) -> str:
    scope = call.value("scope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    return f"{scope['type']}:{scope['chat_id']}" if "chat_id" in scope else str(scope["type"])


def _language(call: ApiCall) -> str:
    language = call.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language
