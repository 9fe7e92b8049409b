"""Urgent alerts by mail: once to each address that the settings name, past the outbox.

The outbox may be what is broken. Where the mail server itself is away, a mail goes when it can, if
its alert still stands.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.logs import error_fields
from bot.services.ports import AlertMail, AlertMailTransport, AttemptResult
from conversations.admin.alerts import alert, by_mail
from conversations.core.facts import AlertKind, Deployment
from conversations.model.delivery import DeliveryEvent
from conversations.text.html import Html
from conversations.text.wording import DEFAULT, match, offered
from storage.admin import alerts
from storage.admin.alerts import UnsentAlert
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail import codes

log = structlog.get_logger()

LEASE = timedelta(minutes=15)
"""How long whoever mails an alert keeps it from others: a mail server may take its time."""

FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(minutes=30)

_PAUSE = 10.0

_AGAIN = (DeliveryEvent.PUT_OFF, DeliveryEvent.NOT_SENT)
"""After these nothing has left; after all others, nothing more is to be done."""


class AlertMailer:
    """Mails urgent alerts. Any number of these may run, in any number of processes."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        deployment: Callable[[], Deployment],
        carrier: AlertMailTransport,
        clock: Callable[[], datetime],
        addresses: tuple[str, ...],
    ) -> None:
        """Use these."""
        self._database = database
        self._vault = vault
        self._house = deployment
        self._carrier = carrier
        self._clock = clock
        self._addresses = addresses

    async def run(self) -> None:
        """Mail for ever."""
        while True:
            await self.sweep()
            await asyncio.sleep(_PAUSE)

    async def sweep(self) -> None:
        """Mail what was not mailed; what does not go is left to a later time."""
        for address in self._addresses:
            key, now = codes.address_key(self._vault, address), self._clock()
            claim = partial(alerts.claim, vault=self._vault, person=key, mail=True)
            until = now + LEASE
            for untold in await self._database.transact(partial(claim, now=now, until=until)):
                await self._mail(address, untold, now)

    async def shout(self, kind: AlertKind, text: Callable[[str], Html], id_: str) -> None:
        """Mail what no table can keep, as far as it goes."""
        for address in self._addresses:
            await self._send(address, kind, text(self._language()), f"{id_}{address}")

    async def _mail(self, address: str, untold: UnsentAlert, now: datetime) -> None:
        text = alert(self._house(), self._language(), untold.facts).text
        tried = await self._send(address, untold.facts.kind, text, f"{untold.alert}{address}")
        if tried is None or tried.event in _AGAIN:
            rest = min(max(now - untold.facts.since, FIRST_REST), LONGEST_REST)
            put_off = partial(alerts.put_off, untold=untold, until=self._clock() + rest)
            await self._database.transact(put_off)
        else:
            await self._database.transact(partial(alerts.told, untold=untold))

    async def _send(
        self, address: str, kind: AlertKind, text: Html, id_: str
    ) -> AttemptResult | None:
        """Mail it, and log what became of it; None where it could not be tried."""
        language = self._language()
        notice = AlertMail(*by_mail(self._house(), language, kind, text), language)
        token = self._vault.fingerprint("alert mail", id_).hex()[:32]
        try:
            tried = await self._carrier.notify(address, notice, token, self._clock())
        except Exception as error:
            log.warning("an alert could not be mailed", kind=kind, **error_fields(error))
            return None
        became = tried.event.replace(" ", "_")
        level = log.info if tried.event is DeliveryEvent.TAKEN else log.warning
        level("an alert was mailed", kind=kind, outcome=became, smtp_code=tried.code)
        return tried

    def _language(self) -> str:
        """Return the language that the first campaign is written in; nobody says which is read."""
        first = next(iter(self._house().campaigns.values()), None)
        return (first and match(first.languages[0], offered())) or DEFAULT
