"""Buttons of supporters that outlive a question: under letters, in settings, about consents."""

from dataclasses import dataclass
from enum import StrEnum

from conversations.core.buttons.packing import PersistentButtonData
from conversations.model.scheduled import AnswerKind


@dataclass(frozen=True)
class UndoSend(PersistentButtonData, prefix="undo"):
    """Withdraw a letter that has not left."""

    action: str


@dataclass(frozen=True)
class RequestCopy(PersistentButtonData, prefix="copy"):
    """Mail a copy of the letter to its supporter."""

    action: str


@dataclass(frozen=True)
class CorrectCopyAddress(PersistentButtonData, prefix="correct"):
    """Give another address, since the copy of the letter came back."""

    action: str


@dataclass(frozen=True)
class SendShareCard(PersistentButtonData, prefix="card"):
    """Send a message with the campaign's picture, to forward to friends."""

    campaign: str
    """The campaign's slug."""


class UpdatesChoice(StrEnum):
    """Which updates a supporter wants."""

    THIS = "this"
    """Those of one campaign."""
    ALL = "all"
    """Those of all campaigns."""
    NO = "no"
    """No more of one campaign."""
    DECLINE = "decline"
    """None of one campaign, in answer to the question. It ends no subscription made since."""


@dataclass(frozen=True)
class ChooseUpdates(PersistentButtonData, prefix="updates"):
    """Say which updates are wanted."""

    scope: str
    """A campaign's slug, or "*" for all campaigns."""
    choice: UpdatesChoice


@dataclass(frozen=True)
class RememberDetails(PersistentButtonData, prefix="remember"):
    """Say whether the details of an action are kept for the next one."""

    action: str
    remember: bool


@dataclass(frozen=True)
class ListLanguages(PersistentButtonData, prefix="languages"):
    """Show the list of languages in the message that showed the settings."""

    page: int = 1
    """Which of them, as in `ShowLanguages`."""


@dataclass(frozen=True)
class DropDetails(PersistentButtonData, prefix="details"):
    """Forget the details that were kept."""


@dataclass(frozen=True)
class EndUpdates(PersistentButtonData, prefix="unsubscribe"):
    """End all updates; the message with the button says so."""


@dataclass(frozen=True)
class EndUpdatesHere(PersistentButtonData, prefix="unsubscribe_here"):
    """End all updates, by the button under a broadcast, which stays as it is."""


@dataclass(frozen=True)
class SpeakLanguage(PersistentButtonData, prefix="lang"):
    """Speak another language from now on."""

    language: str
    """The language's tag (BCP 47)."""


class ConsentKind(StrEnum):
    """What a consent is about."""

    SEND = "send"
    """A letter is sent."""
    REMEMBER = "remember"
    """Details are kept for the next letter."""
    UPDATES = "updates"
    """Broadcasts are received."""
    ANSWER = "answer"
    """The bot asks whether targets answered."""


@dataclass(frozen=True)
class TakeBackConsent(PersistentButtonData, prefix="take_back"):
    """Take back a consent."""

    kind: ConsentKind
    action: str = ""
    """The action whose letter the consent is about; "" for the other kinds."""


@dataclass(frozen=True)
class TakeBackOptIn(PersistentButtonData, prefix="opt_out"):
    """Take back a consent that a campaign asked for, such as to be called."""

    consent: str
    """The consent's id."""


class Stored(StrEnum):
    """What a person is asked about that they have not used for long."""

    DETAILS = "details"
    """Details that are kept for the next letter."""
    UPDATES = "updates"
    """Subscriptions to broadcasts."""
    BOTH = "both"


@dataclass(frozen=True)
class KeepStored(PersistentButtonData, prefix="stored"):
    """Say whether what was not used for long is kept."""

    what: Stored
    keep: bool


@dataclass(frozen=True)
class AgreeToQuestion(PersistentButtonData, prefix="ask_answer"):
    """Say whether the bot may ask later if the target answered a letter."""

    action: str
    ask: bool


@dataclass(frozen=True)
class ReportAnswer(PersistentButtonData, prefix="answer"):
    """Say whether the target answered."""

    message: str
    """The id of the question."""
    kind: AnswerKind
    """NONE, AUTOMATIC or REAL."""


@dataclass(frozen=True)
class WriteReminder(PersistentButtonData, prefix="no_answer"):
    """Write a shorter letter to a target that did not answer the first one."""

    campaign: str
    """The campaign's slug."""
    target: str
    """The target's code (`conversations.model.campaigns.target_index.target_code`)."""


@dataclass(frozen=True)
class OfferReminder(PersistentButtonData, prefix="reminder"):
    """Ask when to remind the supporter of the letter that they began."""

    campaign: str
    """The campaign's slug."""


@dataclass(frozen=True)
class RemindMe(PersistentButtonData, prefix="remind"):
    """Remind the supporter of that letter in so many hours."""

    campaign: str
    """The campaign's slug."""
    hours: int


@dataclass(frozen=True)
class DropReminders(PersistentButtonData, prefix="no_reminder"):
    """Don't remind the supporter."""


@dataclass(frozen=True)
class ContinueLetter(PersistentButtonData, prefix="continue"):
    """Go on with the letter of which the supporter was reminded."""

    campaign: str
    """The campaign's slug."""


@dataclass(frozen=True)
class SaveMyData(PersistentButtonData, prefix="mydata_file"):
    """Get all that is stored about the person as a file."""


@dataclass(frozen=True)
class ClearMessages(PersistentButtonData, prefix="clear"):
    """Delete what was written in this chat."""


@dataclass(frozen=True)
class ReadNotice(PersistentButtonData, prefix="read"):
    """Show a notice about people's data, in a discreet chat."""

    notice: str
    """The notice's id."""
