"""Methods by which a bot gets its updates (Bot API, "Getting updates")."""

import re
from typing import Any

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.refusal import bad_request
from bot.playground.telegram.state import TelegramState
from bot.playground.telegram.update_queue import Webhook

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""setWebhook, secret_token: "1-256 characters. Only characters A-Z, a-z, 0-9, _ and - are
allowed"."""

_MAX_UPDATES = 100
"""getUpdates, limit: "Values between 1-100 are accepted. Defaults to 100"."""

_DEFAULT_CONNECTIONS, _MAX_CONNECTIONS = 40, 100
"""setWebhook, max_connections: "1-100. Defaults to 40"."""


class GetUpdates:
    """getUpdates, and the methods about the webhook."""

    def __init__(self, telegram: TelegramState) -> None:
        """Deliver the updates of `telegram`."""
        self._telegram = telegram
        self._updates = telegram.updates

    async def get_updates(self, call: ApiCall) -> list[dict[str, Any]]:
        """getUpdates."""
        offset = call.number_or("offset", 0)
        limit = min(max(call.number_or("limit", _MAX_UPDATES), 1), _MAX_UPDATES)
        seconds = call.number_or("timeout", 0)
        self._set_allowed(call)
        return await self._updates.poll(offset, limit, seconds)

    async def set_webhook(self, call: ApiCall) -> bool:
        """setWebhook. Unlike Telegram, accept plain http and any port, since this is loopback."""
        url, secret = call.text("url"), call.text("secret_token")
        if secret and not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        if url and not url.startswith(("http://", "https://")):
            raise bad_request("bad webhook: invalid webhook URL specified")
        requested = call.number_or("max_connections", _DEFAULT_CONNECTIONS)
        connections = min(max(requested, 1), _MAX_CONNECTIONS)
        self._set_allowed(call)
        self._drop_pending(call)
        await self._updates.set_webhook(Webhook(url, secret, connections) if url else None)
        return True

    async def delete_webhook(self, call: ApiCall) -> bool:
        """deleteWebhook."""
        self._drop_pending(call)
        await self._updates.set_webhook(None)
        return True

    async def get_webhook_info(self, call: ApiCall) -> dict[str, Any]:
        """getWebhookInfo."""
        hook = self._updates.webhook
        info: dict[str, Any] = {
            "url": hook.url if hook else "",
            "has_custom_certificate": False,
            "pending_update_count": self._updates.pending,
        }
        if hook is not None:
            info["max_connections"] = hook.connections
            if hook.last_error is not None:
                info["last_error_date"], info["last_error_message"] = hook.last_error
        if self._updates.allowed:
            info["allowed_updates"] = self._updates.allowed
        return info

    def _set_allowed(self, call: ApiCall) -> None:
        """allowed_updates: "If not specified, the previous setting will be used"."""
        allowed = call.value("allowed_updates")
        if allowed is None:
            return
        if not isinstance(allowed, list):
            raise bad_request("can't parse allowed_updates JSON object")
        self._updates.allowed = [str(kind) for kind in allowed] or None

    def _drop_pending(self, call: ApiCall) -> None:
        """drop_pending_updates: "Pass True to drop all pending updates"."""
        if call.flag("drop_pending_updates"):
            self._updates.drop()
