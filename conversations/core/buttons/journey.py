"""Buttons of supporters: those of a question, and those that outlive it."""

from dataclasses import dataclass
from enum import StrEnum

from conversations.core.buttons.packing import PersistentButtonData, TurnButtonData
from conversations.model.journey import Step
from conversations.model.scheduled import AnswerKind

# --- under every question -------------------------------------------------------------------------


@dataclass(frozen=True)
class Back(TurnButtonData, prefix="back"):
    """Go one question back."""


@dataclass(frozen=True)
class Cancel(TurnButtonData, prefix="cancel"):
    """End the journey."""


@dataclass(frozen=True)
class GoTo(TurnButtonData, prefix="to"):
    """Ask another question: of the review, one that changes the letter or an answer."""

    step: Step


# --- which campaign, and what of a journey under way ----------------------------------------------


@dataclass(frozen=True)
class ChooseCampaign(TurnButtonData, prefix="campaign"):
    """Start the journey of a campaign."""

    campaign: str
    """The campaign's slug."""


@dataclass(frozen=True)
class ListCampaigns(TurnButtonData, prefix="campaigns"):
    """Turn to a page of the open campaigns."""

    page: int


@dataclass(frozen=True)
class SwitchCampaign(TurnButtonData, prefix="switch"):
    """Give up the letter that was begun, for one of another campaign."""


@dataclass(frozen=True)
class StartOver(TurnButtonData, prefix="restart"):
    """Give up the letter that was begun, for a new one of the same campaign."""


@dataclass(frozen=True)
class Stay(TurnButtonData, prefix="stay"):
    """Return to the question that was interrupted."""


@dataclass(frozen=True)
class EraseEverything(TurnButtonData, prefix="erase"):
    """Erase everything that is stored about this supporter."""


@dataclass(frozen=True)
class ReadOnIn(TurnButtonData, prefix="lang"):
    """Ask the welcome again in another language."""

    language: str
    """The language's tag (BCP 47)."""


# --- the welcome ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class WriteLetter(TurnButtonData, prefix="write"):
    """Begin the letter."""


@dataclass(frozen=True)
class ReuseDetails(TurnButtonData, prefix="reuse"):
    """Begin the letter with the details that were kept from the last one."""


@dataclass(frozen=True)
class ShowMore(TurnButtonData, prefix="more"):
    """Show the longer story of the campaign."""


@dataclass(frozen=True)
class ShowLetter(TurnButtonData, prefix="see"):
    """Show the letter: an example in the welcome, the supporter's own later."""


@dataclass(frozen=True)
class ShowSafety(TurnButtonData, prefix="safe"):
    """Answer whether taking part is safe."""


@dataclass(frozen=True)
class ShowLanguages(TurnButtonData, prefix="language"):
    """Offer the other languages."""

    page: int = 1
    """Which of them: no page has more buttons than a phone shows."""


@dataclass(frozen=True)
class AskDiscreet(TurnButtonData, prefix="ask_discreet"):
    """Explain discreet conversations, and offer one."""


@dataclass(frozen=True)
class SetDiscreet(TurnButtonData, prefix="discreet"):
    """Make the conversation discreet, or an ordinary one."""

    discreet: bool


# --- name, country, risk --------------------------------------------------------------------------


@dataclass(frozen=True)
class UseName(TurnButtonData, prefix="use"):
    """Take the name that is proposed."""


@dataclass(frozen=True)
class ChooseCountry(TurnButtonData, prefix="country"):
    """Take a country."""

    country: str
    """The country's code (ISO 3166-1 alpha-2)."""


@dataclass(frozen=True)
class OtherCountry(TurnButtonData, prefix="another"):
    """Take none of the countries that are proposed."""


@dataclass(frozen=True)
class AcceptRisk(TurnButtonData, prefix="accept"):
    """Go on in spite of the warning."""


@dataclass(frozen=True)
class TakePartUnnamed(TurnButtonData, prefix="without"):
    """Write no letter, and share the campaign instead."""


# --- a campaign's own questions -------------------------------------------------------------------


@dataclass(frozen=True)
class AnswerOwn(TurnButtonData, prefix="own"):
    """Answer the campaign's question: with an option, or with yes or no."""

    value: str
    """The option's id, "yes" or "no"."""


@dataclass(frozen=True)
class KeepOwn(TurnButtonData, prefix="kept"):
    """Keep the answer that was given before."""


@dataclass(frozen=True)
class SkipOwn(TurnButtonData, prefix="skip"):
    """Leave the question unanswered."""


@dataclass(frozen=True)
class ListOptions(TurnButtonData, prefix="options"):
    """Turn to a page of the options."""

    page: int


# --- address and code -----------------------------------------------------------------------------


@dataclass(frozen=True)
class UseAddress(TurnButtonData, prefix="keep"):
    """Keep the address that was given before."""


@dataclass(frozen=True)
class HideAddress(TurnButtonData, prefix="hide"):
    """Hide the address from the target, or show it."""

    hide: bool


@dataclass(frozen=True)
class TakeSuggestedAddress(TurnButtonData, prefix="yes"):
    """Take the address that the bot suggests instead of the typed one."""


@dataclass(frozen=True)
class TakeTypedAddress(TurnButtonData, prefix="mine"):
    """Take the address as it was typed."""


@dataclass(frozen=True)
class CodeNotThere(TurnButtonData, prefix="not_there"):
    """Ask what to do if the code has not arrived."""


@dataclass(frozen=True)
class ResendCode(TurnButtonData, prefix="resend"):
    """Mail another code to the same address."""


@dataclass(frozen=True)
class OtherAddress(TurnButtonData, prefix="other"):
    """Give another address."""


# --- the review and what it changes ---------------------------------------------------------------


@dataclass(frozen=True)
class SendLetter(TurnButtonData, prefix="send"):
    """Agree to what the review shows, and send the letter."""


@dataclass(frozen=True)
class ChangeOwn(TurnButtonData, prefix="edit"):
    """Ask one of the campaign's own questions again."""

    question: str
    """The question's id."""


@dataclass(frozen=True)
class ListChanges(TurnButtonData, prefix="changes"):
    """Turn to a page of what can be changed."""

    page: int


@dataclass(frozen=True)
class RemoveOwnWords(TurnButtonData, prefix="remove"):
    """Take the supporter's own words out of the letter."""


@dataclass(frozen=True)
class RestoreLetter(TurnButtonData, prefix="original"):
    """Replace the rewritten letter by the campaign's."""


@dataclass(frozen=True)
class ChooseSubject(TurnButtonData, prefix="subject"):
    """Take one of the subjects that are proposed."""

    number: int
    """Its place in the list, counted from 0."""


# --- to whom the letter goes ----------------------------------------------------------------------


@dataclass(frozen=True)
class TickTarget(TurnButtonData, prefix="tick"):
    """Choose a target, or no longer."""

    number: int
    """Its place among the supporter's targets, counted from 0."""


@dataclass(frozen=True)
class ListTargets(TurnButtonData, prefix="ticks"):
    """Turn to a page of the targets."""

    page: int


@dataclass(frozen=True)
class EndTargetSearch(TurnButtonData, prefix="ticks_all"):
    """List all targets again, and not only those with the text that was typed."""


@dataclass(frozen=True)
class FinishTargets(TurnButtonData, prefix="ticked"):
    """Write to the targets that are chosen."""


# --- buttons that outlive their turn --------------------------------------------------------------


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
    """The target's code (`conversations.model.reminder_letters.target_code`)."""


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
