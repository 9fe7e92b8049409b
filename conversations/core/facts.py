"""What is known when an event is answered: read inside its transaction, before `advance`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from conversations.model.campaign import Campaign
from conversations.model.delivery import LetterState
from conversations.model.roles import Role


class CodeVerdict(StrEnum):
    """What became of a code that was typed."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    SPENT = "spent"
    NONE = "none"


@dataclass(frozen=True)
class CodeCheck:
    """The verdict on a code, and how many attempts are left."""

    verdict: CodeVerdict
    left: int = 0


class CopyState(StrEnum):
    """How it stands with the copy of a letter for its supporter.

    KEPT: it may be asked for. RETURNED: it came back, and the chat has not been told yet.
    """

    NONE = "none"
    KEPT = "kept"
    ASKED = "asked"
    RETURNED = "returned"
    TOLD = "told"


@dataclass(frozen=True)
class Details:
    """What a supporter gave. `proved` tells that the address was shown to be theirs."""

    name: str
    country: str
    address: str
    proved: bool


@dataclass(frozen=True)
class ActionTaken:
    """An action of this person's. `message` is the one in the chat that shows how it fares.

    `test` tells that its letter went, or goes, to the test address: it counts nowhere.
    """

    action: str
    campaign: str
    state: LetterState
    at: datetime
    details: Details
    number: int | None = None
    message: int | None = None
    test: bool = False
    copy: CopyState = CopyState.NONE


@dataclass(frozen=True)
class Deployment:
    """The bot itself: its campaigns, its username, and the mailbox its mail comes from.

    Letters of campaigns in test mode go to `test_address`; `test` puts all of them into it. `zone`
    is the organisation's time zone.
    """

    campaigns: Mapping[str, Campaign]
    username: str
    mailbox: str
    test_address: str
    test: bool = False
    show_keys: bool = False
    zone: str = "UTC"

    approval_above: int | None = None
    """A broadcast to more people than this needs a colleague's approval; None: none needs it."""

    paid_broadcasts: bool = False
    """Whether broadcasts are sent faster, for Telegram Stars."""


class AlertKind(StrEnum):
    """What admins must know."""

    REFUSED = "refused"
    """A campaign paused itself: its letters are refused."""
    DOUBTFUL = "doubtful"
    """Letters may have left or not, and are held until an admin decides."""
    BOUNCED = "bounced"
    """Letters came back that a mail server had taken."""
    SERVER = "server"
    """Our mail server takes nothing."""
    SURGE = "surge"
    """Suddenly many more letters than usual are sent."""
    LULL = "lull"
    """Suddenly many fewer letters than usual are sent."""
    RETURNS = "returns"
    """Suddenly many letters come back."""
    REFUSALS = "refusals"
    """Suddenly many letters are refused."""
    FULL = "full"
    """The database has hardly any room left."""
    SLOW = "slow"
    """The database takes long to write."""
    FILES = "files"
    """A campaign's files have mistakes, so that an edit is not in service."""
    CLOCK = "clock"
    """A machine's clock is wrong."""
    LATE = "late"
    """Answers come late."""


@dataclass(frozen=True)
class AlertHolder:
    """Who has got an alert, as Telegram calls them; `mine` where it is the one who is told."""

    name: str
    since: datetime
    mine: bool


@dataclass(frozen=True)
class AlertFacts:
    """What the tables say of an alert. `about` is a campaign, or empty.

    `waiting` counts the letters that have not left; `held` those that an admin decides about,
    `letters` those that came back, or were sent in an hour where `usual` would be as many; with
    other kinds it is the one number that is told: seconds, megabytes, or mistakes. `what` is wrong
    in a file, the machine whose clock is, or a word for how it came.
    """

    kind: AlertKind
    about: str
    since: datetime
    ended: datetime | None = None
    id: str = ""
    holder: AlertHolder | None = None
    what: str = ""
    smtp_code: int | None = None
    smtp_text: str = ""
    waiting: int = 0
    held: int = 0
    letters: int = 0
    usual: int = 0


@dataclass(frozen=True)
class Facts:
    """The person, and what the tables say that this event turns on; `acted` is by campaign.

    `tried` are their actions in test mode, of which there may be several; `unconfirmed` the
    campaigns that were in test mode here, and of which nobody has said yet that they go live;
    `closed` those that an admin closed; `barred` tells that an admin blocked this person.
    `code_wait` is in seconds: how long until another code may be mailed to the address in play;
    `code_pending` tells that a code mailed to it from this chat is still good.
    `address_taken` tells that somebody else acted with it on the journey's campaign;
    `disowned` that its owner said “this wasn't me”. `role` is what the person may do, None where
    they are a supporter; `member_id` is their id in the team (`Member.id`).
    """

    profile_name: str = ""
    profile_language: str = ""
    language: str = ""
    details: Details | None = None
    acted: Mapping[str, ActionTaken] = field(default_factory=dict)
    tried: tuple[ActionTaken, ...] = ()
    unconfirmed: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    barred: bool = False
    subscriptions: frozenset[str] = frozenset()
    accepted: Mapping[str, int] = field(default_factory=dict)
    address_taken: bool = False
    disowned: bool = False
    code: CodeCheck | None = None
    code_wait: int = 0
    code_pending: bool = False
    role: Role | None = None
    member_id: str = ""

    @property
    def admin(self) -> bool:
        """Whether the person runs the bot."""
        return self.role is Role.ADMIN

    @property
    def campaigner(self) -> bool:
        """Whether they may send updates, as admins may."""
        return self.role is not None

    @property
    def actions(self) -> tuple[ActionTaken, ...]:
        """All actions of this person's, tests included."""
        return (*self.acted.values(), *self.tried)
