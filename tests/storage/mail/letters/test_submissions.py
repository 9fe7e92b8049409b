"""Letters of one Send to several targets: unique by target, and shown together."""

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select

from conversations.core.effects.letters import AskAboutAnswer, LetterToSend, RecordAction, Withdraw
from conversations.model.letters.delivery import DeliveryEvent, LetterState
from storage.crypto.person_keys import PersonKeys
from storage.erasure import settling
from storage.mail.letters import letter_statuses
from storage.mail.letters.actions import DuplicateAction
from storage.schema.tables import actions, scheduled_messages
from tests.storage.people import AHMED, MARIA, after, known, letter, sends
from tests.storage.post import Post


def several(address: str = "maria@mail.example", number: int = 1) -> RecordAction:
    """Return a Send to three targets."""
    own = letter(address)
    others = tuple(
        LetterToSend(f"{target}{number}" * 16, replace(own, target_id=f"t{target}"), "6" * 32)
        for target in (2, 3)
    )
    return replace(sends(f"{number}" * 32, address=address, undo_seconds=0), others=others)


async def test_nobody_writes_to_a_target_twice(post: Post) -> None:
    await post.act(MARIA, several())
    second = replace(several(number=4), round=1)
    with pytest.raises(DuplicateAction):
        await post.act(MARIA, second)
    with pytest.raises(DuplicateAction):  # somebody else, with the same address
        await post.act(AHMED, several(number=5))
    await post.act(AHMED, several("ahmed@mail.example", number=5))
    await post.act(MARIA, replace(several(number=7), round=2))


async def test_a_reminder_is_a_send_of_its_own_that_counts_no_person(post: Post) -> None:
    await post.act(MARIA, several())
    again = replace(sends("7" * 32, undo_seconds=0), round=2)
    await post.act(MARIA, again)
    facts = await post.database.transact(lambda c: known(c, post.vault, MARIA))
    assert len(facts.acted["river"].letters) == 3
    assert [(each.action, each.round) for each in facts.reminded] == [("7" * 32, 2)]
    for number in ("1" * 32, "21" * 16, "31" * 16):  # the lead never passes to a reminder
        await post.act(MARIA, Withdraw(number))
    rows = await post.database.read(lambda c: c.execute(select(actions)).all())
    assert [(row.round, row.leads) for row in rows] == [(2, False)]


async def test_a_question_ends_with_its_own_letter_only(post: Post) -> None:
    await post.act(MARIA, several())
    asked = "21" * 16
    await post.act(MARIA, AskAboutAnswer(asked, "t2", 14, given=True, language="en"))
    questions = select(scheduled_messages)
    await post.act(MARIA, Withdraw("1" * 32))
    assert len(await post.database.read(lambda c: c.execute(questions).all())) == 1
    await post.act(MARIA, Withdraw(asked))
    assert await post.database.read(lambda c: c.execute(questions).all()) == []


async def test_a_withdrawn_letter_leaves_the_others(post: Post) -> None:
    await post.act(MARIA, several())
    await post.act(MARIA, Withdraw("1" * 32))
    acted = (await post.database.transact(lambda c: known(c, post.vault, MARIA))).acted["river"]
    assert [each.target for each in acted.letters] == ["t2", "t3"]
    assert acted.submission == "1" * 32


async def test_settled_letters_are_still_shown_with_the_others(post: Post) -> None:
    await post.act(MARIA, replace(several(), settle_days=0))
    first, *_ = claimed = await post.claim(after())
    await post.begin(first, after())
    await post.finish(first, DeliveryEvent.TAKEN, after(seconds=1))
    for each in claimed[1:]:
        await post.finish(each, DeliveryEvent.PUT_OFF, after(seconds=1), after(hours=3))
    due = await post.database.read(lambda c: settling.find_due(c, now=after(hours=2)))
    assert len(due) == 1
    settle = partial(settling.settle, vault=post.vault, wanted=due, now=after(hours=2))
    assert await post.database.transact(settle) == 1
    person = PersonKeys(post.vault, MARIA)
    (shown,) = await post.database.read(
        lambda c: letter_statuses.unshown_in_chat(c, post.vault, person)
    )
    states = sorted(each.state for each in (shown.facts, *shown.others))
    assert states == [LetterState.ACCEPTED, LetterState.DEFERRED, LetterState.DEFERRED]
