"""The interfaces through which services reach Telegram, the mail server and DNS.

Each protocol is implemented at an edge (`bot/telegram`, `bot/mail`) and replaced by a fake in
tests. Services import this module and never an edge.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from conversations.core.replies import Reply, Say
from conversations.model.broadcast import Broadcast
from conversations.model.letters.delivery import DeliveryEvent
from conversations.model.letters.identity import SenderDecision
from conversations.model.letters.server_reply import NO_REPLY, ServerReply
from storage.mail.delivery.sending import ClaimedMail

# --- messages in Telegram -----------------------------------------------------------------------


class BlockedByUser(Exception):
    """The chat cannot be reached: the person blocked the bot, or the account or chat is gone."""


class CallRefused(Exception):
    """Telegram refused a message for good: nothing was sent, and a retry would be refused too."""


class KindRefused(CallRefused):
    """The chat takes no message of this kind, such as voice messages. It may take others."""


class ChatLimited(Exception):
    """Telegram accepts no call for the chat for some seconds."""

    def __init__(self, seconds: float) -> None:
        """It accepts none for `seconds`."""
        super().__init__(f"Telegram asks to wait {seconds:.0f} seconds.")
        self.seconds = seconds


class Uncertain(Exception):
    """The request may have reached Telegram: the message was sent, or it was not."""


@dataclass(frozen=True)
class MessagePosition:
    """Where in a chat a reply goes, and which messages it may edit or delete."""

    chat: int
    journey: str
    """The id of the journey that the reply's buttons belong to; "" where there is none."""
    asked: int
    """The number of the question that the reply's buttons belong to."""
    prompt_message: int | None = None
    """The id of the message that shows the open question."""
    prompt_has_picture: bool = False
    pressed_message: int | None = None
    """The id of the message whose button was pressed."""
    callback: str | None = None
    """The id of the callback query to answer (Bot API, CallbackQuery)."""
    seen: tuple[int, ...] = ()
    """The ids of the chat's earlier messages that `ClearChat` deletes."""
    topic: int = 0
    """The topic in which to send (Bot API, message_thread_id); 0 outside topics."""


@dataclass(frozen=True)
class SentMessages:
    """The messages that hold a reply after it was sent."""

    messages: tuple[int, ...] = ()
    """Ids of the messages that were sent or edited. The last one holds the reply's text."""
    has_picture: bool = False


class Activity(StrEnum):
    """What the bot is doing while a chat waits for it (Bot API, sendChatAction, action)."""

    DRAWING = "upload_photo"
    WRITING_FILE = "upload_document"


class MessageSender(Protocol):
    """Sends and edits messages in private chats.

    Every method also raises what the Bot API's client raises.
    """

    async def send(self, position: MessagePosition, reply: Reply) -> SentMessages:
        """Send `reply`. Raises BlockedByUser, CallRefused, ChatLimited and Uncertain."""

    async def show(
        self, chat: int, reply: Say, message: int | None, *, silent: bool = False, topic: int = 0
    ) -> int:
        """Edit `message` so that it shows `reply`, or send a new one. Return the message's id.

        A `silent` message makes no sound. A new one is sent in `topic`, if there is one. Raises
        BlockedByUser, CallRefused, ChatLimited and Uncertain.
        """

    async def acknowledge(self, callback: str) -> None:
        """Answer a callback query without a text."""

    async def show_activity(self, position: MessagePosition, activity: Activity) -> None:
        """Show at the top of the chat what the bot is doing. No failure is raised."""


# --- broadcasts in Telegram ---------------------------------------------------------------------


class NotReached(Exception):
    """The request did not reach Telegram: nothing was sent."""


@dataclass(frozen=True, slots=True)
class BroadcastCall:
    """A call to the Bot API that is the same for many chats."""

    method: str
    body: bytes
    """JSON without its opening brace and without the chat's id, which are added for each chat."""


class BroadcastPort(Protocol):
    """Sends a broadcast's messages, and deletes them again."""

    @property
    def rate(self) -> float:
        """Messages per second that may be sent now; infinity where nothing limits them."""

    def prepare(self, broadcast: Broadcast, language: str) -> tuple[BroadcastCall, ...]:
        """Return the calls that send `broadcast` to a person who reads `language`."""

    def prepare_covered(self, broadcast: Broadcast, language: str) -> tuple[BroadcastCall, ...]:
        """Return the calls that send a notice to a discreet chat, which shows it when tapped."""

    async def send(self, chat: int, call: BroadcastCall) -> tuple[int, ...]:
        """Make the call and return the ids of the messages.

        Raises BlockedByUser, NotReached, Uncertain, CallRefused, KindRefused, and ChatLimited for a
        chat that accepts nothing for minutes.
        """

    async def delete(self, chat: int, messages: Sequence[int]) -> None:
        """Delete messages. Raises as `send` does."""


# --- mail ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PreparedMail:
    """A mail as it is handed to the mail server."""

    sender: str
    """The envelope's sender (RFC 5321, MAIL FROM)."""
    recipient: str
    message: bytes
    """The whole message (RFC 5322), signed."""
    decided: SenderDecision | None = None
    """In whose name a letter is sent. Set when the letter is assembled for the first time."""
    urgent: bool = False
    """Whether a person waits for it: it does not wait for other mail."""


@dataclass(frozen=True)
class AttemptResult:
    """The result of one attempt to hand a mail to the mail server."""

    event: DeliveryEvent
    reply: ServerReply = NO_REPLY
    """The mail server's reply without its words, or why there was none."""
    reached: bool = True
    """Whether the mail server answered."""
    our_fault: bool = False
    """Whether the mail server rejects us rather than this mail. All mail pauses then.

    With `this_mail_only`, it pauses when more than one mail was rejected so.
    """
    this_mail_only: bool = False
    """Whether the fault may concern this mail or its connection only. Other mail goes on."""
    mailbox_full: bool = False
    broke: bool = False
    """Whether the connection broke while the server was told of this mail, before its content."""


@dataclass(frozen=True)
class AlertMail:
    """A mail that reports an alert to an admin."""

    subject: str
    text: str
    language: str


class MailTransport(Protocol):
    """Assembles mail from the outbox and hands it to the mail server."""

    in_hand: int
    """The least number of mails that may be in flight at once."""

    async def assemble(self, claimed: ClaimedMail, now: datetime) -> PreparedMail:
        """Return the mail as it is sent."""

    async def send(
        self,
        mail: PreparedMail,
        go: Callable[[], Awaitable[bool]],
        slow: Callable[[], None],
    ) -> AttemptResult | None:
        """Hand the mail over. `go` is awaited right before the content: False cancels (None).

        `slow` is called, at most once, if the server takes so long that other mail should not wait.
        """


class AlertMailTransport(Protocol):
    """Hands alert mail to the mail server."""

    async def notify(
        self, recipient: str, notice: AlertMail, id_: str, now: datetime
    ) -> AttemptResult:
        """Assemble and send an alert mail; its Message-ID is made from `id_`."""


class MailDomains(Protocol):
    """Knows which domains take mail."""

    async def takes_mail(self, domain: str) -> bool | None:
        """Return whether `domain` takes mail; None where DNS does not answer in time."""

    def remembered(self, domain: str) -> bool | None:
        """Return what `takes_mail` would return without asking DNS; None if it would have to ask.

        It is called in the thread of a transaction.
        """


# --- health -------------------------------------------------------------------------------------

HealthCheck = Callable[[], Awaitable[str | None]]
"""Returns the problem that it found, in words without personal values, or None."""

# --- charts -------------------------------------------------------------------------------------


class NotDrawn(Exception):
    """A chart could not be drawn."""
