"""A campaign is shown in its own languages, whichever the bot speaks."""

import re

from conversations.text.languages import index
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import TARGET

SWAHILI = "Acha mto Amieiro utiririke"


def in_swahili(stage: Stage, fallback: str = "") -> None:
    """Open a campaign in Swahili alone, a language that the bot lacks."""
    stage.opens("river")
    home = stage.campaigns / "river"
    english = (home / "en.md").read_text(encoding="utf-8")
    (home / "sw.md").write_text(english.replace("Let the Amieiro flow", SWAHILI), encoding="utf-8")
    settings = (home / "campaign.toml").read_text(encoding="utf-8")
    settings = settings.replace('languages = ["en", "pt"]', f'languages = ["sw"]\n{fallback}')
    settings = re.sub(r"name = \{.*\}", 'name = { sw = "Wizara ya Mazingira" }', settings)
    settings = settings.replace('languages = ["pt"]', 'languages = ["sw"]')
    (home / "campaign.toml").write_text(settings, encoding="utf-8")


async def test_a_campaign_in_the_supporters_language(stage: Stage) -> None:
    stage.opens("river")
    pedro = stage.person("Pedro", language="pt-br")
    await pedro.starts("river")
    (said,) = pedro.heard()
    assert said.startswith("Carta · Deixem correr o Amieiro")
    assert pedro.buttons[0] == ["Escrever a carta"]


async def test_a_language_that_only_the_bot_has(stage: Stage) -> None:
    """The bot speaks it; the campaign's texts are those of its first language."""
    stage.opens("river")
    jan = stage.person("Jan", language="pl")
    await jan.starts("river")
    (said,) = jan.heard()
    assert said.startswith("Letter · Let the Amieiro flow")
    assert jan.buttons[0] == ["Napisz list"]


async def test_a_language_that_only_the_campaign_has(stage: Stage) -> None:
    in_swahili(stage)
    amani = stage.person("Amani", language="sw")
    await amani.starts("river")
    (said,) = amani.heard()
    assert SWAHILI in said
    assert amani.buttons[0] == ["Write the letter"]


async def test_the_bots_own_words_come_in_the_fallback(stage: Stage) -> None:
    in_swahili(stage, 'fallback = "fr"')
    amani = stage.person("Amani", language="sw")
    await amani.starts("river")
    (said,) = amani.heard()
    assert SWAHILI in said
    assert amani.buttons[0] == ["Écrire la lettre"]
    await amani.presses("🌐 Langue")
    assert amani.all_buttons[0] == "Kiswahili"


async def test_a_language_that_nobody_has(stage: Stage) -> None:
    """Hungarian is a language of neither the campaign nor the bot: Anna reads the fallback."""
    in_swahili(stage, 'fallback = "fr"')
    anna = stage.person("Anna", language="hu")
    await anna.starts("river")
    (said,) = anna.heard()
    assert SWAHILI in said
    assert anna.buttons[0] == ["Écrire la lettre"]


async def test_a_language_is_typed(stage: Stage) -> None:
    stage.opens("river")
    jan = stage.person("Jan")
    await jan.starts("river")
    await jan.presses("🌐 Language")
    await jan.says("deutsch")
    assert jan.buttons[0] == ["Brief schreiben"]


async def test_where_people_are_at_risk_an_unreviewed_language_must_be_accepted(
    stage: Stage, maria: Chat
) -> None:
    stage.edits(
        "hong-kong/campaign.toml",
        '"fr", "pt", "ru", "ar"]\n\n# The countries',
        '"fr"]\n\n# The countries',
    )
    pedro = stage.person("Pedro", language="pt-br")
    await pedro.starts("hong-kong")
    assert pedro.buttons[0] == ["Write the letter"]
    await pedro.presses("🌐 Language")
    offered = ["English", "中文 (繁體) *", "中文 (简体) *", "Español *", "Français *", "Back"]
    assert pedro.all_buttons == offered


async def test_the_original_stands_beside_what_can_endanger_people(
    stage: Stage, maria: Chat
) -> None:
    mei = stage.person("陳美玲", language="zh-hant")
    await mei.starts("hong-kong")
    heard = [*mei.heard()]

    async def presses(*labels: str) -> None:
        for label in labels:
            await mei.presses(label)
            heard.extend(mei.heard())

    async def says(*texts: str) -> None:
        for text in texts:
            await mei.says(text)
            heard.extend(mei.heard())

    await presses("我這樣做安全嗎？", "寫信", "繼續")
    await says("陳美玲", "台灣", "mei@mail.example")
    await mei.types_the_code()
    heard.extend(mei.heard())
    await says("/privacy", "/forget")
    (mail,) = stage.mails_to("mei@mail.example")
    heard.append(mail.text)
    for words in (
        "That depends above all on where you live.",
        "Don’t sign this letter if you live in",
        "so I know the address is yours.",
        "The letter shows your political opinion",
        "Delete what I hold about you?",
        "is your code for the campaign",
        "Your rights",
    ):
        shown = [text for text in heard if words in text]
        assert shown, words
        assert all("English:" in text and re.search(r"[一-鿿]", text) for text in shown), words
    assert len(stage.mails_to(TARGET)) == 0


def test_texts_about_danger_are_marked_in_the_catalogue() -> None:
    safety = index().safety
    for key in (
        "warning.ask",
        "risk.ask",
        "code.ask",
        "forget.ask",
        "sender.relay",
        "privacy.text",
    ):
        assert key in safety
