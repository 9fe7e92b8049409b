"""A journey in each language that supporters can choose: every word is of that language."""

import re
from pathlib import Path

import pytest

from conversations.text import countries
from conversations.text.languages import DEFAULT, offered, own_name
from conversations.text.wording import Wording
from tests.chat import Chat
from tests.stage import Stage

CAMPAIGN = "neutral"
NAME = "Ω Ξ"
"""A name, and a campaign's words, in letters that no English word has."""

ENGLISH = frozenset(
    re.findall(
        r"\S+",
        "and are can code delete email from have is it letter name not of send sent that the this"
        " to type what will with write you your",
    )
)
"""Words that every longer English text has some of."""

SPELLED_ALIKE: dict[str, frozenset[str]] = {
    "de": frozenset(("code", "name")),
    "fr": frozenset(("code",)),
    "id": frozenset(("email",)),
    "it": frozenset(("email",)),
    "pl": frozenset(("to",)),
    "pt": frozenset(("e-mail",)),
    "tr": frozenset(("is",)),
    "vi": frozenset(("email",)),
}
"""Words of other languages that are spelled like an English one."""

_NOT_WORDS = re.compile(r"https?://\S+|\S+@\S+|/[a-z]+|\S+\.(?:example|md)\b")
_HEADINGS = re.compile(r"^#{1,2} .*$")


def neutral(line: str) -> str:
    """Return a line of a campaign's texts with each word replaced, but for what is fixed."""
    if _HEADINGS.match(line):
        return line
    kept = re.split(r"(\{\w+\}|\(https?://[^)]*\)|^\d+\. )", line)
    return "".join(
        each if at % 2 else re.sub(r"[^\W\d_]", "Ω", each) for at, each in enumerate(kept)
    )


@pytest.fixture(params=[tag for tag in offered() if tag != DEFAULT])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def supporter(stage: Stage, language: str) -> Chat:
    """A supporter who uses Telegram in a language, with a campaign in that language."""
    stage.opens("river")
    home = stage.campaigns / "river"
    lines = (home / "en.md").read_text(encoding="utf-8").splitlines()
    (home / f"{language}.md").write_text("\n".join(map(neutral, lines)), encoding="utf-8")
    for file in ("en.md", "pt.md"):
        if file != f"{language}.md":
            (home / file).unlink()
    _rewrite(home / "campaign.toml", language)
    return stage.person(NAME, language=language.lower())


def _rewrite(file: Path, language: str) -> None:
    settings = file.read_text(encoding="utf-8")
    settings = re.sub(r"languages = \[.*\]", f'languages = ["{language}"]', settings)
    settings = re.sub(r"name = \{.*\}", f'name = {{ {_key(language)} = "Ψ" }}', settings)
    settings = settings.replace('"Amigos do Amieiro"', '"ΩΩ"').replace(
        "copies = false", "copies = true"
    )
    file.write_text(settings, encoding="utf-8")


def _key(language: str) -> str:
    return f'"{language}"' if "-" in language else language


class Journey:
    """A journey whose buttons are named by their catalogue keys. It keeps all that was said."""

    def __init__(self, chat: Chat, language: str) -> None:
        self.chat, self.wording, self.said = chat, Wording(language), list[str]()

    async def presses(self, *keys: str, **values: str) -> None:
        for key in keys:
            await self.chat.presses(self.wording.label(f"button.{key}", **values))
            self._listen()

    async def says(self, *texts: str) -> None:
        for text in texts:
            await self.chat.says(text)
            self._listen()

    async def starts(self) -> None:
        await self.chat.starts("river")
        self._listen()

    def _listen(self) -> None:
        self.said += self.chat.heard()
        self.said += self.chat.all_buttons

    async def types_the_code(self) -> None:
        await self.chat.stage.send_mail()
        await self.says(self.chat.code())

    async def later(self, **time: float) -> None:
        await self.chat.stage.later(**time)
        self._listen()


def english_in(text: str, language: str) -> set[str]:
    """Return the English words in a text, which are those of `ENGLISH`."""
    words = set(re.findall(r"[\w’'-]+", _NOT_WORDS.sub(" ", text).casefold()))
    return words & (ENGLISH - SPELLED_ALIKE.get(language, frozenset()))


async def test_a_journey(stage: Stage, supporter: Chat, language: str) -> None:
    way = Journey(supporter, language)
    await way.starts()
    await way.presses("safe", "see", "more", "language", "back", "write")
    await way.presses("use", name=NAME)
    await way.says("?!", countries.name("PT", language))
    await way.says("Ω", "ω@mail.example", "omega@mail.example")
    await way.presses("not_there")
    await way.says("1234", "12345678")
    await way.types_the_code()
    await way.presses("change", "back", "change", "rewrite", "back", "send", "undo")
    await way.presses("send")
    await way.later(seconds=11)
    for command in (
        "/mydata",
        "/privacy",
        "/settings",
        "/help",
        "/subscribe",
        "/language",
        "/start",
    ):
        await way.says(command)
    await way.says("/forget")
    await way.presses("keep")
    await way.says("/forget")
    await way.presses("erase")
    mails = [
        f"{mail.message['Subject']}\n{mail.text}" for mail in stage.mails_to("omega@mail.example")
    ]
    assert len(mails) == 1
    names = {own_name(tag) for tag in offered()}
    for text in {*way.said, *mails}:
        if text.strip("✓* ") in names:
            continue
        assert not english_in(text, language), text
        assert not re.search(r"\{\w*\}|⟦|\bNone\b", text), text
