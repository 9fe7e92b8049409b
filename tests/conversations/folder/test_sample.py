"""The sample campaign says what its page says, and where the bot differs from it."""

from conversations.model.letters.identity import filled
from conversations.text.html import Html, plain
from conversations.text.wording import Wording
from tests.conversations.play import HONG_KONG

EN, ZH = HONG_KONG.texts["en"], HONG_KONG.texts["zh-Hant"]


def _more(language: str) -> str:
    more = HONG_KONG.texts[language].more or Html("")
    return plain(filled(more, HONG_KONG, Wording(language)))


def test_the_year_is_in_the_story_and_in_the_letter() -> None:
    assert "June 2019" in plain(EN.story)
    assert "9 June 2019" in EN.letters[0]
    assert "2019年6月" in plain(ZH.story)
    assert "2019年6月9日" in ZH.letters[0]


def test_guns_were_used_in_some_instances() -> None:
    assert "in some instances, guns that fired bean bags and rubber bullets" in _more("en")
    assert "in some instances, bean bags and rubber bullets" in EN.letters[0]
    assert "在某些情況下" in _more("zh-Hant")
    assert "在某些情況下" in ZH.letters[0]


def test_research_and_figures_are_attributed() -> None:
    assert "Human rights researchers who examined that day found" in _more("en")
    assert "By the government's own count, there were 81 casualties" in _more("en")
    assert "調查當日事件的人權研究人員認為" in _more("zh-Hant")
    assert "據政府公布，當日有 81 人受傷" in _more("zh-Hant")


def test_it_says_where_the_bot_differs() -> None:
    for language, end in (
        ("en", "Your name and country reach the government of Hong Kong."),
        ("zh-Hant", "你的姓名和國家或地區會送到香港政府手上。"),
    ):
        sender = Wording(language).label("sender.relay", organisation=HONG_KONG.organisation)
        assert sender in _more(language)
        assert end in _more(language)


def test_it_says_what_telegram_knows_and_what_the_bot_sees() -> None:
    for texts, known, seen in (
        (EN, "knows your phone number", "I see the name and the number of your Telegram account"),
        (ZH, "也知道你的電話號碼", "看得到你的 Telegram 帳號名稱和編號"),
    ):
        assert known in plain(texts.safety)
        assert seen in plain(texts.safety)
