"""How far the replies of one turn were sent, and where in the chat the next one goes."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.services.ports import MessagePosition, SentMessages
from conversations.core.replies import (
    Ask,
    ClearChat,
    ClosePrompt,
    DeleteMessages,
    EditPrompt,
    Reply,
)
from conversations.model.journey import Journey
from storage.chats.leases import ChatLease, SentReplies
from storage.mail.letters.letter_statuses import UnsentStatus


@dataclass
class ReplyProgress:
    """The replies of one turn that were sent so far."""

    position: MessagePosition
    """Where the next reply goes."""
    messages: list[int]
    """Ids of the messages to remember, so that `ClearChat` can delete them."""
    language: str
    """The language of the chat."""
    statuses: list[tuple[UnsentStatus, int | None]] = field(default_factory=list)
    """The states of letters that are shown now, with the ids of their messages."""
    cleared: bool = False
    """Whether the messages from before this turn were deleted."""

    def add(self, reply: Reply, sent: SentMessages) -> None:
        """Note that `reply` was sent."""
        prompt = self.position.prompt_message
        self.messages += [message for message in sent.messages if message != prompt]
        self.cleared = self.cleared or isinstance(reply, ClearChat)
        match reply:
            case Ask() | EditPrompt():
                self._set_prompt(sent.messages[-1], has_picture=sent.has_picture)
            case ClosePrompt() | ClearChat():
                self._set_prompt(None)

    def add_status(self, status: UnsentStatus, message: int) -> None:
        """Note that `message` shows the state of a letter."""
        self.statuses.append((status, message))
        if message != status.message:
            self.messages.append(message)

    def as_sent(
        self, turn: int, pause: timedelta | None = None, *, is_uncertain: bool = False
    ) -> SentReplies:
        """Return what to store. `turn` is the last turn whose replies were all sent.

        `is_uncertain`: whether the replies of the turn after it were sent is not known.
        """
        prompt = (self.position.prompt_message, self.position.prompt_has_picture)
        messages = tuple(self.messages)
        return SentReplies(turn, *prompt, messages, self.cleared, pause, is_uncertain)

    def _set_prompt(self, message: int | None, *, has_picture: bool = False) -> None:
        self.position = replace(
            self.position, prompt_message=message, prompt_has_picture=has_picture
        )


def typed_messages(journey: Journey | None) -> tuple[DeleteMessages, ...]:
    """Return what deletes the supporter's messages in a discreet conversation."""
    if journey is None or not journey.is_discreet or not journey.typed:
        return ()
    return (DeleteMessages(journey.typed),)


def position_in(chat: int, lease: ChatLease, journey: Journey | None) -> MessagePosition:
    """Return where the first reply of a turn goes."""
    return MessagePosition(
        chat=chat,
        journey=journey.id if journey else "",
        asked=journey.asked if journey else 0,
        prompt_message=lease.prompt_message,
        prompt_has_picture=lease.prompt_has_picture,
        seen=tuple(message for message, _ in lease.seen),
        topic=lease.topic,
    )
