"""A letter bounces: it no longer counts, and its supporter can write again."""

import pytest

from storage.schema.tables import actions, outbox, pauses
from tests import returned
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.letters.incoming import bounces
from tests.stories.lines import TARGET
from tests.stories.records import count_letters, read_table
from tests.stories.staff.test_alerts import appoint


async def test_a_bounced_letter_is_not_counted(stage: Stage, maria: Chat) -> None:
    await maria.sends_the_letter()
    assert await count_letters(stage) == (1, 1, 1)
    maria.heard()
    for _ in "twice":
        await bounces(stage, TARGET, returned.exchange_policy)
    maria.hears(
        "✎ Your letter came back: the mail server doesn’t accept mail like this. It isn’t"
        " counted. To reach a person, write to people@open-letters-hk.example."
    )
    assert await count_letters(stage) == (0, 1, 0)
    (letter,) = [row for row in await read_table(stage, outbox) if row["kind"] == "letter"]
    assert (letter["state"], letter["smtp_code"], letter["smtp_status"]) == (
        "bounced",
        550,
        "5.7.1",
    )
    (action,) = await read_table(stage, actions)
    assert action["number"] is None
    await maria.says("/mydata")
    assert ": came back, not counted. Maria Silva, Portugal" in maria.heard()[0]


async def test_a_letters_number_is_never_reused(stage: Stage, maria: Chat) -> None:
    stage.edits("hong-kong/campaign.toml", "show_counter_from = 5", "show_counter_from = 0")
    await maria.sends_the_letter()
    assert "You’re number 1." in maria.heard()[-1]
    await bounces(stage, TARGET)
    pedro = stage.person("Pedro")
    await stage.later(days=1)
    await pedro.sends_the_letter(address="pedro@mail.example")
    assert "You’re number 2." in pedro.heard()[-1]
    assert await count_letters(stage) == (1, 2, 1)


async def test_forged_bounces_long_after_change_nothing(stage: Stage, maria: Chat) -> None:
    """No word and no link of a bounce reaches an admin, and the campaign goes on."""
    ann = stage.person("Ann")
    appoint(stage, ann)
    await ann.starts()
    ann.heard()
    await maria.sends_the_letter()
    maria.heard()
    await stage.later(days=100)
    letter = stage.mails_to(TARGET)[-1]
    fields = (
        f"Final-Recipient: rfc822; {TARGET}\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 Maria Silva: see https://evil.example/login"
    )
    for _ in range(20):
        await stage.receive_mail(returned.report_of(letter.sender, fields))
    await stage.send_mail()
    said = "\n".join(ann.heard())
    assert said.startswith("A late bounce for “Stand up for people's rights in Hong Kong”")
    assert "evil" not in said
    assert "Silva" not in said
    assert await count_letters(stage) == (1, 1, 1)
    assert await read_table(stage, pauses) == []
    maria.hears()
    await ann.presses("Mark as seen")
    ann.hears("✎ Marked as seen: late bounces for “Stand up for people's rights in Hong Kong”.…")
    await ann.says("/campaigns")
    assert "1 late bounce doesn’t count: the letter had been accepted" in ann.heard()[-1]


async def test_a_supporter_whose_letter_bounced_can_write_again(stage: Stage, maria: Chat) -> None:
    await maria.sends_the_letter()
    await bounces(stage, TARGET)
    await stage.later(minutes=2)
    await maria.sends_the_letter()
    assert maria.heard()[-1].startswith("✎ ✓ Your letter was sent at ")
    assert await count_letters(stage) == (1, 1, 1)


async def test_a_letter_of_unknown_state_bounces(stage: Stage, maria: Chat) -> None:
    stage.inbox.dying.add(TARGET)
    await maria.sends_the_letter()
    await bounces(stage, TARGET)
    assert maria.heard()[-1].startswith(
        "✎ Your letter came back: the mail server doesn’t know that mailbox"
    )
    stage.inbox.dying.clear()
    await stage.later(hours=2)
    assert len(stage.mails_to(TARGET)) == 1
    assert await count_letters(stage) == (0, 1, 0)


@pytest.mark.parametrize("shape", [*returned.DELAYS, returned.forged], ids=lambda s: s.__name__)
async def test_a_letter_that_is_only_delayed(
    stage: Stage, maria: Chat, shape: returned.Shape
) -> None:
    await maria.sends_the_letter()
    maria.heard()
    await bounces(stage, TARGET, shape)
    maria.hears()
    assert await count_letters(stage) == (1, 1, 1)
