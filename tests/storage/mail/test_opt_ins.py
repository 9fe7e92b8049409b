"""Answers to a campaign's own questions, and consents among them, on both engines."""

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import Connection, select

from conversations.core.effects.journey import ErasePerson
from conversations.core.effects.letters import EndOptIn, EraseLetter, RecordAction, Withdraw
from conversations.model.campaigns.campaign_questions import GivenAnswer
from storage import erasure_log, held_records
from storage.chats import consents as consents_
from storage.crypto import archive
from storage.crypto.person_keys import PersonKeys
from storage.erasure import repeating, settling
from storage.retention import purge
from storage.schema.tables import actions, consents, tallies
from storage.stats.action_details import decrypt_details
from tests.storage.erasure.test_settling import accepted, differences, rows, settle
from tests.storage.people import AHMED, MARIA, NOW, after, sends
from tests.storage.post import Post

OWN = (
    GivenAnswer("postcode", "postcode", "1000-001"),
    GivenAnswer("bank", "choice", "left"),
    GivenAnswer("call", "yes_no", "yes", consent=True),
    GivenAnswer("visit", "yes_no", "no", consent=True),
)


async def counted(post: Post) -> dict[str, int]:
    query = select(tallies.c.value, tallies.c.count).where(
        tallies.c.figure == "own_answer", tallies.c.day == "", tallies.c.count != 0
    )
    return dict(await post.database.read(lambda c: c.execute(query).all()))


async def answers(post: Post) -> list[tuple[GivenAnswer, ...]]:
    return [
        decrypt_details(post.vault, row["action"], row["encrypted_details"]).own
        for row in await rows(post, actions)
    ]


async def opt_ins(post: Post, chat: int = MARIA) -> dict[str, str]:
    """Return the ids of what this person agreed to, by question, as /mydata knows them."""
    person = PersonKeys(post.vault, chat)
    held = await post.database.transact(lambda c: held_records.load(c, post.vault, person))
    return {each.question: each.id for each in held.opt_ins}


async def decisions(post: Post) -> list[tuple[str, bool]]:
    """Return the question and the answer of each consent that is not to the letter itself."""

    def read(connection: Connection) -> list[tuple[str, bool]]:
        query = select(consents).where(consents.c.kind == "opt_in")
        found = connection.execute(query).all()
        return sorted((consents_.question_of(post.vault, each), each.given) for each in found)

    return await post.database.read(read)


def written(**changes: object) -> RecordAction:
    return replace(sends(undo_seconds=0), own=OWN, **changes)  # type: ignore[arg-type]


async def test_choices_are_counted_and_texts_never(post: Post) -> None:
    await post.act(MARIA, written())
    assert await counted(post) == {"bank=left": 1, "call=yes": 1, "visit=no": 1}
    assert await answers(post) == [OWN]
    assert await differences(post) == []
    await post.act(MARIA, Withdraw("1" * 32))
    assert await counted(post) == {}
    assert await differences(post) == []


async def test_tests_are_not_counted(post: Post) -> None:
    await post.act(MARIA, written(letter=replace(sends().letter, test_address="t@send.example")))
    assert await counted(post) == {}
    await post.act(MARIA, EndOptIn((await opt_ins(post))["call"], "en"))
    assert await counted(post) == {}


async def test_each_consent_is_recorded_and_taken_back(post: Post) -> None:
    await post.act(MARIA, written())
    assert await decisions(post) == [("call", True), ("visit", False)]
    found = await opt_ins(post)
    assert [*found] == ["call"]
    await post.act(MARIA, EndOptIn(found["call"], "en"), now=after(days=1))
    assert await opt_ins(post) == {}
    assert await decisions(post) == [("call", False), ("call", True), ("visit", False)]
    assert await counted(post) == {"bank=left": 1, "call=no": 1, "visit=no": 1}
    assert [each.value for each in (await answers(post))[0]] == ["1000-001", "left", "no", "no"]
    assert await differences(post) == []


async def test_nobody_takes_back_another_persons_consent(post: Post) -> None:
    await post.act(MARIA, written())
    found = await opt_ins(post)
    await post.act(AHMED, EndOptIn(found["call"], "en"))
    assert await opt_ins(post) == found


@pytest.mark.parametrize("ending", [Withdraw("1" * 32), EraseLetter("1" * 32)])
async def test_a_consent_ends_with_the_letter(post: Post, ending: Withdraw | EraseLetter) -> None:
    await post.act(MARIA, written())
    await post.act(MARIA, ending, now=after(days=1))
    assert await opt_ins(post) == {}
    assert await rows(post, actions) == []


async def test_settling_deletes_the_answers_and_archives_them(post: Post) -> None:
    private, public = archive.new_keys()
    await accepted(post, MARIA, own=OWN, archive_key=public)
    await accepted(post, AHMED)
    await settle(post, after(days=8))
    assert [row["encrypted_details"] for row in await rows(post, actions)] == [None, None]
    (sealed,) = await post.database.read(settling.archived)
    assert archive.decrypt_record(private, sealed).answers == (
        '{"postcode":"1000-001","bank":"left","call":"yes","visit":"no"}'
    )
    assert await differences(post) == []
    assert await counted(post) == {"bank=left": 1, "call=yes": 1, "visit=no": 1}


async def test_a_consent_that_is_taken_back_late_leaves_nothing_in_the_archive(post: Post) -> None:
    _, public = archive.new_keys()
    await accepted(post, MARIA, own=OWN, archive_key=public)
    await settle(post, after(days=8))
    await post.act(MARIA, EndOptIn((await opt_ins(post))["call"], "en"), now=after(days=9))
    assert await post.database.read(settling.archived) == []
    assert await opt_ins(post) == {}
    assert await differences(post) == []


async def test_nothing_of_them_is_left_of_a_person_who_is_erased(post: Post) -> None:
    await accepted(post, MARIA, own=OWN)
    await post.act(MARIA, ErasePerson(), now=after(days=1))
    assert await rows(post, consents) == await rows(post, actions) == []
    assert await counted(post) == {"bank=left": 1, "call=yes": 1, "visit=no": 1}
    assert await differences(post) == []


async def test_consents_are_kept_as_long_as_the_letter(post: Post) -> None:
    await accepted(post, MARIA, own=OWN)
    await post.database.transact(partial(purge.purge, vault=post.vault, now=after(days=60)))
    assert len(await decisions(post)) == 2
    await post.database.transact(partial(purge.purge, vault=post.vault, now=after(days=200)))
    assert await decisions(post) == []


async def test_a_consent_that_was_taken_back_stays_so_in_a_restored_backup(post: Post) -> None:
    await post.act(MARIA, written())
    (key,) = {row["person_key"] for row in await rows(post, actions)}
    entry = erasure_log.opt_in_ended(key, "river", "call")
    await post.database.transact(lambda c: repeating.repeat(c, post.vault, [entry]))
    assert await opt_ins(post) == {}
    assert await decisions(post) == [("visit", False)]
    assert await counted(post) == {"bank=left": 1, "call=no": 1, "visit=no": 1}
    assert await differences(post) == []


async def test_it_is_logged_for_that(post: Post) -> None:
    await post.act(MARIA, written(), now=NOW)
    await post.act(MARIA, EndOptIn((await opt_ins(post))["call"], "en"))
    logged = await post.database.read(lambda c: erasure_log.after(c, 0))
    assert [each.read(post.vault).kind for each in logged] == ["opt-in ended"]
