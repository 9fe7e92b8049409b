"""What must be done: kept in the same transaction as the journey that asks for it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from conversations.model.broadcast import Broadcast
from conversations.model.funnel import FunnelStage
from conversations.model.letter import Letter
from conversations.model.pace import Pace
from conversations.model.roles import Role
from conversations.text.html import Html


@dataclass(frozen=True)
class CountStage:
    """One more person reached `stage` before the letter is sent; `source` is the link's."""

    stage: FunnelStage
    campaign: str
    source: str


@dataclass(frozen=True)
class QueueCode:
    """Mail a one-time code, from `organisation`. Only its keyed hash outlives the mail.

    `subject` and `text` hold the code; an answer to the mail disowns the address.
    """

    campaign: str
    organisation: str
    address: str
    code: str
    language: str
    subject: str
    text: str


@dataclass(frozen=True)
class DropCode:
    """Nobody waits for the code any more: its mail does not leave, if it has not."""


@dataclass(frozen=True)
class Consent:
    """What was said yes to, in the words that were shown. `version` is the campaign's."""

    version: str
    notice: Html
    notice_digest: str
    letter_digest: str
    language: str


@dataclass(frozen=True)
class RecordAction:
    """The supporter pressed Send: the action and its letter, which leaves after `undo_seconds`.

    `action` and `message_token` are random hex; the token becomes the letter's Message-ID. `proved`
    tells that the address is the supporter's; `copies` that they may ask for a copy later.
    Everything personal is erased after `keep_until`. Where letters to its target have a `pace`, it
    takes its place among them.
    """

    action: str
    campaign: str
    source: str
    language: str
    letter: Letter
    consent: Consent
    message_token: str
    undo_seconds: int
    proved: bool
    keep_until: date
    pace: Pace | None = None
    copies: bool = False


@dataclass(frozen=True)
class Withdraw:
    """The letter of `action` does not leave, and the action is free again."""

    action: str


@dataclass(frozen=True)
class QueueCopy:
    """Mail the letter of `action` to its supporter, from `organisation`, under `intro`."""

    action: str
    organisation: str
    language: str
    intro: str


@dataclass(frozen=True)
class CorrectAddress:
    """The supporter of `action` has another address now, which was proved."""

    action: str
    address: str


@dataclass(frozen=True)
class SaveDetails:
    """Keep the details of `action` for the next time."""

    action: str
    language: str


@dataclass(frozen=True)
class ForgetDetails:
    """Keep no details for the next time, and none that were kept."""

    language: str


@dataclass(frozen=True)
class Subscribe:
    """Updates of `scope` (a campaign's slug, or "*" for other actions too) are wanted, or not."""

    scope: str
    given: bool
    language: str


@dataclass(frozen=True)
class UnsubscribeAll:
    """No updates of any kind any more."""

    language: str


@dataclass(frozen=True)
class ChooseLanguage:
    """Speak `language` with this person from now on."""

    language: str


@dataclass(frozen=True)
class ErasePerson:
    """Everything about this person goes at once, letters that have not left included."""


@dataclass(frozen=True)
class MarkBlocked:
    """The person blocked the bot, or let it in again."""

    blocked: bool


@dataclass(frozen=True)
class ResumeCampaign:
    """The letters of a campaign that is paused go on."""

    campaign: str


@dataclass(frozen=True)
class AcknowledgeAlert:
    """Somebody sees to an alert, and nobody else has got it yet."""

    alert: str
    kind: str
    name: str


@dataclass(frozen=True)
class RetryMailServer:
    """The mail server that takes nothing is tried at once, by every worker."""


@dataclass(frozen=True)
class RetryUncertain:
    """The letters of a campaign whose fate is not known, and that are held, are sent once more."""

    campaign: str


@dataclass(frozen=True)
class DropUncertain:
    """Those letters are not sent again."""

    campaign: str


@dataclass(frozen=True)
class AcknowledgeBounces:
    """An admin knows of the letters of a campaign that came back."""

    campaign: str


class BroadcastAction(StrEnum):
    """What can be done with an update that was confirmed."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    RETRY = "retry"
    RECALL = "recall"


@dataclass(frozen=True)
class ControlBroadcast:
    """The deed is done to an update, if it stands so that it can be."""

    broadcast: str
    deed: BroadcastAction


@dataclass(frozen=True)
class SaveDraft:
    """The update that this person composes is kept. What bears `token` confirms it; `album_until`
    is when an album whose parts are arriving counts as whole.
    """

    broadcast: Broadcast
    token: str = ""
    album_until: datetime | None = None


@dataclass(frozen=True)
class DiscardDraft:
    """An update that was not sent is given up, by its author or by a colleague."""

    broadcast: str


@dataclass(frozen=True)
class ConfirmBroadcast:
    """An update goes to the `expected` subscribers, now or `at` a time: once, as `token` holds.

    `going` is how many others are going out, as the answer tells.
    """

    broadcast: str
    token: str
    expected: int
    at: datetime | None
    going: int = 0


@dataclass(frozen=True)
class OfferBroadcast:
    """What bears `token` sends an update of this person's that waits for its time, or missed it."""

    broadcast: str
    token: str


@dataclass(frozen=True)
class RescheduleBroadcast:
    """An update of this person's that waits for its time, or missed it, goes `at` another."""

    broadcast: str
    at: datetime


@dataclass(frozen=True)
class RequestApproval:
    """The colleagues were asked to look at an update: the audit log keeps it."""

    broadcast: str


@dataclass(frozen=True)
class ApproveBroadcast:
    """Somebody else found an update good, whose content has the digest `content`."""

    broadcast: str
    content: str


@dataclass(frozen=True)
class SaveTimezone:
    """The times that this person types are of the time zone `zone`."""

    zone: str


@dataclass(frozen=True)
class Invite:
    """Whoever opens the link with `token` first gets `role`; only its keyed hash is kept."""

    role: Role
    token: str


@dataclass(frozen=True)
class AcceptInvitation:
    """This person, whom Telegram calls `name`, gets `role` by the invitation that is used up."""

    token: str
    role: Role
    name: str


@dataclass(frozen=True)
class RemoveRole:
    """The member has their `role` no more; `name` is what the audit log calls them."""

    member: str
    role: Role
    name: str


@dataclass(frozen=True)
class PauseAll:
    """Nothing is sent any more, in no process: no letter, copy or update; codes alone still go."""


@dataclass(frozen=True)
class ResumeAll:
    """All sending goes on, but for campaigns that rest by themselves."""


@dataclass(frozen=True)
class PauseCampaign:
    """The letters of a campaign rest until somebody lets them go on."""

    campaign: str


@dataclass(frozen=True)
class OpenCampaign:
    """A campaign takes letters again that was closed in the chat."""

    campaign: str


@dataclass(frozen=True)
class CloseCampaign:
    """A campaign takes no letters any more. Those that wait still leave, or are withdrawn, and
    their senders told.
    """

    campaign: str
    withdraw: bool


@dataclass(frozen=True)
class StartTestMode:
    """A campaign is in test mode from now on."""

    campaign: str


@dataclass(frozen=True)
class GoLive:
    """The test mode of a campaign ends, and its tests are erased."""

    campaign: str


@dataclass(frozen=True)
class DropSource:
    """Links with this source, which was named in the chat, count by its name no more."""

    campaign: str
    source: str


@dataclass(frozen=True)
class NameSource:
    """Links of a campaign with this source count by its name."""

    campaign: str
    source: str


@dataclass(frozen=True)
class BlockSender:
    """Whoever has this id writes no letters any more; those that wait are withdrawn. `letter` is
    the one that was complained of, of `campaign`.
    """

    person: str
    letter: str
    campaign: str


@dataclass(frozen=True)
class UnblockSender:
    """Whoever has this id may write again."""

    person: str
    campaign: str


class DigestInterval(StrEnum):
    """How often figures come by themselves."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True)
class ExportFigures:
    """Figures of a campaign, or of all, go out as a file: that is noted, and nothing else is."""

    campaign: str


@dataclass(frozen=True)
class SaveDigest:
    """This person gets the figures so often, those after `since` first; None: no more."""

    every: DigestInterval | None
    since: date


Effect = (
    CountStage
    | QueueCode
    | DropCode
    | RecordAction
    | Withdraw
    | QueueCopy
    | CorrectAddress
    | SaveDetails
    | ForgetDetails
    | Subscribe
    | UnsubscribeAll
    | ChooseLanguage
    | ErasePerson
    | MarkBlocked
    | ResumeCampaign
    | AcknowledgeAlert
    | RetryMailServer
    | RetryUncertain
    | DropUncertain
    | AcknowledgeBounces
    | ControlBroadcast
    | SaveDraft
    | DiscardDraft
    | ConfirmBroadcast
    | OfferBroadcast
    | RescheduleBroadcast
    | ApproveBroadcast
    | RequestApproval
    | SaveTimezone
    | Invite
    | AcceptInvitation
    | RemoveRole
    | PauseAll
    | ResumeAll
    | PauseCampaign
    | OpenCampaign
    | CloseCampaign
    | StartTestMode
    | GoLive
    | NameSource
    | DropSource
    | BlockSender
    | UnblockSender
    | ExportFigures
    | SaveDigest
)
