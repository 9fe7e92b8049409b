"""The bot speaks the supporter's language, or the nearest one, and can be switched at any time."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conversations.text import languages
from conversations.text.catalogues import LOCALES
from storage.schema.tables import chats, consents
from tests.chat import Chat
from tests.domains import GMAIL, GMIAL
from tests.stage import Stage
from tests.stories.lines import CODE, LEAVES, NAME, TARGET, WELCOME
from tests.stories.records import read_table

WELCOME_ZH = "行動 · 為香港人的權利發聲\n2019年6月…"
NAME_ZH = "1/4 · 請問你的姓名？這封信會署上這個名字。"
COUNTRY_ZH = "2/4 · 你住在哪個國家或地區？請點選或輸入。"
ADDRESS_ZH = "3/4 · 請問你的電郵地址？收件人會看到這個地址，可以回信給你。"
ENGLISH, CHINESE = "English", "中文 (繁體) *"
LANGUAGES, LANGUAGES_ZH = "🌐 Language", "🌐 語言"
OTHERS = ["中文 (简体) *", "Español *", "Français *", "Português *", "Русский *", "العربية *"]
WHICH = (
    "Which language would you like?\n\nTranslations marked with * were made by a machine, and no"
    " native speaker has checked them yet."
)


async def test_a_journey_in_chinese(stage: Stage, maria: Chat) -> None:
    mei = stage.person("陳美玲", language="zh-hant")
    await mei.starts("hong-kong")
    (said,) = mei.heard()
    assert said.startswith(WELCOME_ZH[:-1])
    assert (
        "\n\n收件人：香港特別行政區行政長官\n大約需要兩分鐘。信上會寫明你的姓名、國家或地區。"
        "收件人會看到你的電郵地址，可以回信給你。"
        "Telegram 能讀取這段對話；我們最遲會在2029年9月30日之後刪除你的資料。"
        "\n隱私政策 · 確認真的是我們" in said
    )
    assert mei.buttons == [["寫信"], ["閱讀更多", "預覽信件"], ["我這樣做安全嗎？", "🌐 語言"]]
    await mei.presses("寫信", "繼續")
    mei.hears(NAME_ZH)
    await mei.presses("使用「陳美玲」")
    mei.hears("✎ 你的姓名：陳美玲", COUNTRY_ZH)
    assert mei.buttons[2] == ["🇹🇼 台灣"]
    await mei.says("香港")
    mei.hears("香港。\n\n請先閱讀。…")
    assert mei.buttons == [["不具名支持"], ["停止並全部刪除"], ["繼續"], ["返回"]]
    await mei.presses("返回")
    await mei.says("台灣")
    mei.hears(f"台灣。\n\n{ADDRESS_ZH}")
    await mei.says(f"mei@{GMIAL}")
    mei.hears(f"你是指 mei@{GMAIL} 嗎？")
    await mei.says("mei@mail.example")
    await mei.types_the_code()
    (shown,) = mei.heard()
    assert shown.startswith(
        "這是你的信。你的資料：陳美玲，台灣 · mei@mail.example\n"
        "收件人：香港特別行政區行政長官\n主旨：請撤回"
    )
    assert "不會寄出。" not in shown
    await mei.presses("以我的名義寄出")
    mei.hears(
        "你的信將於 30 秒後寄出。",
        "你想收到這個行動的後續消息嗎？",
        "是否保留你的資料供下次使用？這樣下一封信只要按幾下。如果一年沒有使用，我會再問你一次。",
    )
    await stage.later(seconds=31)
    assert mei.heard()[-1].startswith("✎ ✓ 你的信已於 ")
    (letter,) = stage.mails_to(TARGET)
    assert str(letter.message["Content-Language"]) == "zh-Hant"
    assert letter.text.startswith("香港特別行政區行政長官鈞鑒：")
    (consent,) = await read_table(stage, consents)
    assert consent["language"] == "zh-Hant"


async def test_the_language_is_chosen_at_the_welcome(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("🌐 Language")
    maria.hears(f"✎ {WHICH}")
    assert maria.all_buttons == [ENGLISH, CHINESE, *OTHERS[:3], "🌐 2/2 …", "Back"]
    await maria.presses("🌐 2/2 …")
    maria.hears()
    assert maria.all_buttons == [*OTHERS[3:], "🌐 1/2 …", "Back"]
    await maria.presses("Back")
    maria.hears(f"✎ {WELCOME}")
    await maria.presses("🌐 Language", CHINESE)
    maria.hears(f"✎ {WELCOME_ZH}")
    await maria.presses("寫信", "繼續")
    maria.hears(NAME_ZH)


async def test_the_language_changes_during_the_journey(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva")
    await maria.says("/settings")
    assert maria.buttons == [[LANGUAGES]]
    await maria.presses(LANGUAGES)
    maria.hears(f"✎ {WHICH}")
    assert maria.buttons[:2] == [[ENGLISH, CHINESE], OTHERS[:2]]
    await maria.presses(CHINESE)
    maria.hears(
        "✎ 設定\n語言：中文 (繁體)\n沒有保留資料供下次使用。\n"
        "你不會收到消息。想接收請用 /subscribe。",
        COUNTRY_ZH,
    )
    await maria.says("葡萄牙")
    maria.hears(f"葡萄牙。\n\n{ADDRESS_ZH}")
    await maria.says("maria@mail.example")
    await stage.send_mail()
    (mail,) = stage.mails_to("maria@mail.example")
    assert str(mail.message["Content-Language"]) == "zh-Hant"
    await maria.says("/language")
    await maria.presses(LANGUAGES_ZH, ENGLISH)
    assert maria.heard()[-1] == CODE
    (chat,) = await read_table(stage, chats)
    assert chat["language"] == "en"


async def test_the_language_changes_at_the_review(stage: Stage, maria: Chat) -> None:
    """The letter is shown in the new language, and one press sends it."""
    await maria.comes_to_the_review()
    await maria.says("/settings")
    await maria.presses(LANGUAGES)
    await maria.turns_to(CHINESE)
    assert maria.heard()[-1].startswith(
        "這是你的信。你的資料：Maria Silva，葡萄牙 · maria@mail.example\n"
        "收件人：香港特別行政區行政長官\n"
    )
    await maria.presses("以我的名義寄出")
    assert maria.heard()[0] == "你的信將於 30 秒後寄出。"
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert letter.text.startswith("香港特別行政區行政長官鈞鑒：")


async def test_a_chosen_language_stays(stage: Stage, maria: Chat) -> None:
    await maria.says("/settings")
    await maria.presses(LANGUAGES)
    await maria.turns_to(CHINESE)
    await stage.later(hours=25)
    await stage.run_retention()
    await maria.starts("hong-kong")
    maria.hears(WELCOME_ZH)


async def test_a_language_that_is_not_offered(stage: Stage, maria: Chat) -> None:
    anke = stage.person("Anke", language="nl")
    await anke.starts("hong-kong")
    anke.hears(WELCOME)
    nora = stage.person("Nora", language="")
    await nora.starts("hong-kong")
    nora.hears(WELCOME)


async def test_every_variant_of_chinese_gets_its_script(stage: Stage, maria: Chat) -> None:
    for language in ("zh-TW", "zh-HK", "zh-hant"):
        mei = stage.person("Mei", language=language)
        await mei.starts("hong-kong")
        mei.hears(WELCOME_ZH)
    for language in ("zh-hans", "zh-CN", "zh"):
        mei = stage.person("Mei", language=language)
        await mei.starts("hong-kong")
        mei.hears("行动 · 为香港人的权利发声…")


async def test_a_campaign_without_her_language(stage: Stage) -> None:
    """The bot speaks her language and the campaign its own, so that no text is missing."""
    stage.opens("river")
    mei = stage.person("Mei", language="zh-hant")
    await mei.starts("river")
    (said,) = mei.heard()
    assert said.startswith("Letter · Let the Amieiro flow\nFor three summers")
    assert "大約需要兩分鐘。" in said
    assert mei.buttons[0] == ["寫信"]


async def test_words_of_every_language_are_understood(stage: Stage, maria: Chat) -> None:
    mei = stage.person("Mei", language="zh-hant")
    await mei.says("unsubscribe")
    mei.hears("已取消訂閱，我不會再發送消息給你。")
    await mei.says("human")
    assert mei.heard()[0].startswith("我是機器人，幫助你以自己的名義寫信給掌權者。")


@pytest.mark.parametrize(
    ("language", "typed", "is_yes"),
    [("pl", "No.", True), ("pl", "Nie", False), ("id", "tak", False), ("en", "No.", False)],
)
async def test_a_word_means_what_it_means_in_the_language_of_the_chat(
    stage: Stage, language: str, typed: str, is_yes: bool
) -> None:
    """“No” means yes in Polish, and “tak” means no in Indonesian, but yes in Polish."""
    stage.opens("river")
    ewa = stage.person("Ewa Nowak", language=language)
    write = {"pl": "Napisz list", "id": "Tulis surat", "en": "Write the letter"}[language]
    another = {"pl": "Inny kraj", "id": "Negara lain", "en": "Another country"}[language]
    await ewa.starts("river")
    await ewa.presses(write)
    await ewa.says("Ewa Nowak", "Portugl")
    assert another in ewa.all_buttons
    ewa.heard()
    await ewa.says(typed)
    asked = ewa.heard()[-1]
    assert another not in ewa.all_buttons
    assert asked.startswith("Portugal") == is_yes


@pytest.fixture
def gap(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Take one text out of the Chinese catalogue, and leave no other Chinese one."""

    def make() -> None:
        shutil.copytree(LOCALES, tmp_path / "locales")
        shutil.rmtree(tmp_path / "locales" / "zh-Hans")
        file = tmp_path / "locales" / "zh-Hant" / "supporters.po"
        text = file.read_text(encoding="utf-8")
        begins = text.index('msgid "name.ask"')
        ends = text.index("#.", begins)
        file.write_text(text[:begins] + text[ends:], encoding="utf-8")
        languages.use_folders(tmp_path / "locales")

    yield make
    languages.use_folders(LOCALES)


async def test_a_catalogue_that_lacks_a_text(
    stage: Stage, maria: Chat, gap: Callable[[], None]
) -> None:
    """The campaign's texts stay Chinese; the bot's own words are English, without a mixture."""
    await maria.says("/settings")
    await maria.presses(LANGUAGES)
    await maria.turns_to(CHINESE)
    gap()
    mei = stage.person("Mei", language="zh-hant")
    await mei.starts("hong-kong")
    mei.hears(WELCOME_ZH)
    assert mei.buttons[0] == ["Write the letter"]
    await maria.starts("hong-kong")
    maria.hears(WELCOME_ZH)
    await maria.presses("Write the letter", "Continue")
    maria.hears(NAME)
    assert maria.buttons == [["Use “Maria Silva”"], ["Back", "Cancel"]]


async def test_two_supporters_use_different_languages(stage: Stage, maria: Chat) -> None:
    mei = stage.person("Mei", language="zh-hant")
    await maria.comes_to_the_review()
    await mei.starts("hong-kong")
    mei.hears(WELCOME_ZH)
    await maria.presses("Send in my name")
    assert maria.heard()[0] == LEAVES
