"""Sends the messages that people asked for earlier, when they are due."""

from datetime import timedelta
from functools import partial

import structlog

from bot.logs import error_fields
from bot.services.core import Core
from bot.services.ports import BlockedByUser, CallRefused, ChatLimited, MessageSender
from bot.services.runner import repeat
from conversations.core.replies import Say
from conversations.journey.after_letter import answers, reminders
from conversations.model.scheduled import ScheduledKind, ScheduledMessage
from storage.mail import due_messages

log = structlog.get_logger()

SEARCH_INTERVAL = 30.0
"""Seconds between two searches for messages that are due."""


class ScheduledMessages:
    """Sends each message at most once. Several processes may run this.

    A message is claimed in the transaction that makes sure that nobody else sends it. If the
    process dies before it has sent the message, the message is lost.
    """

    def __init__(self, core: Core, messages: MessageSender) -> None:
        """Send through `messages`."""
        self._core = core
        self._messages = messages

    async def run(self) -> None:
        """Send until cancelled."""
        await repeat(self.run_once, SEARCH_INTERVAL)

    async def run_once(self) -> None:
        """Send all messages that are due."""
        core, done = self._core, False
        while not done:
            found = await core.database.read(partial(due_messages.find_due, now=core.clock()))
            sent = [await self._send(id_) for id_ in found]
            done = len(found) < due_messages.MAX_FOUND or not any(sent)

    async def _send(self, id_: str) -> bool:
        """Send a message; return whether there was one to send."""
        core = self._core
        claim = partial(
            due_messages.claim,
            vault=core.vault,
            id_=id_,
            now=core.clock(),
            unserved=core.deployment().unserved,
        )
        message = await core.database.transact(claim)
        if message is None:
            return False
        said = self._words(message)
        if said is not None:
            await self._say(message, said)
        return True

    async def _say(self, message: ScheduledMessage, said: Say) -> None:
        core = self._core
        try:
            await self._messages.show(message.chat, said, None)
        except ChatLimited as error:
            due = core.clock() + timedelta(seconds=error.seconds)
            again = partial(due_messages.put_back, vault=core.vault, message=message, due=due)
            await core.database.transact(again)
        except (BlockedByUser, CallRefused):
            log.info("scheduled message not delivered", kind=message.kind.value)
        except Exception as error:
            log.warning("scheduled message not sent", **error_fields(error))

    def _words(self, message: ScheduledMessage) -> Say | None:
        """Return what to say; None if the campaign is gone, or takes no more letters."""
        deployment = self._core.deployment()
        campaign = deployment.campaigns.get(message.campaign)
        if campaign is None:
            return None
        wording = deployment.wording(message.language, message.campaign)
        if message.kind is ScheduledKind.ANSWER and message.sent_on is not None:
            named = campaign.index.by_id.get(message.target) if message.names_target else None
            target = named.name_in(wording.reads) if named else ""
            return answers.question(wording, message.id, message.sent_on, target)
        is_open = campaign.is_open(self._core.clock())
        return reminders.message(wording, message.campaign) if is_open else None
