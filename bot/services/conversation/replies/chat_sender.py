"""Sends the replies of one turn, and the states of letters, to a chat that is leased."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.logs import error_fields
from bot.services.conversation.replies.reply_progress import ReplyProgress
from bot.services.core import Core
from bot.services.monitoring.reports import Reports
from bot.services.ports import (
    Activity,
    BlockedByUser,
    CallRefused,
    ChatLimited,
    MessageSender,
    Uncertain,
)
from conversations.core.effects.journey import MarkBlocked
from conversations.core.facts import Deployment
from conversations.core.replies import (
    Ask,
    CsvFile,
    Document,
    EditPrompt,
    LetterStatus,
    Reply,
    Say,
    StatsReport,
)
from conversations.journey.letters import letter_status, status_of_several
from conversations.text.wording import Wording
from storage import apply_effects
from storage.chats import chats, leases, sent_journeys
from storage.chats.leases import FAILED_REPLY_PAUSE, ChatLease, SentReplies
from storage.crypto.person_keys import PersonKeys
from storage.engine.database import DATABASE_ERRORS
from storage.mail.letters import letter_statuses
from storage.mail.letters.letter_statuses import UnsentStatus

log = structlog.get_logger()

DATABASE_RETRY = 1.0
"""Seconds until the next try to record what was sent, in a database that fails."""

MAX_PAUSE = timedelta(seconds=30)
"""How long a chat is left alone that Telegram limits. Then somebody looks whether it still does."""


class ChatSender:
    """Sends to a chat, and records how far this came. The caller has leased the chat."""

    def __init__(self, core: Core, messages: MessageSender, reports: Reports) -> None:
        """Send through `messages`, and draw charts and tables with `reports`."""
        self._core = core
        self._messages = messages
        self._reports = reports
        self._recording: set[int] = set()

    def is_recording(self, chat: int) -> bool:
        """Return whether everything is sent in the chat, and the lease is about to be released."""
        return chat in self._recording

    async def send(
        self,
        progress: ReplyProgress,
        lease: ChatLease,
        replies: tuple[Reply, ...],
        turn: int,
        unshown: tuple[UnsentStatus, ...] = (),
    ) -> None:
        """Send `replies`, those of `turn`, one after the other, then the states of letters that
        the chat does not show. Record how far this came, and release the lease.

        If sending fails, the chat is paused, and the replies count as unsent. Raises what failed.
        Where Telegram's answer is cut off, the next reply is sent all the same. If that happens to
        the question or to the last reply, they count as unsent if nothing is heard for a while.
        """
        reached, is_uncertain, pause = 0, False, None
        try:
            is_uncertain = await self._send_replies(progress, replies)
            reached = 0 if is_uncertain else turn
            await self._show(progress, unshown)
        except BlockedByUser:
            reached = turn
            await self._mark_blocked(progress.position.chat)
        except Uncertain as error:  # the state of a letter, which is shown again
            log.warning("letter status perhaps not shown", **error_fields(error))
            reached, pause = 0 if is_uncertain else turn, FAILED_REPLY_PAUSE
        except asyncio.CancelledError:
            # A later start sends the rest.
            await asyncio.shield(self._record_once(progress, lease, progress.as_sent(reached)))
            raise
        except Exception as error:
            pause = FAILED_REPLY_PAUSE
            if isinstance(error, ChatLimited):
                pause = max(pause, min(timedelta(seconds=error.seconds), MAX_PAUSE))
            await self._record(progress, lease, progress.as_sent(reached, pause))
            raise
        sent = progress.as_sent(reached, pause, is_uncertain=is_uncertain)
        await self._record(progress, lease, sent)

    async def _send_replies(self, progress: ReplyProgress, replies: tuple[Reply, ...]) -> bool:
        """Send the replies; return whether it is uncertain that those arrived which matter.

        Raises Uncertain at the end if that is so of the state of a letter.
        """
        is_uncertain, of_status = False, None
        for reply in replies:
            try:
                await self._send_reply(progress, reply)
            except Uncertain as error:
                log.warning("reply perhaps not sent", **error_fields(error))
                if isinstance(reply, LetterStatus):
                    of_status = error
                elif isinstance(reply, Ask | EditPrompt) or reply is replies[-1]:
                    is_uncertain = True
        if of_status is not None and not is_uncertain:
            raise of_status
        return is_uncertain

    async def _send_reply(self, progress: ReplyProgress, reply: Reply) -> None:
        match reply:
            case LetterStatus():
                await self._show(progress, await self._unshown(progress.position.chat))
                return
            case StatsReport():
                await self._messages.show_activity(progress.position, Activity.DRAWING)
                reply = await self._reports.stats(reply)
            case CsvFile():
                await self._messages.show_activity(progress.position, Activity.WRITING_FILE)
                reply = await self._reports.sheet(reply)
            case Document():
                await self._messages.show_activity(progress.position, Activity.WRITING_FILE)
        try:
            progress.add(reply, await self._messages.send(progress.position, reply))
        except CallRefused as refused:
            await self._replace_refused(progress, reply, refused)

    async def _replace_refused(
        self, progress: ReplyProgress, reply: Reply, refused: CallRefused
    ) -> None:
        """Apologise for a reply that Telegram refuses for good: a retry would be refused too."""
        log.error("reply refused", kind=type(reply).__name__, **error_fields(refused))
        with suppress(CallRefused):
            sorry = Say(Wording(progress.language).say("errors.sorry"))
            sent = await self._messages.send(progress.position, sorry)
            progress.messages += sent.messages

    async def _record(self, progress: ReplyProgress, lease: ChatLease, sent: SentReplies) -> None:
        """Record what was sent, however long the database is full or out of reach.

        Replies that are not recorded would be sent again.
        """
        chat = progress.position.chat
        self._recording.add(chat)
        try:
            while True:
                try:
                    return await self._record_once(progress, lease, sent)
                except DATABASE_ERRORS as error:
                    log.warning("replies not recorded yet", **error_fields(error))
                await asyncio.sleep(DATABASE_RETRY)
        finally:
            self._recording.discard(chat)

    async def _record_once(
        self, progress: ReplyProgress, lease: ChatLease, sent: SentReplies
    ) -> None:
        now, vault = self._core.clock(), self._core.vault
        person = PersonKeys(vault, progress.position.chat)

        def record(connection: Connection) -> None:
            if progress.statuses:  # they change more than the row of the chat
                chats.lock(connection, person.chat)
            leases.record_replies(connection, vault, person, lease, sent, now=now)
            for shown, message in progress.statuses:
                letter_statuses.record_shown(connection, vault, shown, message)
                if shown.has_left:
                    sent_journeys.empty(connection, vault, person)

        # Before all answers that wait: the next one in this chat needs the lease.
        await self._core.database.transact(record, since=0)

    async def _unshown(self, chat: int) -> tuple[UnsentStatus, ...]:
        vault = self._core.vault
        person = PersonKeys(vault, chat)
        unshown = partial(letter_statuses.unshown_in_chat, vault=vault, person=person)
        return await self._core.database.read(unshown)

    async def _show(self, progress: ReplyProgress, letters: tuple[UnsentStatus, ...]) -> None:
        """Show how letters fare, those of each Send in a message of their own."""
        for letter in letters:
            reply = _status(self._core.deployment(), letter)
            chat, topic = progress.position.chat, progress.position.topic
            try:
                message = await self._messages.show(chat, reply, letter.message, topic=topic)
            except CallRefused as refused:  # it counts as shown: a retry would be refused too
                log.error("letter status refused", **error_fields(refused))
                progress.statuses.append((letter, letter.message))
            else:
                progress.add_status(letter, message)

    async def _mark_blocked(self, chat: int) -> None:
        core, person, now = self._core, PersonKeys(self._core.vault, chat), self._core.clock()
        blocked = (MarkBlocked(blocked=True),)
        await core.database.transact(
            lambda c: apply_effects.apply(c, core.vault, person, blocked, now=now)
        )


def _status(deployment: Deployment, letter: UnsentStatus) -> Say:
    if letter.others:
        letters = (letter.facts, *letter.others)
        return status_of_several.status(deployment, letter.language, letters)
    return letter_status.status(deployment, letter.language, letter.facts)
