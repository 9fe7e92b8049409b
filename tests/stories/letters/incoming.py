"""What comes back to a letter: bounces, and answers that are forwarded."""

from bot.playground.inbox import ReceivedEmail
from tests import returned
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import TARGET

ADDRESS = "maria@mail.example"
CONTACT = "people@open-letters-hk.example"
AUTHOR = "From: =?utf-8?q?Office_of_the_Chief_Executive=2C_=E9=A6=99=E6=B8=AF?= <ceo@gov.example>"
LEFT_OUT = "[Attachments were left out. The author can send them to you directly.]"


async def letter(stage: Stage, maria: Chat) -> str:
    """Send a letter, and return its From address."""
    await maria.sends_the_letter()
    (sent,) = stage.mails_to(TARGET)
    return sent.sender


async def forwarded(stage: Stage) -> list[ReceivedEmail]:
    """Return all forwarded mails."""
    await stage.send_mail()
    return [each for each in stage.inbox.mails if each.sender.startswith("f-")]


def body(mail: ReceivedEmail) -> str:
    """Return the author's words: the text below our note."""
    text = next(part for part in mail.message.walk() if part.get_content_type() == "text/plain")
    payload = text.get_payload(decode=True)
    assert isinstance(payload, bytes)
    said = "\n".join(payload.decode().splitlines())
    note, rule, words = said.partition(f"\n\n{'-' * 40}\n\n")
    assert rule
    assert note
    return words.strip()


async def bounces(stage: Stage, to: str, shape: returned.Shape = returned.postfix) -> None:
    """Let the last mail to this address bounce."""
    mail = stage.mails_to(to)[-1]
    await stage.receive_mail(shape(mail.sender, to))
