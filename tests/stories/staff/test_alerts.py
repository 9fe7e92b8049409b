"""Admins get alerts, decide with a button, and no letter is lost meanwhile."""

from storage.schema.tables import pauses
from tests.chat import Chat
from tests.returned import opensmtpd, postfix
from tests.stage import Stage
from tests.stories.lines import ANSWERED, TARGET
from tests.stories.records import read_table

RESTS = (
    "“Stand up for people's rights in Hong Kong” is paused. The letters still waiting are safe."
    " Too many in a row were refused for good, and sending on would harm your reputation as a"
    " sender. Paused since …"
)
GOES_ON = (
    "✎ “Stand up for people's rights in Hong Kong” is no longer paused; its letters can go out"
    " again."
)
WAITS = (
    "Sending is paused, so your letter is waiting. Nothing is lost, and I’ll tell you here when"
    " it’s sent."
)
STUCK = (
    "Our mail server isn’t accepting mail right now, so your letter is waiting. Nothing is lost,"
    " and I’ll tell you here when it’s sent."
)
SEEN = (
    "✎ Marked as seen: letters for “Stand up for people's rights in Hong Kong” came back. If"
    " another one does, I’ll tell you again."
)
NOT_KNOWN = (
    "1 letter for “Stand up for people's rights in Hong Kong” may or may not have arrived. The"
    " connection broke at the last moment. If you send it again, the target may get it twice."
)
MAYBE = (
    "✎ The connection broke at the last moment, so I can’t tell whether your letter arrived. The"
    " team will decide whether to send it again. It isn’t counted yet."
)


def appoint(stage: Stage, *admins: Chat) -> None:
    ids = tuple(admin.person.id for admin in admins)
    telegram = stage.settings.telegram.model_copy(update={"admins": ids})
    stage.settings = stage.settings.model_copy(update={"telegram": telegram})


def hold_unknown_letters(stage: Stage) -> None:
    """Make admins decide about a letter of unknown state, by a campaign setting."""
    mail = stage.settings.mail.model_copy(update={"after_a_broken_connection": "hold"})
    stage.settings = stage.settings.model_copy(update={"mail": mail})


async def send(stage: Stage, count: int, first: int = 0) -> list[Chat]:
    """Let `count` supporters send a letter, and deliver the letters that are due."""
    chats = [stage.person(f"Ana{number}", "Reis") for number in range(first, first + count)]
    for number, chat in enumerate(chats, first):
        await chat.comes_to_the_review(address=f"ana{number}@mail.example")
        await chat.presses("Send in my name")
    await stage.later(seconds=31)
    return chats


async def test_a_campaign_whose_letters_are_refused_is_paused(stage: Stage) -> None:
    stage.opens("hong-kong")
    olga, paul = stage.person("Olga"), stage.person("Paul")
    appoint(stage, olga, paul)
    await olga.starts()
    await paul.starts()
    stage.inbox.refusals[TARGET] = "550 5.7.1 not from you"
    refused = await send(stage, 19)
    olga.heard()
    assert await read_table(stage, pauses) == []
    refused += await send(stage, 1, first=19)
    (alert,) = olga.heard()
    assert alert.startswith(RESTS.removesuffix("…"))
    assert alert.endswith("UTC.\n\nA rule of the mail server forbids the email (550 5.7.1).")
    assert olga.buttons == [["I’m on it"], ["Resume", "Show details"]]
    assert paul.heard()[-1] == alert
    assert "the mail server doesn’t accept mail like this" in refused[-1].heard()[-1]
    waiting = await send(stage, 2, first=20)
    assert [WAITS in chat.heard() for chat in waiting] == [True, True]

    stage.inbox.refusals.clear()
    await stage.later(hours=1)
    assert stage.mails_to(TARGET) == []
    await olga.presses("Show details")
    assert olga.heard() == [
        "“Stand up for people's rights in Hong Kong” is paused. Letters waiting: 2. None of them"
        " is lost, and none is shown as sent.\n\nThe last refusal: A rule of the mail server"
        " forbids the email (550 5.7.1)."
    ]
    await olga.presses("Resume")
    olga.hears(GOES_ON)
    await stage.later(seconds=1)
    assert paul.heard() == [GOES_ON]
    assert len(stage.mails_to(TARGET)) == 2
    assert ["was sent at" in chat.heard()[-1] for chat in waiting] == [True, True]
    await paul.presses_again(*_button(paul, alert, "Show"))
    paul.hears("(It’s no longer paused.)")


async def test_other_campaigns_are_not_paused(stage: Stage) -> None:
    stage.opens("hong-kong", "river")
    stage.inbox.refusals[TARGET] = "550 5.7.1 not from you"
    await send(stage, 21)
    maria = stage.person("Maria", "Silva")
    await maria.sends_the_letter(campaign="river")
    assert "was sent at" in maria.heard()[-1] or "was sent at" in maria.heard()[0]


async def test_a_supporter_cannot_use_an_admins_button(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    for action in ("resume", "show", "again", "leave", "seen", "got", "try"):
        await maria.presses_again(maria.last["message_id"], f"s:{action}:hong-kong")
        maria.hears(ANSWERED)


async def test_an_admin_sends_a_letter_of_unknown_state_again(stage: Stage, maria: Chat) -> None:
    olga = stage.person("Olga")
    appoint(stage, olga)
    hold_unknown_letters(stage)
    await olga.starts()
    olga.heard()
    stage.inbox.dying.add(TARGET)
    await maria.sends_the_letter()
    assert maria.heard()[-1] == MAYBE
    olga.hears(NOT_KNOWN)
    stage.inbox.dying.clear()
    await stage.later(days=1)
    assert len(stage.mails_to(TARGET)) == 1
    await olga.presses("Send again")
    olga.hears(
        "✎ The letters for “Stand up for people's rights in Hong Kong” that were on hold will be"
        " sent again."
    )
    await stage.later(seconds=1)
    first, second = stage.mails_to(TARGET)
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert "was sent at" in maria.heard()[-1]


async def test_an_admin_leaves_a_letter_of_unknown_state(stage: Stage, maria: Chat) -> None:
    olga = stage.person("Olga")
    appoint(stage, olga)
    hold_unknown_letters(stage)
    await olga.starts()
    olga.heard()
    stage.inbox.dying.add(TARGET)
    await maria.sends_the_letter()
    maria.heard()
    stage.inbox.dying.clear()
    await olga.presses("Don’t resend")
    await stage.later(days=1)
    assert maria.heard() == [
        "✎ The connection broke at the last moment, so I can’t tell whether your letter arrived."
        " I won’t send it again, because it might arrive twice. It isn’t counted."
    ]
    assert len(stage.mails_to(TARGET)) == 1


async def test_the_first_of_two_admins_decides(stage: Stage, maria: Chat) -> None:
    olga = stage.person("Olga")
    appoint(stage, olga)
    hold_unknown_letters(stage)
    await olga.starts()
    stage.inbox.dying.add(TARGET)
    await maria.sends_the_letter()
    stage.inbox.dying.clear()
    await olga.presses("Send again")
    olga.heard()
    await olga.presses_again(olga.last["message_id"], "s:leave:hong-kong")
    olga.hears(ANSWERED)


async def test_admins_get_an_alert_about_bounced_letters(stage: Stage, maria: Chat) -> None:
    olga = stage.person("Olga")
    appoint(stage, olga)
    await olga.starts()
    olga.heard()
    await maria.sends_the_letter()
    envelope = stage.mails_to(TARGET)[0].sender
    async with stage.bot() as app:
        await app.mail.inbound.process(postfix(envelope, TARGET))
    await stage.later(seconds=1)
    (told,) = olga.heard()
    assert told.startswith("1 letter for “Stand up for people's rights in Hong Kong” came back at ")
    assert " UTC, after our mail server had accepted it. It isn’t counted." in told
    assert told.endswith(" It isn’t counted.\n\nThe reason: The mailbox doesn’t exist (550 5.1.1).")
    await olga.presses("Mark as seen")
    olga.hears(SEEN)
    await olga.presses_again(olga.last["message_id"], "s:seen:hong-kong")
    olga.hears(ANSWERED)
    pedro = stage.person("Pedro")
    await pedro.sends_the_letter(address="pedro@mail.example")
    await stage.receive_mail(
        opensmtpd(stage.mails_to(TARGET)[1].sender, TARGET).replace(b"5.0.0", b"")
    )
    await stage.later(seconds=1)
    assert olga.heard()[-1].endswith("The reason: The mail server refused the email.")


async def test_an_admin_appointed_later_gets_the_open_alerts(stage: Stage, maria: Chat) -> None:
    olga = stage.person("Olga")
    appoint(stage, olga)
    stage.inbox.refusals[TARGET] = "535 5.7.8 log in first"
    await maria.sends_the_letter()
    await olga.starts()
    olga.heard()
    await stage.later(minutes=11)
    (told,) = olga.heard()
    assert told.startswith(
        "Mail is waiting; nothing is lost. Our mail server has been refusing our login since "
    )


async def test_admins_get_an_alert_when_the_mail_server_refuses_the_login(
    stage: Stage, maria: Chat
) -> None:
    olga = stage.person("Olga")
    appoint(stage, olga)
    await olga.starts()
    olga.heard()
    stage.inbox.refusals[TARGET] = "535 5.7.8 log in first"
    await maria.sends_the_letter()
    (told,) = olga.heard()
    assert told.startswith(
        "Mail is waiting; nothing is lost. Our mail server has been refusing our login since "
    )
    assert told.endswith(
        " UTC. Waiting: 1. I’ll keep trying.\n\nThe mail server refuses our login (535 5.7.8)."
    )
    assert maria.heard()[-1] == f"✎ {STUCK}"
    assert "Undo" in maria.all_buttons
    await stage.later(hours=1)
    assert olga.heard() == [], "an alert is told once"
    stage.inbox.refusals.clear()
    await stage.later(hours=2)
    olga.hears("✎ The mail server is accepting mail again. Waiting letters go out one by one.")
    assert "was sent at" in maria.heard()[-1]


def _button(chat: Chat, text: str, label: str) -> tuple[int, str]:
    """Return the id of the message that had this text, and the callback data of its button."""
    message = next(m for m in chat.person.chat() if "its letters can go out" in m["text"])
    return message["message_id"], f"s:{label.lower()}:hong-kong"
