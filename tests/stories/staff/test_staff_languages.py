"""Campaigners and admins read their own language if it has texts for staff, else English."""

import ast
from pathlib import Path

import pytest

from conversations.text.catalogues import STAFF, entries
from conversations.text.html import Html, plain
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.campaigners import appoint

CONVERSATIONS = Path(__file__).parents[3] / "conversations"
QUOTATION_MARKS = set("“”„«»「」『』")
TITLE = "Stand up for people's rights in Hong Kong"
SCREENS = (
    *("/start", "/status", "/campaigns", "/team", "/audit", "/stats", "/broadcasts"),
    *("/broadcast", "The river is free."),
)


async def an_admin(stage: Stage, name: str, language: str) -> Chat:
    """Return the only admin of a bot that starts again."""
    chat = stage.person(name, language=language)
    appoint(stage, chat, admins=(chat.person.id,))
    await stage.restart_with(stage.settings)
    return chat


async def screens(chat: Chat) -> list[tuple[list[str], list[list[str]]]]:
    """Return what the bot says and which buttons it shows, for each command of staff."""
    found = []
    for words in SCREENS:
        await chat.says(words)
        found.append((chat.heard(), chat.buttons))
    return found


async def test_a_language_without_staff_texts(stage: Stage) -> None:
    """An Italian admin reads every screen of staff in English, without a word of Italian."""
    stage.opens("hong-kong")
    english = await an_admin(stage, "Alex", "en")
    expected = await screens(english)
    assert expected[0][0][0].startswith("Hello, Alex. You’re an admin here.")
    italian = await an_admin(stage, "Alex", "it")
    assert await screens(italian) == expected


async def test_a_language_with_staff_texts(stage: Stage) -> None:
    """A German admin reads every screen in German: no label or sentence is left in English."""
    stage.opens("hong-kong")
    english = await screens(await an_admin(stage, "Alex", "en"))
    german = await screens(await an_admin(stage, "Alex", "de"))
    assert german[0][0][0].startswith("Hallo, Alex. Du bist hier Admin.")
    both = [_labels(each) & _labels(other) for each, other in zip(german, english, strict=True)]
    named = {TITLE, f"{TITLE} (hong-kong)", "The river is free.", ""}
    left = set().union(*both) - _alike() - named
    assert [line for line in left if not line.startswith("Version: ")] == []


async def test_a_colleague_is_told_in_the_language_that_staff_read(stage: Stage) -> None:
    """Italian has no texts for staff: who is removed from the team reads it in English."""
    stage.opens("hong-kong")
    alex, bruna = stage.person("Alex"), stage.person("Bruna", language="it")
    appoint(stage, alex, admins=(alex.person.id,))
    await alex.says("/team")
    await alex.presses("Invite a campaigner")
    link = alex.heard()[-1].partition("?start=")[2].split()[0]
    await bruna.starts(link)
    assert bruna.heard()[0].startswith("Welcome! You’re now a campaigner.")
    await alex.says("/team")
    await alex.presses("Remove Bruna", "Yes, I’m sure")
    bruna.hears(
        "You no longer have a role in this bot. Nothing else has changed: you can write letters as"
        " before."
    )


def _labels(screen: tuple[list[str], list[list[str]]]) -> set[str]:
    """Return the lines and buttons of a screen that are texts of the bot without values."""
    said, rows = screen
    return {line for text in said for line in text.split("\n")} | {b for row in rows for b in row}


def _alike() -> set[str]:
    """Return what is the same in English and German: names, numbers, and texts that are alike."""
    texts = entries("de", STAFF).texts
    same = {key for key, forms in texts.items() if forms == entries("en", STAFF).texts[key]}
    return {line for key in same for form in texts[key] for line in plain(Html(form)).split("\n")}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", f"Wer bekommt sie? Abos für „{TITLE}“: weniger als 5"),
        ("es", "¿Quién lo recibe? Suscripciones a “Defiende los derechos"),
        ("fr", "Qui la reçoit ? Abonnements à « "),
        ("pt", "Quem recebe? Inscrições em “"),
        ("zh-Hant", "誰會收到？「為香港人的權利發聲」的訂閱者："),
    ],
)
async def test_a_title_has_the_quotation_marks_of_the_language(
    stage: Stage, language: str, said: str
) -> None:
    stage.opens("hong-kong")
    alex = await an_admin(stage, "Alex", language)
    await alex.says("/broadcast", "The river is free.")
    assert said in alex.heard()[-1].replace("\u202f", " ")


def test_no_code_of_the_chat_has_quotation_marks() -> None:
    """They belong to the catalogues. What is in `folder/` and `text/` is no text of the chat."""
    found = []
    for area in ("admin", "broadcasts", "core", "journey", "stats"):
        for file in (CONVERSATIONS / area).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            found += [
                (file.name, node.value)
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in docstrings
                and QUOTATION_MARKS & set(node.value)
            ]
    assert found == []
