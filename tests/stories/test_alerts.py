"""An admin is told what needs a hand, decides with a button, and nothing is lost meanwhile."""

from storage.schema.tables import pauses
from tests.chat import Chat, Stage
from tests.returned import opensmtpd, postfix
from tests.stories.lines import ANSWERED, TARGET
from tests.stories.records import held

RESTS = (
    "The letters of “Stand up for people's rights in Hong Kong” rest; none is lost. Too many in a"
    " row were turned away for good, and going on would harm your name as a sender. They rest"
    " since …"
)
GOES_ON = "✎ “Stand up for people's rights in Hong Kong” goes on: its letters leave again."
WAITS = (
    "Your letter waits: this campaign’s letters rest for a while, and the people behind me look"
    " into it. Nothing is lost; I’ll tell you here when it leaves."
)
STUCK = (
    "Your letter waits: the mail server that takes my mail takes none at the moment. Nothing is"
    " lost: it leaves as soon as it can, and I’ll tell you here."
)
SEEN = (
    "✎ Seen: letters of “Stand up for people's rights in Hong Kong” came back. If another one does,"
    " I tell you again."
)
NOT_KNOWN = (
    "It is not known whether 1 letter of “Stand up for people's rights in Hong Kong” arrived. The"
    " connection broke at the very end. If it is sent once more, its target may get it twice."
)
MAYBE = (
    "✎ The connection broke at the very end, so I can’t tell whether your letter arrived. The"
    " people behind me decide whether to send it once more. It is not counted yet."
)


def appoints(stage: Stage, *admins: Chat) -> None:
    ids = tuple(admin.person.id for admin in admins)
    telegram = stage.settings.telegram.model_copy(update={"admins": ids})
    stage.settings = stage.settings.model_copy(update={"telegram": telegram})


def holds_what_is_doubtful(stage: Stage) -> None:
    mail = stage.settings.mail.model_copy(update={"after_a_broken_connection": "hold"})
    stage.settings = stage.settings.model_copy(update={"mail": mail})


async def send(stage: Stage, count: int, first: int = 0) -> list[Chat]:
    """Let so many supporters send a letter, and let those leave that may."""
    chats = [stage.person(f"Ana{number}", "Reis") for number in range(first, first + count)]
    for number, chat in enumerate(chats, first):
        await chat.comes_to_the_review(address=f"ana{number}@mail.example")
        await chat.presses("Send in my name")
    await stage.later(seconds=31)
    return chats


async def test_a_campaign_whose_letters_are_refused_rests(stage: Stage) -> None:
    stage.opens("hong-kong")
    olga, paul = stage.person("Olga"), stage.person("Paul")
    appoints(stage, olga, paul)
    await olga.starts()
    await paul.starts()
    stage.inbox.refusals[TARGET] = "550 5.7.1 not from you"
    refused = await send(stage, 19)
    olga.heard()
    assert await held(stage, pauses) == []
    refused += await send(stage, 1, first=19)
    (alert,) = olga.heard()
    assert alert.startswith(RESTS.removesuffix("…"))
    assert alert.endswith("UTC.\n\nThe mail server said: 550 5.7.1 not from you")
    assert olga.buttons == [["I’ve got it"], ["Resume", "Show"]]
    assert paul.heard()[-1] == alert
    assert "the other end refuses such mail" in refused[-1].heard()[-1]
    waiting = await send(stage, 2, first=20)
    assert [WAITS in chat.heard() for chat in waiting] == [True, True]

    stage.inbox.refusals.clear()
    await stage.later(hours=1)
    assert stage.mails_to(TARGET) == []
    await olga.presses("Show")
    assert olga.heard() == [
        "“Stand up for people's rights in Hong Kong” rests. 2 letters wait. No supporter’s letter"
        " is lost, and none is called sent.\n\nThe last refusal: 550 5.7.1 not from you"
    ]
    await olga.presses("Resume")
    olga.hears(GOES_ON)
    await stage.later(seconds=1)
    assert paul.heard() == [GOES_ON]
    assert len(stage.mails_to(TARGET)) == 2
    assert ["left at" in chat.heard()[-1] for chat in waiting] == [True, True]
    await paul.presses_again(*_button(paul, alert, "Show"))
    paul.hears("(It isn’t paused any more.)")


async def test_others_are_not_paused_with_it(stage: Stage) -> None:
    stage.opens("hong-kong", "river")
    stage.inbox.refusals[TARGET] = "550 5.7.1 not from you"
    await send(stage, 21)
    maria = stage.person("Maria", "Silva")
    await maria.sends_the_letter(campaign="river")
    assert "left at" in maria.heard()[-1] or "left at" in maria.heard()[0]


async def test_nobody_else_may_press_an_admins_button(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    for action in ("resume", "show", "again", "leave", "seen", "got", "try"):
        await maria.presses_again(maria.last["message_id"], f"s:{action}:hong-kong")
        maria.hears(ANSWERED)


async def test_a_doubtful_letter_is_sent_once_more_if_an_admin_says_so(
    stage: Stage, maria: Chat
) -> None:
    olga = stage.person("Olga")
    appoints(stage, olga)
    holds_what_is_doubtful(stage)
    await olga.starts()
    olga.heard()
    stage.inbox.dying.add(TARGET)
    await maria.sends_the_letter()
    assert maria.heard()[-1] == MAYBE
    olga.hears(NOT_KNOWN)
    stage.inbox.dying.clear()
    await stage.later(days=1)
    assert len(stage.mails_to(TARGET)) == 1
    await olga.presses("Send once more")
    olga.hears(
        "✎ The letters of “Stand up for people's rights in Hong Kong” that were held are sent once"
        " more."
    )
    await stage.later(seconds=1)
    first, second = stage.mails_to(TARGET)
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert "left at" in maria.heard()[-1]


async def test_a_doubtful_letter_is_left_if_an_admin_says_so(stage: Stage, maria: Chat) -> None:
    olga = stage.person("Olga")
    appoints(stage, olga)
    holds_what_is_doubtful(stage)
    await olga.starts()
    olga.heard()
    stage.inbox.dying.add(TARGET)
    await maria.sends_the_letter()
    maria.heard()
    stage.inbox.dying.clear()
    await olga.presses("Leave them")
    await stage.later(days=1)
    assert maria.heard() == [
        "✎ The connection broke at the very end, so I can’t tell whether your letter arrived. I"
        " don’t send it again: it might arrive twice. It is not counted."
    ]
    assert len(stage.mails_to(TARGET)) == 1


async def test_of_two_admins_who_decide_the_first_is_heeded(stage: Stage, maria: Chat) -> None:
    olga = stage.person("Olga")
    appoints(stage, olga)
    holds_what_is_doubtful(stage)
    await olga.starts()
    stage.inbox.dying.add(TARGET)
    await maria.sends_the_letter()
    stage.inbox.dying.clear()
    await olga.presses("Send once more")
    olga.heard()
    await olga.presses_again(olga.last["message_id"], "s:leave:hong-kong")
    olga.hears(ANSWERED)


async def test_admins_are_told_of_letters_that_came_back(stage: Stage, maria: Chat) -> None:
    olga = stage.person("Olga")
    appoints(stage, olga)
    await olga.starts()
    olga.heard()
    await maria.sends_the_letter()
    envelope = stage.mails_to(TARGET)[0].sender
    async with stage.bot() as app:
        await app.mail.inbound.take(postfix(envelope, TARGET))
    await stage.later(seconds=1)
    (told,) = olga.heard()
    assert told.startswith(
        "1 letter of “Stand up for people's rights in Hong Kong” came back after our mail server"
        " had taken it, at "
    )
    assert told.endswith(
        " UTC. It is not counted.\n\nThe other end said: 550 5.1.1 … Recipient address rejected:"
        " User unknown"
    )
    await olga.presses("I’ve seen it")
    olga.hears(SEEN)
    await olga.presses_again(olga.last["message_id"], "s:seen:hong-kong")
    olga.hears(ANSWERED)
    pedro = stage.person("Pedro")
    await pedro.sends_the_letter(address="pedro@mail.example")
    await stage.comes_in(opensmtpd(stage.mails_to(TARGET)[1].sender, TARGET).replace(b"5.0.0", b""))
    await stage.later(seconds=1)
    assert olga.heard()[-1].endswith("The other end said: nothing that I could read")


async def test_an_admin_who_comes_later_is_told_then(stage: Stage, maria: Chat) -> None:
    olga = stage.person("Olga")
    appoints(stage, olga)
    stage.inbox.refusals[TARGET] = "535 5.7.8 log in first"
    await maria.sends_the_letter()
    await olga.starts()
    olga.heard()
    await stage.later(minutes=11)
    (told,) = olga.heard()
    assert told.startswith("Letters are waiting, nothing is lost. Since ")


async def test_admins_are_told_when_the_mail_server_refuses_us(stage: Stage, maria: Chat) -> None:
    olga = stage.person("Olga")
    appoints(stage, olga)
    await olga.starts()
    olga.heard()
    stage.inbox.refusals[TARGET] = "535 5.7.8 log in first"
    await maria.sends_the_letter()
    (told,) = olga.heard()
    assert told.startswith("Letters are waiting, nothing is lost. Since ")
    assert told.endswith(
        " UTC the mail server refuses our log-in. 1 wait; I go on trying.\n\n"
        "(535 5.7.8 log in first)"
    )
    assert maria.heard()[-1] == f"✎ {STUCK}"
    assert "Undo" in maria.all_buttons
    await stage.later(hours=1)
    assert olga.heard() == [], "an alert is told once"
    stage.inbox.refusals.clear()
    await stage.later(hours=2)
    olga.hears("✎ The mail server takes letters again. They leave one after the other.")
    assert "left at" in maria.heard()[-1]


def _button(chat: Chat, text: str, label: str) -> tuple[int, str]:
    """Return the message that once said `text`, and what its button carried."""
    message = next(m for m in chat.person.chat() if "goes on: its letters" in m["text"])
    return message["message_id"], f"s:{label.lower()}:hong-kong"
