"""What an answer depends on besides the event and the journey: the deployment, and the person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from conversations.model.campaigns import spoken
from conversations.model.campaigns.campaign import Campaign
from conversations.model.campaigns.campaign_questions import GivenAnswer
from conversations.model.letters.delivery import REACHED_NOBODY, WITHDRAWABLE_STATES, LetterState
from conversations.model.roles import Role
from conversations.text.languages import DEFAULT, match, staff_languages
from conversations.text.wording import Wording


@dataclass(frozen=True)
class Deployment:
    """The bot: its campaigns and its settings."""

    campaigns: Mapping[str, Campaign]
    """The campaigns, by slug."""

    username: str
    """The bot's Telegram username, without the @."""

    mailbox: str
    """The address that the bot's mail is sent from."""

    test_address: str
    """Where the letters of campaigns in test mode are sent."""

    test: bool = False
    """Whether all campaigns are in test mode."""

    show_keys: bool = False
    """Whether texts are shown with their catalogue keys, for translators."""

    unserved: frozenset[str] = frozenset()
    """The campaigns that are not among `campaigns` because their newest version can't be served."""

    zone: str = "UTC"
    """The organisation's time zone."""

    approval_above: int = 50
    """A broadcast to more people than this needs a colleague's approval; None: none needs it."""

    approve_campaigns: bool = False
    """Whether a colleague has to approve each change of a campaign that is made in the chat."""

    paid_broadcasts: bool = False
    """Whether broadcasts are sent faster, for Telegram Stars."""

    backup_days: int = 7
    """After so many days, no backup can be opened with the keys on the server."""

    reads_replies: bool = False
    """Whether replies to the bot's mail reach the bot."""

    def title(self, slug: str, language: str) -> str:
        """Return the title of a campaign; its slug if the campaign is gone."""
        campaign = self.campaigns.get(slug)
        return campaign.text(language).title if campaign else slug

    def wording(self, language: str, slug: str = "") -> Wording:
        """Return the bot's texts for a reader of `language`, in the campaign `slug`."""
        tag = spoken.catalogue(language, self.campaigns.get(slug))
        return Wording(tag, self.show_keys, reader=language)

    def staff_wording(self, language: str) -> Wording:
        """Return the bot's texts for a campaigner or admin who reads `language`."""
        return Wording(match(language, staff_languages()) or DEFAULT, self.show_keys)


# --- codes ----------------------------------------------------------------------------------------


class CodeVerdict(StrEnum):
    """Whether a code that was typed is right."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    SPENT = "spent"
    """There were too many wrong attempts."""
    NONE = "none"
    """No code was mailed to the address."""


@dataclass(frozen=True)
class CodeCheck:
    """The verdict on a code that was typed."""

    verdict: CodeVerdict
    left: int = 0
    """How many attempts are left."""


@dataclass(frozen=True)
class CodeWait:
    """When another code may be mailed to an address."""

    seconds: int = 0
    """Seconds until then; 0: now."""

    is_busy: bool = False
    """Whether requests of other people are the reason."""

    is_pending: bool = False
    """Whether a code that was mailed to it from this chat still works."""


# --- actions --------------------------------------------------------------------------------------


class CopyState(StrEnum):
    """The state of the copy of a letter for its supporter."""

    NONE = "none"
    """There is no copy."""
    KEPT = "kept"
    """The supporter can ask for a copy."""
    ASKED = "asked"
    """The supporter asked for a copy."""
    RETURNED = "returned"
    """The copy bounced, and the chat doesn't say so yet."""
    TOLD = "told"
    """The copy bounced, and the chat says so."""


@dataclass(frozen=True)
class Details:
    """What a supporter gave."""

    name: str
    country: str
    """ISO 3166-1 alpha-2 code."""
    address: str
    """Email address."""
    proved: bool
    """Whether the supporter proved with a code that the address is theirs."""


@dataclass(frozen=True)
class ActionTaken:
    """A letter that the person sent. In `Facts`, it stands for all letters of its Send."""

    action: str
    """The action's id."""
    campaign: str
    """The campaign's slug."""
    state: LetterState
    at: datetime
    """When the person pressed Send, in UTC; once the letter is settled, only the day."""
    details: Details | None
    """What the person gave for it; None once the letter is settled."""
    number: int | None = None
    """Which letter of the campaign it is, counted from 1; None until it is accepted."""
    message: int | None = None
    """The id of the message in the chat that shows the letter's state."""
    test: bool = False
    """Whether the letter is sent to the test address. It counts nowhere."""
    copy: CopyState = CopyState.NONE
    archived: bool = False
    """Whether a record of it waits, encrypted, for the organisation's archive."""
    own: tuple[GivenAnswer, ...] = ()
    """The answers to the campaign's own questions; none once the letter is settled."""
    target: str = ""
    """The id of the letter's target; "" once it is settled."""
    round: int = 1
    """1 for the first letter to a target, 2 for a reminder."""
    submission: str = ""
    """The id by which the chat knows the Send, if that wrote to several targets."""
    others: tuple["ActionTaken", ...] = ()
    """The letters of the same Send to other targets."""

    @property
    def letters(self) -> tuple["ActionTaken", ...]:
        """All letters of the Send, this one included."""
        return (self, *self.others)

    @property
    def waiting(self) -> tuple["ActionTaken", ...]:
        """The letters of the Send that can be withdrawn."""
        return tuple(each for each in self.letters if each.state in WITHDRAWABLE_STATES)

    @property
    def reached_nobody(self) -> bool:
        """Whether none of the letters arrived or may still do: they may be written again."""
        return all(each.state in REACHED_NOBODY for each in self.letters)

    @property
    def is_cancelled(self) -> bool:
        """Whether all letters of the Send were cancelled."""
        return all(each.state is LetterState.CANCELLED for each in self.letters)


@dataclass(frozen=True)
class ClearedAction:
    """The letters of a Send whose discreet chat was cleared."""

    actions: tuple[str, ...]
    """The ids of the actions."""
    reached_nobody: bool
    """Whether all failed, so that the person may write again."""


# --- the person -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class AddressFacts:
    """What is stored about an email address."""

    taken: bool = False
    """Whether another person used it for the campaign."""

    disowned: bool = False
    """Whether its owner said that this wasn't them."""


@dataclass(frozen=True)
class Facts:
    """What every event needs to know of the person, and of the campaigns."""

    profile_name: str = ""
    """The name of the person's Telegram account."""

    profile_language: str = ""
    """The language of the person's Telegram."""

    language: str = ""
    """The language that the person chose here; "" if they chose none."""

    details: Details | None = None
    """The details that the person let the bot remember."""

    acted: Mapping[str, ActionTaken] = field(default_factory=dict)
    """What the person sent in each campaign, by slug, without tests and reminders."""

    reminded: tuple[ActionTaken, ...] = ()
    """The reminder letters that the person sent."""

    tried: tuple[ActionTaken, ...] = ()
    """What the person sent in test mode: there may be several for a campaign."""

    unconfirmed: frozenset[str] = frozenset()
    """The campaigns that are in test mode until an admin says that they go live."""

    closed: frozenset[str] = frozenset()
    """The campaigns that an admin closed in the chat."""

    exempt: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The ids of the targets that get no new letters, by the slug of their campaign."""

    modes_unknown: bool = False
    """Whether nothing trustworthy says which campaigns are open: none takes letters then."""

    sender_blocked: bool = False
    """Whether an admin blocked the person from sending letters."""

    subscriptions: frozenset[str] = frozenset()
    """The campaigns whose broadcasts the person gets; "*" stands for all."""

    accepted: Mapping[str, int] = field(default_factory=dict)
    """How many letters of each campaign mail servers accepted."""

    people: Mapping[str, int] = field(default_factory=dict)
    """Of how many people at least one letter was accepted, by campaign."""

    role: Role | None = None
    """What the person may do in the team; None for a supporter."""

    lapsed_role: Role | None = None
    """The role that ended because it was not confirmed: the person may still pause all sending."""

    member_id: str = ""
    """The person's id in the team (`Member.id`)."""

    @property
    def admin(self) -> bool:
        """Whether the person is an admin."""
        return self.role is Role.ADMIN

    @property
    def actions(self) -> tuple[ActionTaken, ...]:
        """Everything that the person sent, one for each Send, tests included."""
        return (*self.acted.values(), *self.reminded, *self.tried)

    def action(self, id_: str) -> ActionTaken | None:
        """Return what the person sent under this id; None if it is another person's, or erased."""
        return next(
            (each for each in self.actions if id_ in (each.action, each.submission or each.action)),
            None,
        )
