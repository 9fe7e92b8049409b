"""Actions and their letters, on both engines."""

from operator import itemgetter

import orjson
import pytest
from sqlalchemy import select

from conversations.core.effects.journey import ForgetDetails, SaveDetails, Subscribe, UnsubscribeAll
from conversations.core.effects.letters import Withdraw
from conversations.core.facts import Details
from conversations.model.letters.delivery import LetterState
from storage.mail.letters.actions import DuplicateAction
from storage.schema.encryption import CONSENT_EVIDENCE
from storage.schema.tables import consents, notices
from tests.storage.people import AHMED, MARIA, NOW, after, code, known, known_of, letter, sends
from tests.storage.post import Post

ACTION = "1" * 32


async def test_each_person_and_each_address_has_one_action(post: Post) -> None:
    await post.act(MARIA, sends())
    with pytest.raises(DuplicateAction):
        await post.act(MARIA, sends("2" * 32, address="other@mail.example"))
    with pytest.raises(DuplicateAction):
        await post.act(AHMED, sends("3" * 32, address="MARIA@mail.example"))
    told = await post.database.transact(lambda c: known_of(c, post.vault, AHMED))
    assert told.taken
    assert await post.tally() == {"sent": 1}


async def test_undo_deletes_the_action_and_uncounts_it(post: Post) -> None:
    await post.act(MARIA, sends())
    await post.act(AHMED, Withdraw(ACTION))
    assert await post.state() is LetterState.QUEUED
    await post.act(MARIA, Withdraw(ACTION), now=after(days=1))
    assert await post.claim(after(days=2)) == ()
    assert await post.tally() == {"sent": 0}
    await post.act(AHMED, sends("2" * 32))
    assert await post.tally() == {"sent": 1}


async def test_consents_are_recorded_with_the_texts_shown(post: Post) -> None:
    await post.act(MARIA, sends(), SaveDetails(ACTION, "en"), Subscribe("river", True, "en"))
    await post.act(MARIA, ForgetDetails("en"), UnsubscribeAll("en"), now=after(hours=1))
    rows = await post.database.read(
        lambda c: c.execute(select(consents).order_by(consents.c.kind, consents.c.scope)).all()
    )
    found = []
    for row in rows:
        place = row.consent_id.encode()
        evidence = orjson.loads(
            post.vault.decrypt(row.encrypted_evidence, CONSENT_EVIDENCE, row=place)
        )
        assert row.at == NOW.replace(hour=0, minute=0)
        found.append((evidence["at"], row.kind, row.scope, row.given, evidence["notice_digest"]))
    first, second = NOW.isoformat(), after(hours=1).isoformat()
    assert sorted(found, key=itemgetter(0, 1)) == [
        (first, "remember", "", True, None),
        (first, "send", "river", True, "notice-digest"),
        (first, "updates", "river", True, None),
        (second, "remember", "", False, None),
        (second, "updates", "*", False, None),
    ]
    notice = await post.database.read(lambda c: c.execute(select(notices)).one())
    assert (notice.digest, notice.text) == ("notice-digest", "The notice.")


async def test_details_are_remembered_and_forgotten(post: Post) -> None:
    await post.act(MARIA, sends())
    await post.act(MARIA, SaveDetails(ACTION, "en"))
    told = await post.database.transact(lambda c: known(c, post.vault, MARIA))
    assert told.details == Details("Maria Silva", "PT", "maria@mail.example", proved=True)
    await post.act(MARIA, ForgetDetails("en"))
    told = await post.database.transact(lambda c: known(c, post.vault, MARIA))
    assert told.details is None


async def test_nothing_personal_can_be_read_in_the_tables(post: Post) -> None:
    # Long enough not to stand by chance among random digits.
    maria = 7_100_001_001
    await post.act(maria, code(), sends(), SaveDetails(ACTION, "en"))

    def dump(connection: object) -> str:
        from storage.schema.tables import metadata

        return "".join(
            str(tuple(row))
            for table in metadata.sorted_tables
            for row in connection.execute(table.select())  # type: ignore[attr-defined]
        )

    everything = await post.database.read(dump)
    for secret in ("Maria", "maria", "mail.example", "48210937", str(maria), "Let it flow"):
        assert secret not in everything
    # The campaign's words are public: whoever guesses a name and an address can hash the letter.
    assert letter().digest not in everything
