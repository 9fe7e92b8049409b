"""Two weeks of invented history, so that the demo has figures and broadcasts to show.

The storage layer's own functions write everything, with an earlier clock, so that letters are
encrypted and counted as those of real supporters are. Nothing is sent.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from sqlalchemy import Connection

from bot.playground import past_broadcasts
from bot.playground.invented_people import Fate, InventedLetter, InventedPerson, letters
from bot.playground.past_broadcasts import PastBroadcasts
from bot.playground.telegram import Person, TelegramState
from conversations.core.alerts import AlertKind
from conversations.core.effects import Effect
from conversations.core.effects.journey import Subscribe
from conversations.core.effects.letters import AcknowledgeLetters, Consent, RecordAction
from conversations.core.effects.stats import CountStage
from conversations.journey.letters import letter_review
from conversations.model.campaigns.campaign import Campaign
from conversations.model.journey import Journey
from conversations.model.letters.delivery import DeliveryEvent
from conversations.model.letters.identity import filled
from conversations.model.letters.letter import Letter, Signature, compose
from conversations.model.letters.server_reply import ReplyMeaning, ServerReply
from conversations.model.stats.funnel import FunnelStage
from conversations.text.html import Html
from conversations.text.wording import Wording
from storage import apply_effects
from storage.chats import chats
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail import returned_mail
from storage.mail.delivery import outcomes, sending
from storage.mail.delivery.outcomes import MailOutcome
from storage.mail.delivery.sending import ClaimedMail
from storage.mail.letters import letter_statuses

TEST_ADDRESS = "test@invented.example"

RETRY_AFTER = timedelta(hours=3)
"""How long after the start of the demo the waiting letters are tried again."""

_LEASE = "history"
_LEASE_TIME = timedelta(minutes=1)
_CLAIM_LIMIT = 100

_BEFORE_SENT = tuple(stage for stage in FunnelStage)[: list(FunnelStage).index(FunnelStage.SENT)]


async def add(
    database: Database,
    vault: Vault,
    campaigns: Mapping[str, Campaign],
    telegram: TelegramState,
    campaigner: Person,
    admin: Person,
    now: datetime,
) -> None:
    """Store the history of the first campaign that is open and not in test mode, if there is one.

    The invented people get accounts in the embedded Telegram, so that a broadcast can reach them.
    """
    campaign = next((c for c in campaigns.values() if not c.test and c.is_open(now)), None)
    if campaign is None:
        return
    broadcasts = PastBroadcasts(vault, campaign, campaigner, now)
    written = letters(campaign, now, broadcasts.sent_at, broadcasts.sent.source)
    history = _History(vault, campaign, written, broadcasts, now)
    reached = await database.transact(partial(history.write, admin=admin))
    for letter in written:
        _open_account(telegram, letter.by, broadcasts if letter.by in reached else None)


def _open_account(
    telegram: TelegramState, person: InventedPerson, broadcasts: PastBroadcasts | None
) -> None:
    """Create the account of an invented person in the embedded Telegram, with a started chat."""
    account = telegram.add_person(person.chat, person.name, language_code=person.language.lower())
    account.next_id()
    account.blocked = past_broadcasts.has_blocked(person)
    if broadcasts is not None:
        account.receive(broadcasts.message(account, person.language))


class _History:
    """Writes the plan into the database, in the order of time."""

    def __init__(
        self,
        vault: Vault,
        campaign: Campaign,
        written: tuple[InventedLetter, ...],
        broadcasts: PastBroadcasts,
        now: datetime,
    ) -> None:
        self._vault = vault
        self._campaign = campaign
        self._letters = written
        self._broadcasts = broadcasts
        self._now = now
        self._fates = {letter.by.address: letter.fate for letter in written}
        self._notices: dict[str, Html] = {}

    def write(self, connection: Connection, admin: Person) -> frozenset[InventedPerson]:
        """Store everything; return who got the broadcast."""
        before = [each for each in self._letters if each.at <= self._broadcasts.sent_at]
        after = self._letters[len(before) :]
        self._write_letters(connection, before)
        reached = self._broadcasts.send(connection, [each.by for each in before])
        self._write_letters(connection, after)
        self._broadcasts.schedule(connection)
        self._mark_as_shown(connection)
        self._acknowledge_bounces(connection, admin)
        return reached

    def _write_letters(self, connection: Connection, written: Iterable[InventedLetter]) -> None:
        """Store letters, and deliver them once a day: one by one would take much longer."""
        undo_time = timedelta(seconds=self._campaign.undo_seconds)
        for _, group in groupby(written, key=lambda letter: letter.at.date()):
            letters_of_day = list(group)
            for letter in letters_of_day:
                self._record(connection, letter)
            self._deliver(connection, min(letters_of_day[-1].at + undo_time, self._now))

    def _record(self, connection: Connection, written: InventedLetter) -> None:
        person = written.by
        key = PersonKeys(self._vault, person.chat)
        journey = Journey(_token(person, "journey"), person.language)
        chats.save(connection, self._vault, key, journey, written.at)
        effects = [*self._visits(written), self._action(written)]
        if written.subscribes:
            effects.append(Subscribe(self._campaign.slug, given=True, language=person.language))
        apply_effects.apply(connection, self._vault, key, effects, now=written.at)

    def _visits(self, written: InventedLetter) -> Iterable[Effect]:
        """Yield what counts the person's way to the letter, and the visitors who gave up."""
        if written.fate is Fate.TEST:
            return
        for last in (_BEFORE_SENT[-1], *written.visitors):
            for stage in _BEFORE_SENT[: _BEFORE_SENT.index(last) + 1]:
                yield CountStage(stage, self._campaign.slug, written.source)

    def _action(self, written: InventedLetter) -> RecordAction:
        person, campaign = written.by, self._campaign
        signature = Signature(
            person.name, person.country, person.address, person.language, draw=person.chat
        )
        letter = compose(campaign, signature)
        if written.fate is Fate.TEST:
            letter = replace(letter, test_address=TEST_ADDRESS)
        return RecordAction(
            action=_token(person, "action"),
            campaign=campaign.slug,
            source=written.source,
            language=person.language,
            letter=letter,
            consent=self._consent(person, letter),
            message_token=_token(person, "message"),
            undo_seconds=campaign.undo_seconds,
            proved=True,
            keep_until=campaign.keep_until,
            pace=campaign.target_for(person.country).pace,
        )

    def _consent(self, person: InventedPerson, letter: Letter) -> Consent:
        notice = self._notice(person)
        return Consent(
            version=self._campaign.version,
            notice=notice,
            notice_digest=hashlib.sha256(notice.encode()).hexdigest(),
            letter_digest=letter.digest,
            language=person.language,
        )

    def _notice(self, person: InventedPerson) -> Html:
        """Return the privacy notice and the agreement that the person's review showed."""
        target = self._campaign.target_for(person.country)
        key = f"{person.language} {target.id}"
        if key not in self._notices:
            wording = Wording(person.language)
            notice = letter_review.notice(self._campaign, wording)
            consent = self._campaign.text(person.language).consent
            agreement = filled(consent, self._campaign, wording, (target,))
            self._notices[key] = Html(f"{notice}\n\n{agreement}")
        return self._notices[key]

    def _deliver(self, connection: Connection, at: datetime) -> None:
        """Record what the mail worker would have recorded at `at`."""
        claimed = sending.claim(
            connection,
            self._vault,
            lanes=(self._campaign.slug,),
            now=at,
            lease=_LEASE,
            until=at + _LEASE_TIME,
            limit=_CLAIM_LIMIT,
        )
        attempts = [(mail, self._fate(mail)) for mail in claimed]
        results = [self._outcome(mail, fate) for mail, fate in attempts]
        outcomes.record(connection, self._vault, results, now=at)
        for mail, fate in attempts:
            if fate is Fate.BOUNCED:
                reply = ServerReply(552, "5.2.2", ReplyMeaning.FULL)
                returned_mail.record_bounce(connection, self._vault, mail.mail, reply, now=at)

    def _fate(self, mail: ClaimedMail) -> Fate:
        content = mail.content
        return self._fates[content.sender_address] if isinstance(content, Letter) else Fate.ACCEPTED

    def _outcome(self, mail: ClaimedMail, fate: Fate) -> MailOutcome:
        result = partial(MailOutcome, mail.mail, mail.kind, _LEASE)
        match fate:
            case Fate.WAITING:
                later = ServerReply(451, "4.3.2", ReplyMeaning.LATER)
                return result(DeliveryEvent.PUT_OFF, self._now + RETRY_AFTER, later)
            case Fate.FAILED:
                return result(
                    DeliveryEvent.REFUSED, None, ServerReply(550, "5.7.1", ReplyMeaning.POLICY)
                )
            case Fate.ACCEPTED | Fate.BOUNCED | Fate.TEST:
                return result(DeliveryEvent.TAKEN, None, ServerReply(250))

    def _mark_as_shown(self, connection: Connection) -> None:
        """Mark all letter statuses and reports as shown, so that the bot sends none of them."""
        for letter in self._letters:
            keys = PersonKeys(self._vault, letter.by.chat)
            for status in letter_statuses.unshown_in_chat(connection, self._vault, keys):
                letter_statuses.record_shown(connection, self._vault, status, None)
        self._broadcasts.mark_as_shown(connection)

    def _acknowledge_bounces(self, connection: Connection, admin: Person) -> None:
        """Close the alert about bounced letters, as the admin would."""
        apply_effects.apply(
            connection,
            self._vault,
            PersonKeys(self._vault, admin.id),
            [AcknowledgeLetters(self._campaign.slug, AlertKind.BOUNCED)],
            now=self._now,
            who=past_broadcasts.audit_name(admin),
        )


def _token(person: InventedPerson, purpose: str) -> str:
    """Return 32 hexadecimal digits, different for each person and purpose."""
    return hashlib.sha256(f"{purpose} {person.chat}".encode()).hexdigest()[:32]
