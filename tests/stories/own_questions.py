"""A campaign with questions of its own, for dialogue tests."""

from tests.chat import Chat
from tests.stage import Stage

QUESTIONS = """
[[questions]]
id = "postcode"
kind = "postcode"
label = { en = "Postcode", pt = "Código postal" }
text = { en = "What is your postcode?", pt = "Qual é o seu código postal?" }
purpose = { en = "The letter says how near the river you live.", pt = "A carta di-lo." }
required = true
before_address = true

[[questions]]
id = "bank"
kind = "choice"
label = { en = "Bank", pt = "Margem" }
text = { en = "On which bank do you live?", pt = "Em que margem vive?" }
purpose = { en = "The letter says it.", pt = "A carta di-lo." }

[questions.options]
left = { en = "Left bank", pt = "a margem esquerda" }
right = { en = "Right bank", pt = "a margem direita" }

[[questions]]
id = "call"
kind = "yes_no"
label = { en = "Calls", pt = "Chamadas" }
text = { en = "May we call you about the river?", pt = "Podemos ligar-lhe?" }
purpose = { en = "We call people who want to help.", pt = "Ligamos a quem quer ajudar." }
consent = true
"""

POSTCODE = "3/7 · What is your postcode?\nThe letter says how near the river you live."
BANK = "6/7 · On which bank do you live?\nThe letter says it."
CALL = "7/7 · May we call you about the river?\nWe call people who want to help."


def asks(stage: Stage) -> None:
    """Open the campaign “river” with a postcode, a choice and an opt-in."""
    stage.opens("river")
    file = stage.campaigns / "river" / "campaign.toml"
    file.write_text(file.read_text(encoding="utf-8").rstrip() + "\n" + QUESTIONS, encoding="utf-8")
    stage.edits_all_texts("river", "{name}\n", "{name}, {postcode}\n{bank}\n")


async def answers(chat: Chat, bank: str, call: str, *, address: str = "maria@mail.example") -> None:
    """Answer all questions, until the review of the letter."""
    await chat.starts("river")
    await chat.presses("Write the letter")
    await chat.says("Maria Silva", "Portugal", "1000 001", address)
    await chat.types_the_code()
    await chat.presses(bank, call)
