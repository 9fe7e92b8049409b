"""Mail servers repeat names in their replies: the names are neither stored, shown nor logged."""

from typing import Any

from sqlalchemy import LargeBinary, String

from storage.schema.metadata import metadata
from storage.schema.tables import alerts, outbox, pauses
from tests import returned
from tests.stage import Stage
from tests.stories.lines import TARGET
from tests.stories.privacy.test_silence import Log, log
from tests.stories.records import read_table
from tests.stories.staff.test_alerts import appoint, send

__all__ = ["log"]

NAME, LINK = "Wilhelmina Quistgaard", "https://attacker.example/x"
REFUSAL = f"550 5.1.1 sender {NAME} is not wanted here, see {LINK}"


async def stored_texts(stage: Stage) -> str:
    """Return all that stands in clear in any column of any table."""
    found: list[Any] = []
    for table in metadata.sorted_tables:
        clear = [each.name for each in table.c if isinstance(each.type, String | LargeBinary)]
        found += [[row[name] for name in clear] for row in await read_table(stage, table)]
    return repr(found)


async def test_a_refusal_that_repeats_a_name_reveals_it_nowhere(stage: Stage, log: Log) -> None:
    log.begins()
    stage.opens("hong-kong")
    olga = stage.person("Olga")
    appoint(stage, olga)
    await olga.starts()
    stage.inbox.refusals[TARGET] = REFUSAL
    refused = await send(stage, 20)
    heard = " ".join(olga.heard())
    await olga.presses("Show details")
    heard += " ".join(olga.heard())
    await olga.says("/campaigns")
    heard += " ".join(olga.heard())
    assert "The last refusal: The mailbox doesn’t exist (550 5.1.1)." in heard
    assert "the mail server doesn’t know that mailbox" in refused[-1].heard()[-1]
    for table in (alerts, pauses, outbox):
        rows = await read_table(stage, table)
        (reply,) = {(row["smtp_code"], row["smtp_status"], row["smtp_meaning"]) for row in rows}
        assert reply == (550, "5.1.1", "mailbox")
    everything = heard + log.text + await stored_texts(stage)
    assert [each for each in (*NAME.split(), "attacker") if each in everything] == []


async def test_a_queue_id_of_an_accepted_letter_is_not_stored(stage: Stage, log: Log) -> None:
    log.begins()
    stage.opens("hong-kong")
    maria = stage.person("Maria", "Silva")
    await maria.sends_the_letter()
    (letter,) = [row for row in await read_table(stage, outbox) if row["kind"] == "letter"]
    assert (letter["smtp_code"], letter["smtp_status"], letter["smtp_meaning"]) == (250, "", None)
    assert letter["turn_id"] == ""


async def test_a_bounce_that_repeats_a_name_reveals_it_nowhere(stage: Stage, log: Log) -> None:
    log.begins()
    stage.opens("hong-kong")
    olga, maria = stage.person("Olga"), stage.person("Maria", "Silva")
    appoint(stage, olga)
    await olga.starts()
    await maria.sends_the_letter()
    (letter,) = stage.mails_to(TARGET)
    bounce = returned.postfix(letter.sender, TARGET)
    await stage.receive_mail(bounce.replace(b"User unknown", f"{NAME} {LINK}".encode()))
    await stage.later(seconds=1)
    heard = olga.heard()[-1]
    assert heard.endswith("The reason: The mailbox doesn’t exist (550 5.1.1).")
    everything = heard + log.text + await stored_texts(stage)
    assert [each for each in (*NAME.split(), "attacker") if each in everything] == []
