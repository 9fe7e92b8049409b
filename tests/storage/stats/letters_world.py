"""A world of letters where random things happen, and what is true of it after each of them."""

import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select

from conversations.core.effects.journey import ErasePerson
from conversations.core.effects.letters import LetterToSend, Withdraw
from conversations.model.letters.delivery import DeliveryEvent
from conversations.model.letters.server_reply import ServerReply
from storage.admin.alerts import sync_uncertain
from storage.crypto.campaign_keys import keys_of_person
from storage.crypto.person_keys import PersonKeys
from storage.erasure import settling
from storage.mail import returned_mail
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery import letter_changes, outcomes, pauses, sending, uncertain
from storage.mail.delivery.content import MailKind
from storage.mail.delivery.outbox import decrypt_chat
from storage.mail.delivery.outcomes import MailOutcome
from storage.mail.delivery.sending import ClaimedMail
from storage.mail.letters import test_redirect
from storage.mail.letters.cancellation import cancel_sender
from storage.mail.proof import codes
from storage.mail.returned_mail import StillSending
from storage.retention import purge
from storage.schema.tables import actions, alerts, counters, outbox, tallies
from storage.stats import recount
from storage.stats.action_details import decrypt_number
from tests.storage.people import NOW, acts, letter, sends
from tests.storage.post import Post

CAMPAIGNS = ("river", "sea")
PEOPLE = range(1, 13)

LEASE = timedelta(seconds=60)


@dataclass
class World:
    """Random events, and what the test remembers of people who were erased."""

    post: Post
    chance: random.Random
    now: datetime = NOW
    number: int = 0
    in_hand: list[ClaimedMail] = field(default_factory=list)
    begun: list[ClaimedMail] = field(default_factory=list)
    forgotten: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def acts(self) -> None:
        person, slug = self.chance.choice(PEOPLE), self.chance.choice(CAMPAIGNS)
        if await self.read(partial(self.has_acted, person=person, slug=slug)):
            return
        self.number += 1
        address = f"p{person}@mail.example"
        test = "tests@send.example" if self.chance.random() < 0.2 else ""
        first = replace(letter(address), test_address=test)
        effect = replace(
            sends(f"{self.number:032x}", address=address, undo_seconds=self.chance.choice((0, 30))),
            campaign=slug,
            letter=first,
            message_token=f"{self.number:032x}",
            settle_days=self.chance.choice((0, 0, 1, 7)),
            others=tuple(
                LetterToSend(token, replace(first, target_id=f"target-{each}"), token)
                for each in range(self.chance.choice((0, 0, 1, 4)))
                for token in (f"{each + 1}{self.number:031x}",)
            ),
        )
        await self.post.act(person, effect, now=self.now)

    async def undoes(self) -> None:
        """Withdraw a letter, as the chat does: one that waits, or one that is gone already."""
        rows = await self.rows()
        free = ("queued", "deferred", "failed", "bounced", "cancelled")
        can = [row for row in rows if row.state in free and not row.possible_duplicate]
        if can:
            row = self.chance.choice(can)
            await self.post.database.transact(
                lambda c: acts(c, self.post.vault, self.person(row), Withdraw(row.action))
            )

    async def forgets(self) -> None:
        person = self.chance.choice(PEOPLE)
        for row in await self.rows():
            if self.person(row) == person and not row.test:
                waits = row.state in ("queued", "deferred") and not row.possible_duplicate
                self.forgotten[row.campaign, "sent"] += not waits
                self.forgotten[row.campaign, "accepted"] += row.state == "accepted"
        await self.post.act(person, ErasePerson(), now=self.now)

    async def settles(self) -> None:
        """Settle what is due: it counts as before, but nothing leads to it any more."""
        due = set(await self.read(lambda c: settling.find_due(c, now=self.now)))
        await self.post.database.transact(
            lambda c: settling.settle(c, self.post.vault, [*due], now=self.now)
        )

    async def replaces_settled(self) -> None:
        """Withdraw a settled letter that reached nobody, as the chat does before another."""
        failed = actions.c.final_state.in_(("failed", "bounced", "cancelled"))
        query = select(actions.c.action, actions.c.person_key).where(failed)
        if row := await self.read(lambda c: c.execute(query).first()):
            await self.post.database.transact(
                lambda c: acts(c, self.post.vault, self.person(row), Withdraw(row.action))
            )

    async def bounces_late(self) -> None:
        """A settled letter bounces."""
        query = select(outbox.c.mail).where(outbox.c.settled)
        if mail := await self.read(lambda c: c.execute(query).scalar()):
            reply = ServerReply(550, "5.1.1")
            await self.post.database.transact(
                lambda c: returned_mail.record_bounce(c, self.post.vault, mail, reply, now=self.now)
            )

    async def disowns(self) -> None:
        """Disown an address, as its owner does."""
        key = AddressKeys.of(self.post.vault, f"p{self.chance.choice(PEOPLE)}@mail.example")
        await self.post.database.transact(
            lambda c: codes.disown_address(c, self.post.vault, key, self.now)
        )

    async def purges(self) -> None:
        """Purge, as when the retention of everything sent so far is over."""
        for row in await self.rows():
            if not row.test:
                self.forgotten[row.campaign, "sent"] += 1
                self.forgotten[row.campaign, "accepted"] += row.state == "accepted"
        for day in (1, 3):  # on the first day, letters that wait are cancelled
            end = datetime(2019, 10, day, tzinfo=UTC)
            await self.post.database.transact(partial(purge.purge, vault=self.post.vault, now=end))

    async def claims(self) -> None:
        self.number += 1
        await self.take(f"worker-{self.number}", divert=self.chance.random() < 0.1)

    async def take(self, lease: str, *, divert: bool) -> int:
        def work(c: Connection) -> tuple[ClaimedMail, ...]:
            claimed = sending.claim(
                c,
                self.post.vault,
                lanes=sending.schedule(c).lanes,
                now=self.now,
                lease=lease,
                until=self.now + LEASE,
                limit=3,
            )
            if divert:
                to = "tests@send.example"
                return test_redirect.redirect(c, self.post.vault, claimed, to, now=self.now)
            return claimed

        claimed = await self.post.database.transact(work)
        self.in_hand += claimed
        return len(claimed)

    async def begins(self) -> None:
        if self.in_hand:
            await self.begin(self.chance.choice(self.in_hand))

    async def begin(self, claimed: ClaimedMail) -> None:
        if claimed in self.begun:
            return
        self.begun.append(claimed)
        if await self.post.begin(claimed, self.now):
            assert claimed.possible_duplicate == (self.doubted[claimed.mail] > 0)

    doubted: Counter[str] = field(default_factory=Counter)

    async def finishes(self) -> None:
        if not self.in_hand:
            return
        claimed = self.in_hand.pop(self.chance.randrange(len(self.in_hand)))
        happened = self.chance.choice(AFTER_DATA if claimed in self.begun else BEFORE_DATA)
        await self.finish(claimed, happened, hold=self.chance.random() < 0.3)

    async def finish(
        self, claimed: ClaimedMail, happened: DeliveryEvent, *, hold: bool = False
    ) -> None:
        lost = happened is DeliveryEvent.BROKEN_OFF
        outcome = MailOutcome(
            claimed.mail,
            MailKind.LETTER,
            claimed.lease,
            happened,
            self.now + timedelta(minutes=self.chance.randrange(10)),
            ServerReply(
                None if happened in (DeliveryEvent.NOT_SENT, DeliveryEvent.BROKEN_OFF) else 550
            ),
            held=hold and lost and not claimed.possible_duplicate,
        )
        done = await self.post.database.transact(
            lambda c: outcomes.record(c, self.post.vault, [outcome], now=self.now)
        )
        self.doubted[claimed.mail] += done and lost

    async def recovers(self) -> None:
        hold = self.chance.random() < 0.5
        begun = [row for row in await self.rows() if row.state == "sending" and row.transmitting]
        for row in begun:
            self.doubted[row.mail] += row.lease_until <= self.now
        await self.post.database.transact(
            lambda c: uncertain.recover_lost(c, now=self.now, hold=hold)
        )

    async def bounces(self) -> None:
        rows = await self.rows()
        if rows:
            mail = self.chance.choice(rows).mail
            with suppress(StillSending):
                await self.post.database.transact(
                    lambda c: returned_mail.record_bounce(
                        c, self.post.vault, mail, ServerReply(550, "5.1.1"), now=self.now
                    )
                )

    async def decides(self) -> None:
        slug, again = self.chance.choice(CAMPAIGNS), self.chance.random() < 0.5
        await self.post.database.transact(
            lambda c: uncertain.resolve_held(c, slug, again=again, now=self.now)
        )

    async def pauses(self) -> None:
        slug = self.chance.choice(CAMPAIGNS)
        many = [pauses.Refusal(slug, ServerReply(550))] * pauses.MAX_REFUSALS
        await self.post.database.transact(lambda c: pauses.count_refusals(c, many, self.now))

    async def resumes(self) -> None:
        slug = self.chance.choice(CAMPAIGNS)
        await self.post.database.transact(lambda c: pauses.resume(c, slug, self.now))

    async def closes(self) -> None:
        """Cancel waiting letters, as an admin does: of a campaign, or of a blocked person."""
        slug, person = self.chance.choice(CAMPAIGNS), self.chance.choice(PEOPLE)
        vault = self.post.vault
        await self.post.database.transact(lambda c: letter_changes.withdraw(c, slug, now=self.now))
        keys = await self.post.database.read(
            lambda c: keys_of_person(c, vault, PersonKeys(vault, person))
        )
        await self.post.database.transact(lambda c: cancel_sender(c, keys, now=self.now))

    async def waits(self) -> None:
        self.now += timedelta(seconds=self.chance.choice((1, 30, 61, 600)))

    # --- what must hold -------------------------------------------------------------------------

    async def is_true(self) -> None:
        rows = await self.rows()
        for row in rows:
            counts = row.state == "accepted" and not row.test
            assert (row.encrypted_number is not None) == counts, row
        numbers = [(row.campaign, self.number_of(row)) for row in rows if row.encrypted_number]
        assert len(numbers) == len(set(numbers))
        accepted: Counter[str] = Counter(row.campaign for row in rows if row.encrypted_number)
        sent: Counter[str] = Counter(row.campaign for row in rows if not row.test)
        for row in await self.read(
            lambda c: c.execute(select(outbox).where(outbox.c.settled)).all()
        ):
            accepted[row.campaign] += row.state == "accepted"
            sent[row.campaign] += 1
        for slug in CAMPAIGNS:
            accepted[slug] += self.forgotten[slug, "accepted"]
            sent[slug] += self.forgotten[slug, "sent"]
        assert await self.counted(select(counters.c.campaign, counters.c.accepted)) == +accepted
        for stage, right in (("accepted", accepted), ("sent", sent)):
            query = (
                select(tallies.c.campaign, func.sum(tallies.c.count))
                .where(
                    tallies.c.figure.in_(("step", "further")),
                    tallies.c.value == stage,
                    tallies.c.day != "",
                )
                .group_by(tallies.c.campaign)
            )
            assert await self.counted(query) == +right, stage
        assert max(self.doubted.values(), default=0) <= 2, "a third time"
        await self.counts_people(rows)

    async def counts_people(self, rows: list[Any]) -> None:
        """One letter of each Send leads, an accepted one if there is one."""
        sent: dict[str, list[Any]] = {}
        for row in rows:
            if row.submission and not row.test:
                sent.setdefault(row.submission, []).append(row)
        settled = await self.read(
            lambda c: c.execute(select(actions).where(actions.c.final_state.is_not(None))).all()
        )
        for letters in sent.values():
            leaders = [row for row in letters if row.leads]
            leaders += [
                row
                for row in settled
                if row.leads and row.person_key == letters[0].person_key and not row.test
            ]
            assert len(leaders) == 1, letters
            if any(row.state == "accepted" for row in letters):
                assert "accepted" in (leaders[0].state if leaders[0] in letters else "accepted")

    def number_of(self, row: Any) -> int | None:
        return decrypt_number(self.post.vault, row.action, row.encrypted_number)

    async def is_recounted(self) -> None:
        found = await self.read(partial(recount.recount, vault=self.post.vault))
        assert found[1] == []

    async def is_told(self) -> None:
        """Admins see alerts about held letters, and no others."""
        await self.post.database.transact(lambda c: sync_uncertain(c, now=self.now))
        query = select(alerts.c.about).where(alerts.c.kind == "doubtful", alerts.c.ended.is_(None))
        shown = await self.read(lambda c: set(c.execute(query).scalars()))
        assert shown == {row.campaign for row in await self.rows() if row.held}

    async def ends(self) -> None:
        """Without obstacles, each letter leaves, is refused, or is given up."""
        self.in_hand.clear()
        for slug in CAMPAIGNS:
            await self.post.database.transact(lambda c, s=slug: pauses.resume(c, s, self.now))  # type: ignore[misc]
            await self.post.database.transact(
                lambda c, s=slug: uncertain.resolve_held(c, s, again=True, now=self.now)  # type: ignore[misc]
            )
        for _ in range(100):
            self.now += timedelta(hours=2)
            await self.recovers()
            await self.post.database.transact(lambda c: _decide_all(c, self.now))
            if not await self.take("last", divert=False):
                break
            while self.in_hand:
                claimed = self.in_hand.pop()
                await self.begin(claimed)
                await self.finish(claimed, DeliveryEvent.TAKEN)
        final = ("accepted", "failed", "bounced", "cancelled")
        for row in await self.rows():
            given_up = row.state == "unknown" and row.possible_duplicate
            assert row.state in final or given_up, row

    # --- the tables -----------------------------------------------------------------------------

    def has_acted(self, connection: Connection, person: int, slug: str) -> bool:
        keys = keys_of_person(connection, self.post.vault, PersonKeys(self.post.vault, person))
        mine = (actions.c.person_key.in_(keys), actions.c.campaign == slug)
        live = select(actions.c.action).where(*mine, ~actions.c.test)
        return connection.execute(live).first() is not None

    def person(self, row: Any) -> int:
        return decrypt_chat(self.post.vault, row.mail, row.encrypted_chat)

    async def read(self, work: Any) -> Any:
        return await self.post.database.read(work)

    async def rows(self) -> list[Any]:
        query = select(
            *(outbox, actions.c.encrypted_number, actions.c.test, actions.c.person_key),
            *(actions.c.submission, actions.c.leads),
        ).join(actions, actions.c.action == outbox.c.action)
        rows = await self.read(lambda c: c.execute(query.order_by(outbox.c.message_id)).all())
        return list(rows)

    async def counted(self, query: Any) -> dict[str, int]:
        rows = await self.read(lambda c: c.execute(query).all())
        return {slug: int(count) for slug, count in rows if count}


BEFORE_DATA = (DeliveryEvent.PUT_OFF, DeliveryEvent.REFUSED, DeliveryEvent.NOT_SENT)
AFTER_DATA = (DeliveryEvent.TAKEN, DeliveryEvent.TAKEN, DeliveryEvent.BROKEN_OFF, *BEFORE_DATA)


def _decide_all(connection: Connection, now: datetime) -> None:
    for slug in CAMPAIGNS:
        uncertain.resolve_held(connection, slug, again=True, now=now)
