"""Sends broadcasts: JSON bodies are prepared once per language, and only the chat is added."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import orjson
from telegram import TelegramObject
from telegram.constants import BulkRequestLimit, ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.services.ports import (
    BlockedByUser,
    BroadcastCall,
    CallRefused,
    ChatLimited,
    KindRefused,
    NotReached,
    Uncertain,
)
from bot.telegram import broadcast_payload
from bot.telegram.client.api_errors import NotSent, PerhapsSent, TooManyRequests
from bot.telegram.client.error_meanings import Meaning, meaning_of
from bot.telegram.client.pacing import MAX_HALT_WAIT, Pacer
from bot.telegram.client.rate_gate import Priority
from bot.telegram.client.request import TelegramRequest
from bot.telegram.markup import inline_keyboard
from conversations.broadcasts import broadcast_view
from conversations.core.buttons.persistent import ReadNotice
from conversations.core.facts import Deployment
from conversations.core.notices import framed
from conversations.core.replies import PersistentButton
from conversations.model.broadcast import Broadcast, BroadcastKind

_REFUSALS: Mapping[Meaning, type[Exception]] = {
    Meaning.UNREACHABLE: BlockedByUser,
    Meaning.TOPIC_GONE: BlockedByUser,  # no topic was given
    Meaning.KIND_REFUSED: KindRefused,
    Meaning.TRY_LATER: NotReached,
}
"""What a refusal raises; CallRefused for every other meaning."""

_DELETED_AT_ONCE = int(BulkRequestLimit.MAX_LIMIT)
"""The most messages that one call deletes (Bot API, deleteMessages)."""


def prepare(
    deployment: Deployment, broadcast: Broadcast, language: str, *, paid: bool = False
) -> tuple[BroadcastCall, ...]:
    """Return the calls that send `broadcast` to subscribers who read `language`.

    The last one has the buttons.
    """
    below = deployment.wording(language).label("update.below_album")
    calls = broadcast_payload.calls(broadcast.version(language), below)
    if markup := inline_keyboard(broadcast_view.keyboard(deployment, broadcast, language)):
        calls[-1][1]["reply_markup"] = markup
    common = {"allow_paid_broadcast": True} if paid else {}
    return tuple(
        BroadcastCall(method, orjson.dumps({**parameters, **common}, default=_to_dict)[1:])
        for method, parameters in calls
    )


def prepare_notice(
    deployment: Deployment, notice: Broadcast, language: str, *, covered: bool = False
) -> tuple[BroadcastCall, ...]:
    """Return the call that sends a notice: it has no preview of links, and no buttons.

    If `covered`, its text is behind a button.
    """
    parameters: dict[str, Any] = {
        "text": framed(deployment, notice, language),
        "parse_mode": ParseMode.HTML,
        "link_preview_options": {"is_disabled": True},
    }
    if covered:
        wording = deployment.wording(language)
        button = PersistentButton(wording.label("button.notice_read"), ReadNotice(notice.id))
        parameters |= {"text": wording.say("notice.covered")}
        parameters |= {"reply_markup": inline_keyboard(((button,),))}
    return (BroadcastCall("sendMessage", orjson.dumps(parameters, default=_to_dict)[1:]),)


def _to_dict(value: object) -> dict[str, Any]:
    if isinstance(value, TelegramObject):
        return value.to_dict()
    raise TypeError(f"no parameter of the Bot API: {type(value).__name__}")


class BroadcastTransport:
    """Sends broadcasts, at the pace of bulk calls: answers are sent first (`BroadcastPort`)."""

    def __init__(
        self,
        request: TelegramRequest,
        pacer: Pacer,
        deployment: Callable[[], Deployment],
        *,
        paid: bool = False,
    ) -> None:
        """Send through `request`. If `paid`, each call pays for a higher rate."""
        self._request = request
        self._pacer = pacer
        self._deployment = deployment
        self._paid = paid

    @property
    def rate(self) -> float:
        """How many messages may be sent per second now."""
        return self._pacer.bulk_rate

    def prepare(self, broadcast: Broadcast, language: str) -> tuple[BroadcastCall, ...]:
        """Return the calls that send `broadcast` to subscribers who read `language`."""
        if broadcast.kind is BroadcastKind.NOTICE:
            return prepare_notice(self._deployment(), broadcast, language)
        return prepare(self._deployment(), broadcast, language, paid=self._paid)

    def prepare_covered(self, broadcast: Broadcast, language: str) -> tuple[BroadcastCall, ...]:
        """Return the calls that send a notice to a discreet chat, which shows it when tapped."""
        return prepare_notice(self._deployment(), broadcast, language, covered=True)

    async def send(self, chat: int, call: BroadcastCall) -> tuple[int, ...]:
        """Make the call and return the ids of the messages.

        Raises BlockedByUser, ChatLimited, NotReached, Uncertain, CallRefused and KindRefused.
        """
        body = b'{"chat_id":%d,%b' % (chat, call.body)
        sent = await self._paced(chat, partial(self._request.call_prepared, call.method, body))
        try:
            messages = sent if isinstance(sent, list) else [sent]
            ids = tuple(int(each["message_id"]) for each in messages)
        except (KeyError, TypeError, ValueError):
            ids = ()
        if not ids:
            raise Uncertain
        return ids

    async def delete(self, chat: int, messages: Sequence[int]) -> None:
        """Delete messages, as far as they exist. Raises as `send` does."""
        for start in range(0, len(messages), _DELETED_AT_ONCE):
            some = [*messages[start : start + _DELETED_AT_ONCE]]
            body = orjson.dumps({"chat_id": chat, "message_ids": some})
            await self._paced(chat, partial(self._request.call_prepared, "deleteMessages", body))

    async def _paced(self, chat: int, call: Callable[[], Any]) -> Any:
        """Make `call` when it is allowed, and return its result.

        If this is cancelled before the call was made, it raises NotReached.
        """
        was_called = False

        async def tracked() -> Any:
            nonlocal was_called
            was_called = True
            try:
                return await call()
            except TooManyRequests:
                was_called = False
                raise

        try:
            return await self._pacer.send(chat, Priority.BULK, tracked)
        except asyncio.CancelledError:
            if was_called:
                raise
            raise NotReached from None
        except TooManyRequests as error:
            # A limit of the bot ends for all. That of one chat must not keep the others waiting.
            if self._pacer.limited_for() > 0 or error.seconds <= MAX_HALT_WAIT[Priority.BULK]:
                raise NotReached from None
            raise ChatLimited(error.seconds) from None
        except NotSent:
            raise NotReached from None
        except PerhapsSent:
            raise Uncertain from None
        except (BadRequest, ChatMigrated, Forbidden) as error:
            raise _REFUSALS.get(meaning_of(error), CallRefused) from None
        except TelegramError:
            raise CallRefused from None
