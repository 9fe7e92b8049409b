"""The questions for name, country and email address: what is accepted, queried and refused."""

from urllib.parse import parse_qs, urlsplit

import pytest

from storage.schema.tables import (
    actions,
    chats,
    codes,
    consents,
    outbox,
)
from tests.chat import Chat, NoDns, Stage
from tests.stories.lines import ADDRESS, CANCELLED, CODE, COUNTRY, NAME, WAYS_OUT, WELCOME
from tests.stories.records import read_table

SIGNS = "A name can only contain letters, spaces, dots, hyphens and apostrophes."
RISK = (
    "Please read this first. The government that this letter criticises will read your name in"
    " it. If you live in Hong Kong or mainland China, that could put you in danger, now or later."
    " You can also help without giving your name."
)
RISK_BUTTONS = [["Continue"], ["Help without my name"], ["Stop, delete everything"], ["Back"]]
NO_ADDRESS = (
    "That doesn’t look like an email address yet. It should look like"
    f" name@mail.example.\n\n{ADDRESS}"
)


async def comes_to_the_name(chat: Chat) -> None:
    await chat.starts("hong-kong")
    await chat.presses("Write the letter")


async def comes_to_the_country(chat: Chat) -> None:
    await comes_to_the_name(chat)
    await chat.says("Maria Silva")


async def comes_to_the_address(chat: Chat) -> None:
    await comes_to_the_country(chat)
    await chat.says("Portugal")


# --- the name -----------------------------------------------------------------------------------


async def test_names_in_many_scripts(stage: Stage, maria: Chat) -> None:
    for name in (
        "José Luís d’Ávila-Müller Jr.",
        "陳美玲",
        "Олена Ковальчук",
        "محمد علی\u200cزاده",
        "Nguyễn Thị Ánh",
        "प्रिया शर्मा",
        "O'Neil",
    ):
        await comes_to_the_name(maria)
        await maria.says(name)
        maria.hears(COUNTRY)
        await maria.says("/mydata")
        (said,) = maria.heard()
        shown = said.replace("\u2068", "").replace("\u2069", "")
        assert f"The letter you’ve started: {name} (kept for 24 hours)" in shown
        await maria.says("/cancel")


async def test_invalid_names(stage: Stage, maria: Chat) -> None:
    await comes_to_the_name(maria)
    for typed, problem in (
        ("Maria <b>", SIGNS),
        ("R2D2", SIGNS),
        ("12345", SIGNS),
        ("Maria 🌸", SIGNS),
        ("evil\u202egro", SIGNS),
        ("maria@mail.example", "A name can’t contain a link or an email address."),
        ("Buy at www.shop.example", "A name can’t contain a link or an email address."),
        ("M" * 101, "That’s a bit long. A name can have up to 100 characters."),
        ("\u3164\u3164", SIGNS),
    ):
        await maria.says(typed)
        maria.hears(f"{problem}\n\n{NAME}")
        assert maria.all_buttons == ["Use “Maria Silva”", *WAYS_OUT]


async def test_a_telegram_name_that_is_not_a_valid_name(stage: Stage, maria: Chat) -> None:
    pedro = stage.person("Pedro", "🚴 2000")
    await comes_to_the_name(pedro)
    pedro.hears(NAME)
    assert pedro.all_buttons == WAYS_OUT


async def test_back_to_the_name(stage: Stage, maria: Chat) -> None:
    await comes_to_the_name(maria)
    await maria.says("Maria")
    await maria.presses("Back")
    maria.hears(f"✎ {NAME}")
    assert maria.all_buttons == ["Use “Maria”", *WAYS_OUT]
    await maria.presses("Back")
    maria.hears(f"✎ {WELCOME}")


# --- the country --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["Portugal", "葡萄牙", "PT", "🇵🇹", " portugal! ", "Portogallo", "Πορτογαλία"]
)
async def test_a_country_that_is_recognised(stage: Stage, maria: Chat, typed: str) -> None:
    await comes_to_the_country(maria)
    await maria.says(typed)
    maria.hears(ADDRESS)
    await maria.says("/mydata")
    assert "• The letter you’ve started: Maria Silva, Portugal (kept for" in maria.heard()[0]


async def test_abbreviations_of_countries(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    for typed, country in (
        ("UK", "United Kingdom"),
        ("U.S.A.", "United States"),
        ("us", "United States"),
    ):
        await maria.says(typed)
        maria.hears(ADDRESS)
        await maria.says("/mydata")
        assert f"Maria Silva, {country} (kept for" in maria.heard()[0]
        await maria.presses("Back")
        maria.hears(f"✎ {COUNTRY}")


async def test_congo_asks_which(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("Congo")
    maria.hears("Which one do you mean?")
    assert maria.buttons == [
        ["🇨🇩 Congo - Kinshasa"],
        ["🇨🇬 Congo - Brazzaville"],
        ["Another country"],
        WAYS_OUT,
    ]
    await maria.presses("Another country")
    maria.hears(f"✎ {COUNTRY}")
    await maria.says("Congo")
    await maria.presses("🇨🇬 Congo - Brazzaville")
    maria.hears("✎ Your country: Congo - Brazzaville", ADDRESS)


async def test_a_typo_in_the_country_is_queried(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("Brasilien")
    maria.hears(ADDRESS)
    await maria.presses("Back")
    assert maria.buttons[0] == ["🇧🇷 Brazil", "🇵🇹 Portugal"]
    await maria.says("Switzerlnd")
    maria.hears("Switzerland?")
    assert maria.buttons == [["Yes", "Another country"], WAYS_OUT]
    await maria.presses("Another country")
    maria.hears(f"✎ {COUNTRY}")
    await maria.says("Middle Earth")
    maria.hears(f"I don’t know that country. Try spelling it another way.\n\n{COUNTRY}")
    await maria.says("🌍")
    maria.hears(f"I don’t know that country. Try spelling it another way.\n\n{COUNTRY}")


# --- at risk ------------------------------------------------------------------------------------


async def test_a_supporter_at_risk_goes_on(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("香港")
    maria.hears(RISK)
    assert maria.buttons == RISK_BUTTONS
    await maria.says("ok")
    maria.hears(f"Please use the buttons: this is about your safety.\n\n{RISK}")
    await maria.presses("Back")
    maria.hears(f"✎ {COUNTRY}")
    await maria.presses("🇭🇰 Hong Kong")
    maria.hears("✎ Your country: Hong Kong", RISK)
    await maria.presses("Continue")
    maria.hears(ADDRESS)


async def test_a_supporter_at_risk_helps_without_a_name(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("China")
    await maria.presses("Help without my name")
    maria.hears(
        "Nothing was sent, and I haven’t kept your answers. You can still help by passing this"
        " on, if that’s safe for you.\n\nPeople in Hong Kong are standing up for their rights."
        " You can stand with them: a letter to their government takes about two minutes."
    )
    assert maria.all_buttons == ["Share with friends", "Clear this chat"]
    shared = parse_qs(urlsplit(maria.link("Share with friends")).query)
    assert shared["url"] == ["https://t.me/action_bot?start=hong-kong__share"]
    await maria.says("/mydata")
    maria.hears(
        "What I hold about you\n• Your Telegram chat number, encrypted, until a day after I hold"
        " nothing else; where this conversation stands, encrypted, and the numbers of its messages,"
        " for a day\n\n/forget deletes this, except where a line says that it stays."
    )
    for table in (codes, actions, outbox, consents):
        assert await read_table(stage, table) == []


@pytest.mark.parametrize("yes", ["yes", " YES! ", "是"])
async def test_yes_is_typed(stage: Stage, maria: Chat, yes: str) -> None:
    """Yes can be typed instead of pressed, for a country and for an address."""
    await comes_to_the_country(maria)
    await maria.says("Norwya", yes)
    maria.hears("Norway?", "✎ Your country: Norway", ADDRESS)
    await maria.says("maria@gmial.com", yes)
    maria.hears(
        "Did you mean maria@gmail.com?",
        "✎ Your email address: maria@gmail.com",
        "I’ve emailed a code to maria@gmail.com.…",
    )


@pytest.mark.parametrize("no", ["no", "No.", "不是"])
async def test_no_is_typed(stage: Stage, maria: Chat, no: str) -> None:
    """“No” is an answer here, although NO is the code of Norway."""
    await comes_to_the_country(maria)
    await maria.says("Norwya", no)
    maria.hears("Norway?", COUNTRY)
    await maria.says("Congo", no)
    maria.hears("Which one do you mean?", COUNTRY)
    await maria.says("no")
    maria.hears(ADDRESS)
    await maria.says("maria@gmial.com", no)
    maria.hears(
        "Did you mean maria@gmail.com?",
        "✎ Your email address: maria@gmial.com",
        "I’ve emailed a code to maria@gmial.com.…",
    )


async def test_yes_is_not_an_answer_to_several_countries(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("Congo", "yes")
    maria.hears("Which one do you mean?", "Please tap one of these.\n\nWhich one do you mean?")


async def test_a_typed_yes_also_checks_the_domain(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def takes_mail(_: NoDns, domain: str) -> bool:
        return domain != "gmail.com"

    monkeypatch.setattr(NoDns, "takes_mail", takes_mail)
    await comes_to_the_address(maria)
    await maria.says("maria@gmial.com", "yes")
    maria.hears(
        "Did you mean maria@gmail.com?",
        f"gmail.com doesn’t accept email. Is it spelled correctly?\n\n{ADDRESS}",
    )


async def test_a_supporter_at_risk_stops_and_erases(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("China")
    await maria.presses("Stop, delete everything")
    maria.hears("I’ve deleted your answers, details, letters and subscriptions.…")
    assert maria.all_buttons == ["Clear this chat"]
    await maria.presses("Clear this chat")
    assert maria.person.chat() == []
    (row,) = await read_table(stage, chats)
    assert row["encrypted_details"] is None
    assert row["language"] == ""


# --- the address --------------------------------------------------------------------------------


async def test_invalid_addresses(stage: Stage, maria: Chat) -> None:
    await comes_to_the_address(maria)
    for typed in ("maria", "maria@", "maria at mail", "maria@mail"):
        await maria.says(typed)
        maria.hears(NO_ADDRESS)
        assert maria.all_buttons == WAYS_OUT
    await maria.says("märia@mail.example")
    maria.hears(
        "I can only use addresses with plain letters (a to z), digits and signs before the @. Do"
        f" you have another one?\n\n{ADDRESS}"
    )
    await maria.says("maria@mail.example or ana@mail.example")
    maria.hears(f"I see more than one email address. Please type only the one to use.\n\n{ADDRESS}")
    await maria.says("maria@gmаil.com")
    maria.hears(
        f"That address mixes letters from different alphabets. Please type it again.\n\n{ADDRESS}"
    )


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("maria@gmial.com", "gmail.com"),
        ("maria@hotmial.com", "hotmail.com"),
        ("maria@yaho.com", "yahoo.com"),
        ("maria@gmail.co", "gmail.com"),
    ],
)
async def test_a_typo_in_the_address(stage: Stage, maria: Chat, typed: str, domain: str) -> None:
    await comes_to_the_address(maria)
    await maria.says(typed)
    maria.hears(f"Did you mean maria@{domain}?")
    assert maria.buttons == [["Yes", "No, keep mine"], WAYS_OUT]
    await maria.presses("Back")
    maria.hears(f"✎ {ADDRESS}")
    await maria.says(typed)
    await maria.presses("Yes")
    maria.hears(f"✎ Your email address: maria@{domain}", f"I’ve emailed a code to maria@{domain}.…")
    await maria.types_the_code()
    maria.hears("This is your letter.…")


async def test_another_address_instead_of_yes(stage: Stage, maria: Chat) -> None:
    await comes_to_the_address(maria)
    await maria.says("maria@gmial.com")
    await maria.says("maria@mail.example")
    maria.hears(CODE)


async def test_a_domain_that_accepts_no_mail(stage: Stage, maria: Chat) -> None:
    await comes_to_the_address(maria)
    await maria.says("maria@nowhere.example")
    maria.hears(f"nowhere.example doesn’t accept email. Is it spelled correctly?\n\n{ADDRESS}")
    await maria.says("maria@unsure.example")
    maria.hears("I’ve emailed a code to maria@unsure.example.…")


async def test_pasted_forms_of_the_address(stage: Stage, maria: Chat) -> None:
    await comes_to_the_address(maria)
    await maria.says(" <maria@MAIL.example>. ")
    maria.hears(CODE)
    await maria.presses("Use another address")
    maria.hears(f"✎ {ADDRESS}")
    assert maria.all_buttons == ["Use “maria@mail.example”", *WAYS_OUT]
    await maria.presses("Use “maria@mail.example”")
    maria.hears("✎ Your email address: maria@mail.example", CODE)
    await stage.send_mail()
    assert len(stage.mails_to("maria@mail.example")) == 1


async def test_cancel_at_every_question(stage: Stage, maria: Chat) -> None:
    for answers in (
        [],
        ["Maria"],
        ["Maria", "Pt"],
        ["Maria", "Congo"],
        ["Maria", "Pt", "m@gmial.com"],
        ["Maria", "Pt", "m@mail.example"],
    ):
        await comes_to_the_name(maria)
        await maria.says(*answers)
        await maria.presses("Cancel")
        maria.hears(f"✎ {CANCELLED}")
        assert maria.all_buttons == []
    assert await read_table(stage, outbox) == []
    assert await read_table(stage, codes) == []
