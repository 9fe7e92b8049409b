"""An organisation's own words, beside its campaigns, take the place of the bot's."""

from collections.abc import Iterator

import pytest

from bot.errors import CommandError
from conversations.text import languages
from conversations.text.catalogues import LOCALES
from tests.chat import Chat
from tests.stage import Stage


@pytest.fixture(autouse=True)
def _our_texts() -> Iterator[None]:
    yield
    languages.use_folders(LOCALES)


def write(stage: Stage, name: str, text: str) -> None:
    file = stage.campaigns.parent / "wording" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


async def test_one_text_is_replaced(stage: Stage, maria: Chat) -> None:
    write(stage, "en/supporters.po", 'msgid "button.write"\nmsgstr "Write to them"\n')
    await maria.starts("hong-kong")
    assert maria.buttons[0] == ["Write to them"]
    assert "Is it safe for me?" in maria.all_buttons


async def test_a_mistake_keeps_the_bot_from_starting(stage: Stage, maria: Chat) -> None:
    write(stage, "en/supporters.po", 'msgid "button.use"\nmsgstr "Take {it}"\n')
    with pytest.raises(CommandError) as found:
        await maria.starts("hong-kong")
    assert [(each.where, each.problem) for each in found.value.mistakes] == [
        ("wording/en/supporters.po:1", "“button.use” has an unknown placeholder {it}."),
        ("wording/en/supporters.po:1", "“button.use” lacks the placeholder {name}."),
    ]
