"""Alerts: what they can be about, which of them are urgent, and the figures that they show.

To add an alert, add its kind here. If it is of the simple form, its text in the catalogues is
enough: `alert.KIND`, `alert.KIND_over` and `alert.name_KIND`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from conversations.model.letters.server_reply import NO_REPLY, ServerReply


class AlertKind(StrEnum):
    """What an alert is about."""

    REFUSED = "refused"
    """A campaign paused itself, because its letters are refused."""
    DOUBTFUL = "doubtful"
    """Letters may have been sent or not. They are held until an admin decides."""
    BOUNCED = "bounced"
    """Letters bounced that a mail server had accepted."""
    DISPUTED = "disputed"
    """Letters are reported as bounced so late that the reports don't count."""
    FORWARDS = "forwards"
    """So many replies come to letters that some wait before they are forwarded."""
    OTHER_FAILURES = "other_failures"
    """Letters may not have arrived: servers report failures for addresses other than theirs."""
    COMPLAINTS = "complaints"
    """Recipients marked mail of a campaign as spam."""
    SERVER = "server"
    """Our mail server accepts nothing."""
    SURGE = "surge"
    """Suddenly many more letters are sent than usual."""
    LULL = "lull"
    """Suddenly many fewer letters are sent than usual."""
    RETURNS = "returns"
    """Suddenly many letters bounce."""
    REFUSALS = "refusals"
    """Suddenly many letters are refused."""
    FULL = "full"
    """The database has almost no room left."""
    SLOW = "slow"
    """The database takes long to write."""
    FILES = "files"
    """A campaign's files have mistakes, so a change is not in service."""
    UNSERVED = "unserved"
    """A campaign is not served: neither its newest version nor one before it."""
    CLOCK = "clock"
    """A machine's clock is wrong."""
    LATE = "late"
    """Answers come late."""
    LIMITED = "limited"
    """Telegram limits the whole bot: it accepts no message to any chat for now."""
    UPDATES = "updates"
    """What people write does not arrive."""
    TAMPERED = "tampered"
    """Roles, modes, approvals or the audit log were changed in the database, from outside."""


class Forgery(StrEnum):
    """What was changed in the database from outside: the details of a TAMPERED alert."""

    TEAM = "team"
    MODES = "modes"
    APPROVALS = "approvals"
    VERSIONS = "versions"
    AUDIT = "audit"


class UpdatesTrouble(StrEnum):
    """Why what people write does not arrive: the detail of an UPDATES alert."""

    RIVAL = "rival"
    """Another program polls with the bot's token, or changes its webhook."""
    TOKEN = "token"  # noqa: S105 - not a password
    """Telegram does not know the token any more."""
    UNDELIVERED = "undelivered"
    """Telegram cannot post to the webhook."""
    AWAY = "away"
    """Telegram does not answer, or something else answers in its place."""


URGENT = frozenset(
    (
        AlertKind.SERVER,
        AlertKind.REFUSED,
        AlertKind.FULL,
        AlertKind.SLOW,
        AlertKind.UNSERVED,
        AlertKind.CLOCK,
        AlertKind.LIMITED,
        AlertKind.UPDATES,
        AlertKind.TAMPERED,
    )
)
"""Alerts that make a sound, and are also sent by mail."""

NEED_RESPONSE = URGENT | {AlertKind.FILES, AlertKind.LATE}
"""Alerts that an admin should take responsibility for: the other admins see who did."""

FLAPPING = NEED_RESPONSE - {AlertKind.REFUSED} | {
    AlertKind.SURGE,
    AlertKind.LULL,
    AlertKind.RETURNS,
    AlertKind.REFUSALS,
}
"""Alerts that end by themselves. One that returns within REOPEN_WITHIN makes no sound again."""

REOPEN_WITHIN = timedelta(minutes=10)
"""How soon after its end an alert that returns is the same one."""


@dataclass(frozen=True)
class AlertHolder:
    """The admin who takes care of an alert."""

    name: str
    """The name of the admin's Telegram account."""
    since: datetime
    mine: bool
    """Whether the alert is shown to this admin."""


@dataclass(frozen=True)
class AlertFacts:
    """An alert, with the figures that it shows."""

    kind: AlertKind
    about: str
    """The slug of a campaign; "" if the alert is about none."""
    since: datetime
    ended: datetime | None = None
    id: str = ""
    holder: AlertHolder | None = None
    detail: str = ""
    """The mistake in a file, the machine whose clock is wrong, or a word for the cause."""
    reply: ServerReply = NO_REPLY
    """The mail server's reply, if the alert is about one."""
    waiting: int = 0
    """How many letters wait to be sent; of more than MOST_COUNTED, more than that."""
    held: int = 0
    """How many letters an admin must decide about."""
    letters: int = 0
    """How many letters bounced, or were sent in the last hour. For alerts that are not about
    letters, the one number that is shown: seconds, megabytes or mistakes.
    """
    usual: int = 0
    """How many letters are usual in an hour."""
