"""An update on the wire: bodies made ready once for a language, into which only the chat is put."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import orjson
from telegram import TelegramObject
from telegram.constants import BulkRequestLimit
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.services.ports import BlockedByUser, BroadcastCall, CallRefused, NotReached, Uncertain
from bot.telegram import broadcast_payload
from bot.telegram.api_errors import NotSent, PerhapsSent, TooManyRequests
from bot.telegram.markup import inline_keyboard
from bot.telegram.paced_bot import is_nobody
from bot.telegram.pacing import Pacer
from bot.telegram.rate_gate import Priority
from bot.telegram.request import TelegramRequest
from conversations.broadcasts import broadcast_view
from conversations.core.facts import Deployment
from conversations.model.broadcast import Broadcast

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


def _to_dict(value: object) -> dict[str, Any]:
    if isinstance(value, TelegramObject):
        return value.to_dict()
    raise TypeError(f"no parameter of the Bot API: {type(value).__name__}")


class BroadcastTransport:
    """Sends what is the same for many, at the pace of bulk; answers to people go first."""

    def __init__(
        self,
        request: TelegramRequest,
        pacer: Pacer,
        deployment: Callable[[], Deployment],
        *,
        paid: bool = False,
    ) -> None:
        """Send through `request`; where `paid`, each call pays for a faster rate."""
        self._request = request
        self._pacer = pacer
        self._house = deployment
        self._paid = paid

    @property
    def rate(self) -> float:
        """The messages a second that may go now."""
        return self._pacer.bulk_rate

    def prepare(self, broadcast: Broadcast, language: str) -> tuple[BroadcastCall, ...]:
        """Return the calls that bring `broadcast` to whoever speaks `language`."""
        return prepare(self._house(), broadcast, language, paid=self._paid)

    async def send(self, chat: int, call: BroadcastCall) -> tuple[int, ...]:
        """Send and return the ids of the messages. Raises Blocked, Unreached, Doubtful, Refused."""
        body = b'{"chat_id":%d,%b' % (chat, call.body)
        sent = await self._offered(chat, partial(self._request.call_prepared, call.method, body))
        try:
            messages = sent if isinstance(sent, list) else [sent]
            ids = tuple(int(each["message_id"]) for each in messages)
        except (KeyError, TypeError, ValueError):
            ids = ()
        if not ids:
            raise Uncertain
        return ids

    async def delete(self, chat: int, messages: Sequence[int]) -> None:
        """Delete messages, those that are there still. Raises as `send` does."""
        for start in range(0, len(messages), _DELETED_AT_ONCE):
            some = [*messages[start : start + _DELETED_AT_ONCE]]
            body = orjson.dumps({"chat_id": chat, "message_ids": some})
            await self._offered(chat, partial(self._request.call_prepared, "deleteMessages", body))

    async def _offered(self, chat: int, call: Callable[[], Any]) -> Any:
        """Return what `call` returns once it may go; who gives up before that has sent nothing."""
        gone = False

        async def go() -> Any:
            nonlocal gone
            gone = True
            try:
                return await call()
            except TooManyRequests:
                gone = False
                raise

        try:
            return await self._pacer.send(chat, Priority.BULK, go)
        except asyncio.CancelledError:
            if gone:
                raise
            raise NotReached from None
        except (NotSent, TooManyRequests):
            raise NotReached from None
        except PerhapsSent:
            raise Uncertain from None
        except Forbidden:
            raise BlockedByUser from None
        except BadRequest as error:
            raise (BlockedByUser if is_nobody(error) else CallRefused) from None
        except TelegramError:
            raise CallRefused from None
