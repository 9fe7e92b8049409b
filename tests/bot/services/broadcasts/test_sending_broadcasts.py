"""What the broadcast sender does when Telegram refuses, fails, or cannot be reached."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import pytest

from bot.services.broadcasts import broadcast_run, recipient_calls
from bot.services.broadcasts.broadcast_sender import BroadcastSender
from bot.services.core import Core
from bot.services.ports import BroadcastCall, CallRefused, NotReached, Uncertain
from bot.telegram.broadcast_transport import prepare
from conversations.broadcasts import broadcast_view
from conversations.core.effects.broadcasts import BroadcastAction
from conversations.core.facts import Deployment
from conversations.model.broadcast import (
    Broadcast,
    BroadcastState,
    BroadcastStatus,
    Media,
    Part,
    RecipientState,
)
from conversations.text.wording import Wording
from storage.broadcasts import controls, progress
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.schema.tables import broadcast_recipients
from tests.bot.services.mailroom import NO_GRACE, no_deployment
from tests.storage.people import MARIA, NOW, acts
from tests.updates import FIRST, confirm, fates, subscribe, update

HOUSE = Deployment({}, "river_bot", "actions@send.example", "tests@send.example")
ALBUM = tuple(Part(Media.PHOTO, file_id=f"{number}", album="a") for number in range(2))

Fails = Callable[[int, BroadcastCall], type[Exception] | None]


def never(chat: int, call: BroadcastCall) -> None:
    """Fail never."""


def first(error: type[Exception], chats: Iterable[int], method: str = "sendMessage") -> Fails:
    """Fail the first call of `method` to each of `chats`."""
    left = set(chats)

    def fails(chat: int, call: BroadcastCall) -> type[Exception] | None:
        if chat not in left or call.method != method:
            return None
        left.discard(chat)
        return error

    return fails


@dataclass
class Wire:
    """A fake Telegram for the broadcast sender."""

    fails: Fails = never
    rate: float = 100.0
    sent: Counter[tuple[int, str]] = field(default_factory=Counter)
    deleted: list[tuple[int, list[int]]] = field(default_factory=list)

    def prepare(self, broadcast: Broadcast, language: str) -> tuple[BroadcastCall, ...]:
        return prepare(HOUSE, broadcast, language)

    prepare_covered = prepare

    async def send(self, chat: int, call: BroadcastCall) -> tuple[int, ...]:
        self.sent[chat, call.method] += 1
        if error := self.fails(chat, call):
            raise error
        return (7, 8) if call.method == "sendMediaGroup" else (9,)

    async def delete(self, chat: int, messages: Sequence[int]) -> None:
        self.deleted.append((chat, [*messages]))
        if error := self.fails(chat, BroadcastCall("deleteMessages", b"")):
            raise error


@dataclass
class Sender:
    """A broadcast and its sender."""

    database: Database
    vault: Vault
    wire: Wire = field(default_factory=Wire)
    broadcast: Broadcast = field(default_factory=update)
    service: BroadcastSender | None = None

    async def confirms(self, people: int) -> None:
        def work(connection: object) -> None:
            acts(connection, self.vault, MARIA)  # type: ignore[arg-type]
            subscribe(connection, self.vault, range(FIRST, FIRST + people), NOW)  # type: ignore[arg-type]
            confirm(connection, self.vault, MARIA, self.broadcast, NOW)  # type: ignore[arg-type]

        await self.database.transact(work)

    async def sends(self) -> None:
        if self.service is None:
            self.service = BroadcastSender(
                Core(self.database, self.vault, no_deployment, lambda: NOW),
                self.wire,
                grace=NO_GRACE,
            )
        await self.service.run_once()

    async def steers(self, deed: BroadcastAction) -> bool:
        steer = partial(
            controls.control, vault=self.vault, id_=self.broadcast.id, action=deed, now=NOW
        )
        return bool(await self.database.transact(steer))

    async def fates(self) -> dict[RecipientState, int]:
        return dict(await self.database.read(partial(fates, id_=self.broadcast.id)))

    async def progress(self) -> BroadcastState:
        found = await self.database.read(partial(progress.find, id_=self.broadcast.id))
        assert found
        return found

    async def messages(self, chat: int) -> str:
        row = broadcast_recipients.c
        query = broadcast_recipients.select().where(
            row.person_key == PersonKeys(self.vault, chat).subscriptions
        )
        return str((await self.database.read(lambda c: c.execute(query).one())).messages)


@pytest.fixture
def sender(database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Sender:
    monkeypatch.setattr(broadcast_run, "DATABASE_RETRY", 0.01)
    monkeypatch.setattr(recipient_calls, "Backoff", lambda *_: _Impatient())
    return Sender(database, vault)


class _Impatient:
    def wait(self) -> float:
        return 0.0

    def reset(self) -> None:
        """Do nothing."""


async def test_after_twenty_failures_in_a_row_a_broadcast_pauses_itself_and_says_why(
    sender: Sender,
) -> None:
    await sender.confirms(200)
    sender.wire.fails = lambda *_: CallRefused
    await sender.sends()
    facts = await sender.progress()
    assert (facts.state, facts.why) == (BroadcastStatus.PAUSED, "errors")
    failed = facts.counts[RecipientState.FAILED]
    assert (
        recipient_calls.MAX_FAILURES
        <= failed
        <= recipient_calls.MAX_FAILURES + broadcast_run.MAX_CLAIMED_UNLIMITED
    )
    told = broadcast_view.progress(Wording("en"), facts).text
    assert told.endswith("Nothing is lost. I paused it because too many messages failed in a row.")
    sender.wire.fails = never
    assert await sender.steers(BroadcastAction.RESUME)
    await sender.sends()
    assert await sender.fates() == {
        RecipientState.SENT: 200 - failed,
        RecipientState.FAILED: failed,
    }
    assert await sender.steers(BroadcastAction.RETRY)
    await sender.sends()
    assert await sender.fates() == {RecipientState.SENT: 200}
    assert max(sender.wire.sent.values()) == 2, "who had it gets it once"


@pytest.mark.parametrize(
    ("again", "doubts", "fate", "calls"),
    [
        (False, 1, RecipientState.UNCERTAIN, 1),
        (True, 1, RecipientState.SENT, 2),
        (True, 2, RecipientState.UNCERTAIN, 2),
    ],
)
async def test_an_uncertain_call_is_left_or_made_once_more(
    sender: Sender, again: bool, doubts: int, fate: RecipientState, calls: int
) -> None:
    sender.broadcast = update(again=again)
    left = iter(range(doubts))
    sender.wire.fails = lambda chat, _: (
        Uncertain if chat == FIRST and next(left, None) is not None else None
    )
    await sender.confirms(3)
    await sender.sends()
    expected = Counter({RecipientState.SENT: 2}) + Counter({fate: 1})
    assert await sender.fates() == expected
    assert sender.wire.sent[FIRST, "sendMessage"] == calls
    assert (await sender.progress()).state is BroadcastStatus.DONE


@pytest.mark.parametrize("error", [NotReached, Uncertain])
async def test_only_the_missing_part_of_an_album_is_sent_again(
    sender: Sender, error: type[Exception]
) -> None:
    sender.broadcast = update(*ALBUM, again=True)
    sender.wire.fails = first(error, [FIRST])
    await sender.confirms(2)
    await sender.sends()
    assert await sender.fates() == {RecipientState.SENT: 2}
    assert sender.wire.sent[FIRST, "sendMediaGroup"] == 1
    assert sender.wire.sent[FIRST, "sendMessage"] == 2
    assert await sender.messages(FIRST) == "7,8;9"


async def test_the_ledger_keeps_the_messages_of_an_album_that_failed_half_way(
    sender: Sender,
) -> None:
    sender.broadcast = update(*ALBUM)
    sender.wire.fails = first(CallRefused, [FIRST])
    await sender.confirms(1)
    await sender.sends()
    assert await sender.fates() == {RecipientState.FAILED: 1}
    assert await sender.messages(FIRST) == "7,8"
    assert await sender.steers(BroadcastAction.RECALL)
    await sender.sends()
    assert sender.wire.deleted == [(FIRST, [7, 8])]


async def test_a_recall_that_does_not_reach_telegram_is_tried_again(sender: Sender) -> None:
    await sender.confirms(2)
    await sender.sends()
    assert await sender.steers(BroadcastAction.RECALL)
    sender.wire.fails = first(NotReached, [FIRST, FIRST + 1], "deleteMessages")
    await sender.sends()
    assert sorted(sender.wire.deleted) == [(FIRST, [9])] * 2 + [(FIRST + 1, [9])] * 2
    assert await sender.messages(FIRST) == ""
    assert (await sender.progress()).written
