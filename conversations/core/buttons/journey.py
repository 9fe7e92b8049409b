"""Buttons of supporters that belong to a question: they end with it."""

from dataclasses import dataclass

from conversations.core.buttons.packing import TurnButtonData
from conversations.model.journey import Step

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
