"""Sending letters, and recording the outcomes, on both engines."""

import asyncio
from dataclasses import replace
from functools import partial

from sqlalchemy import select, update

from conversations.core.facts import Details
from conversations.model.letters.delivery import DeliveryEvent, LetterState
from conversations.model.letters.identity import SenderDecision
from storage.chats import leases
from storage.crypto.person_keys import PersonKeys
from storage.mail.delivery import outcomes, sending, uncertain
from storage.mail.delivery.content import CodeMail, MailKind
from storage.mail.delivery.outcomes import MailOutcome
from storage.mail.letters import letter_statuses
from storage.schema.tables import actions, chats
from storage.stats.action_details import decrypt_number
from tests.storage.people import AHMED, MARIA, NOW, after, code, known, letter, sends
from tests.storage.post import Post


async def test_a_letter_leaves_when_the_time_to_undo_is_over(post: Post) -> None:
    await post.act(MARIA, sends())
    assert await post.claim(after(seconds=29)) == ()
    assert (await post.database.read(sending.schedule)).next_due == after(seconds=30)
    (claimed,) = await post.claim(after(seconds=30))
    assert (claimed.kind, claimed.campaign, claimed.content, claimed.message_id) == (
        MailKind.LETTER,
        "river",
        letter(),
        "5" * 32,
    )
    assert await post.state() is LetterState.SENDING
    assert await post.begin(claimed, after(seconds=30))
    assert await post.finish(claimed, DeliveryEvent.TAKEN, after(seconds=31)) == 1
    told = await post.database.transact(lambda c: known(c, post.vault, MARIA))
    acted = told.acted["river"]
    assert (acted.state, acted.number, told.accepted) == (LetterState.ACCEPTED, 1, {"river": 1})
    assert acted.details == Details("Maria Silva", "PT", "maria@mail.example", proved=True)
    assert await post.tally() == {"sent": 1, "accepted": 1}


async def test_codes_leave_before_letters(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    await post.act(AHMED, code("48210937", "ahmed@mail.example"), now=after(seconds=5))
    first, second = await post.claim(after(seconds=6))
    assert isinstance(first.content, CodeMail)
    assert first.content.address == "ahmed@mail.example"
    assert second.kind is MailKind.LETTER
    await post.finish(first, DeliveryEvent.TAKEN, after(seconds=7))
    assert await post.tally() == {"sent": 1}


async def test_two_workers_never_get_the_same_letter(post: Post) -> None:
    for number in range(20):
        effect = sends(f"{number:032}", address=f"p{number}@mail.example", undo_seconds=0)
        await post.act(2000 + number, effect)
    claims = await asyncio.gather(*(post.claim(NOW, f"worker-{n}", 7) for n in range(4)))
    got = [claimed.mail for claim in claims for claimed in claim]
    got += [claimed.mail for claimed in await post.claim(NOW, "last", 20)]
    assert len(got) == len(set(got)) == 20


async def test_mail_whose_transmission_did_not_start_is_queued_again(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    (claimed,) = await post.claim(NOW)
    assert await post.recover(after(seconds=59)) == 0
    assert await post.recover(after(seconds=60)) == 1
    assert await post.state() is LetterState.QUEUED
    assert not await post.begin(claimed, after(seconds=61))
    assert await post.finish(claimed, DeliveryEvent.TAKEN, after(seconds=62)) == 0
    (again,) = await post.claim(after(seconds=63), "other")
    assert again.possible_duplicate is False


async def test_mail_that_may_have_left_is_sent_once_more_and_never_a_third_time(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    (claimed,) = await post.claim(NOW)
    assert await post.begin(claimed, NOW)
    await post.recover(after(minutes=2))
    assert await post.state() is LetterState.UNKNOWN
    (again,) = await post.claim(after(minutes=3), "other")
    assert (again.possible_duplicate, again.message) == (True, b"raw")
    assert again.message_id == claimed.message_id
    await post.recover(after(minutes=5))
    assert await post.state() is LetterState.UNKNOWN
    (third,) = await post.claim(after(minutes=6), "third")
    assert await post.begin(third, after(minutes=6))
    await post.recover(after(minutes=8))
    assert await post.claim(after(minutes=9)) == ()
    assert await post.state() is LetterState.UNKNOWN


async def test_a_deferred_letter_waits_and_can_be_withdrawn(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    (claimed,) = await post.claim(NOW)
    await post.begin(claimed, NOW)
    await post.finish(claimed, DeliveryEvent.PUT_OFF, NOW, after(minutes=5))
    assert await post.state() is LetterState.DEFERRED
    assert await post.claim(after(minutes=4)) == ()
    assert len(await post.claim(after(minutes=5))) == 1


async def test_a_lease_is_renewed_by_its_holder_only(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    (claimed,) = await post.claim(NOW)
    ours, theirs = (claimed.mail, "worker"), (claimed.mail, "thief")
    renew = partial(sending.renew, until=after(minutes=5))
    assert await post.database.transact(partial(renew, held=[theirs])) == set()
    assert await post.database.transact(partial(renew, held=[theirs, ours])) == {ours}
    assert await post.recover(after(minutes=4)) == 0


async def test_letters_are_numbered_consecutively(post: Post) -> None:
    for chat in (1, 2, 3):
        effect = sends(f"{chat:032}", address=f"p{chat}@mail.example", undo_seconds=0)
        await post.act(chat, effect)
    done = [
        MailOutcome(each.mail, each.kind, each.lease, DeliveryEvent.TAKEN)
        for each in await post.claim(NOW)
    ]
    await post.database.transact(lambda c: outcomes.record(c, post.vault, done, now=NOW))
    numbered = select(actions.c.action, actions.c.encrypted_number)
    rows = await post.database.read(lambda c: c.execute(numbered).all())
    assert sorted(decrypt_number(post.vault, *row) or 0 for row in rows) == [1, 2, 3]
    told = await post.database.transact(lambda c: known(c, post.vault, AHMED))
    assert told.accepted == {"river": 3}


async def test_a_chat_that_is_set_aside_hides_no_other(post: Post) -> None:
    await post.act(MARIA, sends())
    await post.act(
        AHMED, replace(sends("2" * 32, address="a@mail.example"), message_token="6" * 32)
    )

    async def found() -> set[int]:
        search = partial(letter_statuses.chats_with_unshown, vault=post.vault, now=NOW)
        return set(await post.database.read(search))

    async def leases_to(lease: str | None) -> None:
        values = {"lease": lease, "lease_until": NOW + leases.LEASE if lease else None}
        of_maria = chats.c.person_key == PersonKeys(post.vault, MARIA).chat
        await post.database.transact(
            lambda c: c.execute(update(chats).where(of_maria).values(values))
        )

    for aside in (leases.PAUSED, leases.new_lease("other", catching_up=True)):
        await leases_to(aside)
        assert await found() == {AHMED}
    for answering in (leases.new_lease("other"), None):
        await leases_to(answering)
        assert await found() == {MARIA, AHMED}


async def test_the_chat_shows_each_state_of_the_letter(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    person = PersonKeys(post.vault, MARIA)

    async def untold() -> list[tuple[LetterState, int | None]]:
        found = await post.database.read(
            lambda c: letter_statuses.unshown_in_chat(c, post.vault, person)
        )
        return [(each.facts.state, each.message) for each in found]

    assert await post.database.read(
        lambda c: letter_statuses.chats_with_unshown(c, post.vault, now=NOW)
    ) == (MARIA,)
    assert await untold() == [(LetterState.QUEUED, None)]
    (seen,) = await post.database.read(
        lambda c: letter_statuses.unshown_in_chat(c, post.vault, person)
    )
    (claimed,) = await post.claim(NOW)
    await post.database.transact(lambda c: letter_statuses.record_shown(c, post.vault, seen, 77))
    assert await untold() == [(LetterState.SENDING, 77)]
    await post.finish(claimed, DeliveryEvent.TAKEN, NOW)
    assert await untold() == [(LetterState.ACCEPTED, 77)]


async def test_a_chat_shows_that_a_letter_is_being_sent_if_that_takes_long(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    await post.claim(NOW)

    async def found(seconds: float) -> tuple[int, ...]:
        at = after(seconds=seconds)
        search = partial(letter_statuses.chats_with_unshown, vault=post.vault, now=at)
        return await post.database.read(search)

    assert await found(0.9) == ()
    assert await found(1) == (MARIA,)


async def test_a_letter_is_not_held_for_a_third_time(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    for minutes in (0, 3):
        (claimed,) = await post.claim(after(minutes=minutes), f"worker-{minutes}")
        assert await post.begin(claimed, after(minutes=minutes))
        now = after(minutes=minutes + 2)
        await post.database.transact(partial(uncertain.recover_lost, now=now, hold=True))
        again = partial(uncertain.resolve_held, campaign="river", again=True, now=now)
        await post.database.transact(again)
    assert await post.claim(after(hours=1)) == ()
    assert await post.state() is LetterState.UNKNOWN


async def test_identities_of_letters_are_counted_without_people(post: Post) -> None:
    for chat, decided in (
        (1, SenderDecision("relay", "provider")),
        (2, SenderDecision("author")),
        (3, None),
    ):
        effect = sends(f"{chat:032}", address=f"p{chat}@mail.example", undo_seconds=0)
        await post.act(chat, effect)
        (claimed,) = await post.claim(NOW, f"worker-{chat}")
        beginning = sending.Beginning(claimed, b"raw", decided)
        begin = partial(sending.begin, vault=post.vault, beginnings=[beginning], now=NOW)
        assert await post.database.transact(begin) == [True]
    river = {"campaign": "river", "count": 1}
    assert await post.database.read(sending.identities) == [
        {**river, "identity": "author", "identity_reason": ""},
        {**river, "identity": "relay", "identity_reason": "provider"},
    ]
