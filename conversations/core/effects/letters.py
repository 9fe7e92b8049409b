"""Effects on letters: recording an action, withdrawing it, copies, and letters in doubt."""

from dataclasses import dataclass
from datetime import date

from conversations.core.alerts import AlertKind
from conversations.core.effects.base import AuditedAction, BaseEffect
from conversations.model.campaigns.campaign_questions import GivenAnswer
from conversations.model.campaigns.pace import Pace
from conversations.model.letters.letter import Letter
from conversations.model.scheduled import AnswerKind
from conversations.text.html import Html


@dataclass(frozen=True)
class Consent:
    """The consent given by pressing Send, in the words that were shown."""

    version: str
    """Version of the campaign."""

    notice: Html
    """The privacy notice."""

    notice_digest: str
    letter_digest: str
    language: str


@dataclass(frozen=True)
class LetterToSend:
    """A letter to one of the targets that one Send writes to."""

    action: str
    """Random id, 32 hexadecimal digits."""

    letter: Letter
    message_token: str
    """Random hexadecimal digits that become the letter's Message-ID."""

    pace: Pace | None = None
    """Limits how fast letters reach the target: the letter leaves in the next free slot."""


@dataclass(frozen=True)
class RecordAction(BaseEffect):
    """The supporter pressed Send: record the action, and queue its letter.

    Where a Send writes to several targets, this is about the first one, and `others` has the rest.
    """

    action: str
    """Random id, 32 hexadecimal digits. The chat knows the whole Send by it."""

    campaign: str
    source: str
    """Source of the link by which the supporter came."""

    language: str
    letter: Letter
    consent: Consent
    message_token: str
    """Random hexadecimal digits that become the letter's Message-ID."""

    undo_seconds: int
    """How long the letter waits before it leaves, so that it can be withdrawn."""

    proved: bool
    """Whether the supporter proved that the address is theirs."""

    keep_until: date
    """The day after which everything personal about the action is erased."""

    pace: Pace | None = None
    """Limits how fast letters reach the target: the letter leaves in the next free slot."""

    clear_after: int = 0
    """How many hours after the letter was sent its chat is cleared; 0: it is not discreet."""

    copies: bool = False
    """Whether the supporter may ask for a copy of the letter later."""

    settle_days: int = 7
    """How many days after the letter's final state its writer's details are deleted."""

    archive_key: str | None = None
    """The public key to which the details are encrypted before; None: they are not archived."""

    own: tuple[GivenAnswer, ...] = ()
    """The answers to the campaign's own questions."""

    has_own_words: bool = False
    """Whether the supporter added words of their own, or rewrote the letter."""

    others: tuple[LetterToSend, ...] = ()
    """The letters to further targets."""

    round: int = 1
    """Which letter of the supporter to each target this is."""

    @property
    def letters(self) -> tuple[LetterToSend, ...]:
        """All letters, the first one included."""
        first = LetterToSend(self.action, self.letter, self.message_token, self.pace)
        return (first, *self.others)


@dataclass(frozen=True)
class Withdraw(BaseEffect):
    """Cancel the letter of `action`, so that the supporter can act in the campaign again."""

    action: str


@dataclass(frozen=True)
class EraseLetter(BaseEffect):
    """Erase what is stored of a letter that can't be cancelled: its consent was taken back."""

    action: str


@dataclass(frozen=True)
class EndOptIn(BaseEffect):
    """Take back a consent that a campaign asked for, such as to be called."""

    consent: str
    """The id of the consent."""

    language: str
    """The language in which it was taken back."""


@dataclass(frozen=True)
class QueueCopy(BaseEffect):
    """Mail a copy of the letter of `action` to its supporter."""

    action: str
    organisation: str
    """Display name of the sender."""

    language: str
    intro: str
    """Text above the copy."""


@dataclass(frozen=True)
class AskAboutAnswer(BaseEffect):
    """Ask the supporter in some days whether the target answered the letter of `action`, or not."""

    action: str
    target: str
    """The id of the letter's target."""

    days: int
    given: bool
    """Whether the supporter agreed."""

    language: str
    names_target: bool = False
    """Whether the question says which target is meant: the Send wrote to several."""


@dataclass(frozen=True)
class DropAnswerQuestions(BaseEffect):
    """Ask the supporter about no answer any more."""

    language: str


@dataclass(frozen=True)
class RecordAnswer(BaseEffect):
    """Count what the supporter said in reply to such a question, and forget whose letter it was."""

    message: str
    """The id of the question."""

    kind: AnswerKind
    """NONE, AUTOMATIC or REAL: how fast is computed when it is stored."""


@dataclass(frozen=True)
class CorrectAddress(BaseEffect):
    """Replace the address of `action` by another one that the supporter proved is theirs."""

    action: str
    address: str


@dataclass(frozen=True)
class RetryMailServer(BaseEffect):
    """Make every worker try the mail server now, although it accepts no mail at present."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("tried_server")


@dataclass(frozen=True)
class RetryUncertain(BaseEffect):
    """Send the campaign's held letters again: they may or may not have left before."""

    campaign: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("sent_again", self.campaign)


@dataclass(frozen=True)
class DropUncertain(BaseEffect):
    """Do not send the campaign's held letters again."""

    campaign: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("left", self.campaign)


@dataclass(frozen=True)
class AcknowledgeLetters(BaseEffect):
    """End an alert that counts letters of a campaign: an admin has seen it."""

    campaign: str
    kind: AlertKind

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        bounced = self.kind is AlertKind.BOUNCED
        return AuditedAction("seen" if bounced else f"seen_{self.kind}", self.campaign)


LetterEffect = (
    AskAboutAnswer
    | DropAnswerQuestions
    | RecordAnswer
    | RecordAction
    | Withdraw
    | EraseLetter
    | EndOptIn
    | QueueCopy
    | CorrectAddress
    | RetryMailServer
    | RetryUncertain
    | DropUncertain
    | AcknowledgeLetters
)
