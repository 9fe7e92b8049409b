"""Effects of a supporter's conversation: codes, saved details, subscriptions and the chat."""

from dataclasses import dataclass

from conversations.core.effects.base import BaseEffect


@dataclass(frozen=True)
class QueueCode(BaseEffect):
    """Mail a one-time code. Only its keyed hash outlives the mail."""

    campaign: str
    organisation: str
    """Display name of the sender."""

    address: str
    code: str
    language: str
    subject: str
    """Contains the code."""

    text: str
    """Contains the code. A reply to the mail disowns the address."""


@dataclass(frozen=True)
class DropCode(BaseEffect):
    """The supporter no longer waits for the code: drop its mail if it has not left yet."""


@dataclass(frozen=True)
class SaveDetails(BaseEffect):
    """Remember the name, country and address given for `action` for the next letter."""

    action: str
    language: str


@dataclass(frozen=True)
class ForgetDetails(BaseEffect):
    """Remember no details for the next letter, and erase those that were saved."""

    language: str


@dataclass(frozen=True)
class Subscribe(BaseEffect):
    """Subscribe to broadcasts, or unsubscribe."""

    scope: str
    """A campaign's slug, or "*" for the broadcasts of all other campaigns too."""

    given: bool
    """True to subscribe, False to unsubscribe."""

    language: str


@dataclass(frozen=True)
class KeepSubscriptions(BaseEffect):
    """Record that this person still wants the broadcasts they subscribed to."""


@dataclass(frozen=True)
class UnsubscribeAll(BaseEffect):
    """Unsubscribe from all broadcasts."""

    language: str


@dataclass(frozen=True)
class ChooseLanguage(BaseEffect):
    """Use `language` with this person from now on."""

    language: str


@dataclass(frozen=True)
class ErasePerson(BaseEffect):
    """Erase everything about this person now, and withdraw letters that have not left."""


@dataclass(frozen=True)
class ForgetChat(BaseEffect):
    """Clear a discreet chat now, and forget it."""


@dataclass(frozen=True)
class MarkBlocked(BaseEffect):
    """Record that the person blocked the bot, or unblocked it."""

    blocked: bool


@dataclass(frozen=True)
class ScheduleReminder(BaseEffect):
    """Remind the supporter once of the letter that they began. It replaces an earlier reminder."""

    campaign: str
    hours: int
    language: str


@dataclass(frozen=True)
class DropReminder(BaseEffect):
    """Send no reminder."""


@dataclass(frozen=True)
class DropScheduled(BaseEffect):
    """Send nothing that the supporter asked for earlier: the chat becomes discreet."""


JourneyEffect = (
    QueueCode
    | DropCode
    | SaveDetails
    | ForgetDetails
    | Subscribe
    | KeepSubscriptions
    | UnsubscribeAll
    | ChooseLanguage
    | ErasePerson
    | ForgetChat
    | MarkBlocked
    | ScheduleReminder
    | DropReminder
    | DropScheduled
)
