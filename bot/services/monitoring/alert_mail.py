"""Mail urgent alerts, once to each address in the settings.

Alert mail does not go through the outbox, because the outbox may be what is broken. If the mail
server cannot be reached, an alert is mailed later, unless it has ended by then.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog

from bot.logs import error_fields
from bot.services.core import Core
from bot.services.ports import AlertMail, AlertMailTransport, AttemptResult
from bot.services.runner import repeat
from conversations.admin.alerts import alert, by_mail
from conversations.core.alerts import AlertKind
from conversations.model.letters.delivery import DeliveryEvent
from conversations.text.html import Html
from conversations.text.languages import DEFAULT, match, staff_languages
from storage.admin import alert_delivery
from storage.admin.alert_delivery import UnsentAlert
from storage.mail.address_keys import AddressKeys

log = structlog.get_logger()

ALERT_MAIL_LEASE = timedelta(minutes=15)
"""How long a process that mails an alert keeps other processes from mailing it too.

An SMTP session with a slow server takes minutes.
"""

FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(minutes=30)
"""The shortest and the longest wait before an alert is mailed again. It grows with its age."""

POLL_INTERVAL = 10.0
"""Seconds between two queries for alerts that were not mailed."""

_RETRIED = (DeliveryEvent.PUT_OFF, DeliveryEvent.NOT_SENT)
"""Events after which the mail has certainly not left, so that it is sent again."""


class AlertMailer:
    """Mails urgent alerts. Several of these may run, also in several processes."""

    def __init__(
        self, core: Core, transport: AlertMailTransport, addresses: tuple[str, ...]
    ) -> None:
        """Mail to each of `addresses`."""
        self._core = core
        self._database = core.database
        self._transport = transport
        self._addresses = addresses

    async def run(self) -> None:
        """Mail alerts until cancelled."""
        await repeat(self.run_once, POLL_INTERVAL)

    async def run_once(self) -> None:
        """Mail the alerts that were not mailed yet. A failed one is mailed in a later round."""
        for address in self._addresses:
            key, now = AddressKeys.of(self._core.vault, address).alerts, self._core.clock()
            claim = partial(alert_delivery.claim, vault=self._core.vault, person=key, mail=True)
            until = now + ALERT_MAIL_LEASE
            for unsent in await self._database.transact(partial(claim, now=now, until=until)):
                await self._mail(address, unsent)

    async def mail_unsaved(self, kind: AlertKind, text: Callable[[str], Html], id_: str) -> None:
        """Mail an alert that no table can keep, because the database is full. There is no retry.

        `text` returns the alert in a language; the Message-IDs are made from `id_`.
        """
        for address in self._addresses:
            await self._send(address, kind, text(self._language()), f"{id_}{address}")

    async def _mail(self, address: str, unsent: UnsentAlert) -> None:
        started, facts = self._core.clock(), unsent.facts
        text = alert(self._core.deployment(), self._language(), facts).text
        result = await self._send(address, facts.kind, text, f"{unsent.alert}{address}")
        if result is None or result.event in _RETRIED:
            delay = min(max(started - facts.since, FIRST_RETRY), LAST_RETRY)
            until = self._core.clock() + delay
            await self._database.transact(partial(alert_delivery.defer, unsent=unsent, until=until))
        else:
            await self._database.transact(partial(alert_delivery.record_sent, unsent=unsent))

    async def _send(
        self, address: str, kind: AlertKind, text: Html, id_: str
    ) -> AttemptResult | None:
        """Send the mail and log the result. Return None where it could not be attempted."""
        language = self._language()
        mail = AlertMail(*by_mail(self._core.deployment(), language, kind, text), language)
        token = self._core.vault.keyed_hash("alert mail", id_).hex()[:32]
        try:
            result = await self._transport.notify(address, mail, token, self._core.clock())
        except Exception as error:
            log.warning("alert mail not sent", kind=kind, **error_fields(error))
            return None
        outcome = result.event.replace(" ", "_")
        level = log.info if result.event is DeliveryEvent.TAKEN else log.warning
        level("alert mail attempted", kind=kind, outcome=outcome, smtp_code=result.reply.code)
        return result

    def _language(self) -> str:
        """Return the first campaign's language: the settings do not say what admins read."""
        first = next(iter(self._core.deployment().campaigns.values()), None)
        return (first and match(first.languages[0], staff_languages())) or DEFAULT
