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
from tests.domains import GMAIL, GMAIL_CO, GMIAL, HOTMIAL, YAHO
from tests.stories.journey.test_commands import CHAT
from tests.stories.lines import (
    ADDRESS,
    AT_ADDRESS_LABELS,
    CANCELLED,
    CODE,
    COUNTRY,
    NAME,
    PORTUGAL,
    WAYS_OUT,
)
from tests.stories.records import read_table

SIGNS = (
    "A name has letters, spaces, and the signs that belong in names, such as hyphens and"
    " apostrophes. Please leave out digits, emoji and other symbols."
)
RISK = (
    "Please read this first. The government that this letter criticises will read your name in"
    " it. If you live in Hong Kong or mainland China, that could put you in danger, now or later."
    " You can also help without giving your name."
)
RISK_BUTTONS = [["Help without my name"], ["Stop, delete everything"], ["Continue"], ["Back"]]
HONG_KONG = f"Hong Kong.\n\n{RISK}"
NO_ADDRESS = (
    "That doesn’t look like an email address yet. It should look like"
    f" name@mail.example.\n\n{ADDRESS}"
)
A_PERSON = "\n\nIf you’d like a person to help, write to people@open-letters-hk.example."
"""Added from the second answer in a row that leads nowhere."""


def code_asked(address: str) -> str:
    """Return the question for the code that was mailed to `address`."""
    return CODE.replace("maria@mail.example", address)


async def comes_to_the_name(chat: Chat) -> None:
    await chat.starts("hong-kong")
    await chat.presses("Write the letter", "Continue")


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
    person = ""
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
        maria.hears(f"{problem}\n\n{NAME}{person}")
        assert maria.all_buttons == ["Use “Maria Silva”", *WAYS_OUT]
        person = A_PERSON


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
    maria.hears("✎ Please read this first.\n\nDon’t sign this letter if…")


# --- the country --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["Portugal", "葡萄牙", " portugal! ", "Portogallo", "Πορτογαλία", "o Portugal", "Portugal 🇵🇹"],
)
async def test_a_country_that_is_recognised(stage: Stage, maria: Chat, typed: str) -> None:
    await comes_to_the_country(maria)
    await maria.says(typed)
    maria.hears(PORTUGAL)
    assert maria.all_buttons == AT_ADDRESS_LABELS
    await maria.says("/mydata")
    assert "• The letter you’ve started: Maria Silva, Portugal (kept for" in maria.heard()[0]
    await maria.presses("Back")
    maria.hears(f"✎ {COUNTRY}")


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("PT", "Portugal?"),
        ("pt", "Portugal?"),
        ("🇵🇹", "Portugal?"),
        ("the UK", "United Kingdom?"),
        ("U.S.A.", "United States?"),
        ("us", "United States?"),
        ("CA", "Canada?"),
        ("IR", "Iran?"),
        ("NGA", "Nigeria?"),
        ("BRA", "Brazil?"),
        ("DEU", "Germany?"),
        ("I live in Portugal", "Portugal?"),
        ("i'm from brazil", "Brazil?"),
        ("我住在香港", "Hong Kong?"),
        ("我來自台灣", "Taiwan?"),
        ("香港人", "Hong Kong?"),
        ("British", "United Kingdom?"),
        ("Hawaii", "United States?"),
        ("Berlin", "Germany?"),
        ("東京", "Japan?"),
        ("Switzerlnd", "Switzerland?"),
    ],
)
async def test_what_is_no_name_is_asked_about(
    stage: Stage, maria: Chat, typed: str, asked: str
) -> None:
    """Codes, abbreviations, sentences, peoples, parts, cities and typing errors."""
    await comes_to_the_country(maria)
    await maria.says(typed)
    maria.hears(asked)
    assert maria.buttons == [["Yes", "Another country"], WAYS_OUT]


async def test_the_next_message_repeats_the_country(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("the UK", "yes")
    maria.hears("United Kingdom?", f"United Kingdom.\n\n{ADDRESS}")
    await maria.says("maria")
    maria.hears(NO_ADDRESS)
    await maria.presses("Back")
    maria.hears(f"✎ {COUNTRY}")
    await maria.presses("🇵🇹 Portugal")
    maria.hears(PORTUGAL)


@pytest.mark.parametrize("typed", ["no", "si", "me", "end", "No.", "it", "OK"])
async def test_words_that_are_no_country(stage: Stage, maria: Chat, typed: str) -> None:
    await comes_to_the_country(maria)
    await maria.says(typed)
    maria.hears(f"Please type the country’s full name.\n\n{COUNTRY}")
    assert maria.buttons[-1] == WAYS_OUT


@pytest.mark.parametrize(
    ("typed", "buttons"),
    [
        ("Congo", ["🇨🇬 Congo - Brazzaville", "🇨🇩 Congo - Kinshasa"]),
        ("Georgia", ["🇬🇪 Georgia", "🇺🇸 United States"]),
        ("Northern Ireland", ["🇬🇧 United Kingdom", "🇮🇪 Ireland"]),
        ("AUS", ["🇦🇺 Australia", "🇦🇹 Austria"]),
        ("🇨🇭 China", ["🇨🇭 Switzerland", "🇨🇳 China"]),
    ],
)
async def test_a_text_that_means_several_countries(
    stage: Stage, maria: Chat, typed: str, buttons: list[str]
) -> None:
    await comes_to_the_country(maria)
    await maria.says(typed)
    maria.hears("Which one do you mean?")
    assert maria.buttons == [*([button] for button in buttons), ["Another country"], WAYS_OUT]
    await maria.presses("Another country")
    maria.hears(f"✎ {COUNTRY}")
    await maria.says("Portugal")
    maria.hears(PORTUGAL)


async def test_a_country_that_is_unknown(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    for typed, person in (("Middle Earth", ""), ("nowhere", A_PERSON)):
        await maria.says(typed)
        maria.hears(f"I don’t know that country. Try spelling it another way.\n\n{COUNTRY}{person}")
    await maria.says("🌍")
    maria.hears(f"Please type the country’s full name.\n\n{COUNTRY}{A_PERSON}")


async def test_a_country_that_was_given_is_proposed_first(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("Brasilien")
    maria.hears(f"Brazil.\n\n{ADDRESS}")
    await maria.presses("Back")
    assert maria.buttons[0] == ["🇧🇷 Brazil", "🇵🇹 Portugal"]


# --- at risk ------------------------------------------------------------------------------------


async def test_a_supporter_at_risk_goes_on(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("香港")
    maria.hears(HONG_KONG)
    assert maria.buttons == RISK_BUTTONS
    await maria.says("ok")
    maria.hears(f"Please use the buttons: this is about your safety.\n\n{RISK}")
    await maria.presses("Back")
    maria.hears(f"✎ {COUNTRY}")
    await maria.presses("🇭🇰 Hong Kong")
    maria.hears(HONG_KONG)
    await maria.presses("Continue")
    maria.hears(f"Hong Kong.\n\n{ADDRESS}")


@pytest.mark.parametrize("typed", ["CH", "ch", "Ch"])
async def test_a_code_that_some_use_for_china_does_not_bypass_the_warning(
    stage: Stage, maria: Chat, typed: str
) -> None:
    await comes_to_the_country(maria)
    await maria.says(typed)
    maria.hears("Which one do you mean?")
    assert maria.buttons[:2] == [["🇨🇭 Switzerland"], ["🇨🇳 China"]]
    await maria.presses("🇨🇳 China")
    maria.hears(f"China.\n\n{RISK}")


@pytest.mark.parametrize("typed", ["mainland China", "中國大陸", "中華人民共和國"])
async def test_names_of_china_lead_to_the_warning(stage: Stage, maria: Chat, typed: str) -> None:
    await comes_to_the_country(maria)
    await maria.says(typed)
    maria.hears(f"China.\n\n{RISK}")


async def test_a_supporter_at_risk_helps_without_a_name(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("China")
    await maria.presses("Help without my name")
    maria.hears(
        "No letter was sent, and I haven’t kept your answers. You can still help by passing this"
        " on, if that’s safe for you.\n\nPeople in Hong Kong are standing up for their rights."
        " You can stand with them: a letter to their government takes about two minutes."
    )
    assert maria.all_buttons == ["Share with friends", "Clear this chat"]
    shared = parse_qs(urlsplit(maria.link("Share with friends")).query)
    assert shared["url"] == ["https://t.me/action_bot?start=hong-kong__share"]
    await maria.says("/mydata")
    maria.hears(f"What I hold about you\n{CHAT}")
    for table in (codes, actions, outbox, consents):
        assert await read_table(stage, table) == []


@pytest.mark.parametrize("yes", ["yes", " YES! ", "是"])
async def test_yes_is_typed(stage: Stage, maria: Chat, yes: str) -> None:
    """Yes can be typed instead of pressed, for a country and for an address."""
    await comes_to_the_country(maria)
    await maria.says("Norwya", yes)
    maria.hears("Norway?", f"Norway.\n\n{ADDRESS}")
    await maria.says(f"maria@{GMIAL}", yes)
    maria.hears(
        f"Did you mean maria@{GMAIL}?",
        f"✎ Your email address: maria@{GMAIL}",
        code_asked(f"maria@{GMAIL}"),
    )


@pytest.mark.parametrize("no", ["no", "No.", "不是"])
async def test_no_is_typed(stage: Stage, maria: Chat, no: str) -> None:
    """“No” is an answer to both questions, and never Norway."""
    await comes_to_the_country(maria)
    await maria.says("Norwya", no)
    maria.hears("Norway?", COUNTRY)
    await maria.says("Congo", no)
    maria.hears("Which one do you mean?", COUNTRY)
    await maria.says("Norway")
    maria.hears(f"Norway.\n\n{ADDRESS}")
    await maria.says(f"maria@{GMIAL}", no)
    maria.hears(
        f"Did you mean maria@{GMAIL}?",
        f"✎ Your email address: maria@{GMIAL}",
        code_asked(f"maria@{GMIAL}"),
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
    await maria.says(f"maria@{GMIAL}", "yes")
    maria.hears(
        f"Did you mean maria@{GMAIL}?",
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
    assert row["encrypted_preferences"] is None


# --- the address --------------------------------------------------------------------------------


async def test_invalid_addresses(stage: Stage, maria: Chat) -> None:
    await comes_to_the_address(maria)
    person = ""
    for typed in ("maria", "maria@", "maria at mail", "maria@mail"):
        await maria.says(typed)
        maria.hears(f"{NO_ADDRESS}{person}")
        assert maria.all_buttons == AT_ADDRESS_LABELS
        person = A_PERSON
    await maria.says("märia@mail.example")
    maria.hears(
        "I can only use addresses with plain letters (a to z), digits and signs before the @. Do"
        f" you have another one?\n\n{ADDRESS}{A_PERSON}"
    )
    await maria.says("maria@mail.example or ana@mail.example")
    maria.hears(
        "I see more than one email address. Please type only the one to use."
        f"\n\n{ADDRESS}{A_PERSON}"
    )
    await maria.says("maria@gmаil.com")
    maria.hears(
        "That address mixes letters from different alphabets. Please type it again."
        f"\n\n{ADDRESS}{A_PERSON}"
    )


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        (f"maria@{GMIAL}", "gmail.com"),
        (f"maria@{HOTMIAL}", "hotmail.com"),
        (f"maria@{YAHO}", "yahoo.com"),
        (f"maria@{GMAIL_CO}", "gmail.com"),
    ],
)
async def test_a_typo_in_the_address(stage: Stage, maria: Chat, typed: str, domain: str) -> None:
    await comes_to_the_address(maria)
    await maria.says(typed)
    maria.hears(f"Did you mean maria@{domain}?")
    assert maria.buttons == [["Yes", "No, keep mine"], WAYS_OUT]
    await maria.presses("Back")
    maria.hears(f"✎ {PORTUGAL}")
    await maria.says(typed)
    await maria.presses("Yes")
    maria.hears(f"✎ Your email address: maria@{domain}", code_asked(f"maria@{domain}"))
    await maria.types_the_code()
    maria.hears("This is your letter.…")


async def test_another_address_instead_of_yes(stage: Stage, maria: Chat) -> None:
    await comes_to_the_address(maria)
    await maria.says(f"maria@{GMIAL}")
    await maria.says("maria@mail.example")
    maria.hears(CODE)


async def test_a_domain_that_accepts_no_mail(stage: Stage, maria: Chat) -> None:
    await comes_to_the_address(maria)
    await maria.says("maria@nowhere.example")
    maria.hears(f"nowhere.example doesn’t accept email. Is it spelled correctly?\n\n{ADDRESS}")
    await maria.says("maria@unsure.example")
    maria.hears(code_asked("maria@unsure.example"))


async def test_pasted_forms_of_the_address(stage: Stage, maria: Chat) -> None:
    await comes_to_the_address(maria)
    await maria.says(" <maria@MAIL.example>. ")
    maria.hears(CODE)
    await maria.presses("No code yet?", "Use another address")
    maria.hears(f"✎ {PORTUGAL}")
    assert maria.all_buttons == ["Use “maria@mail.example”", *AT_ADDRESS_LABELS]
    await maria.presses("Use “maria@mail.example”")
    maria.hears("✎ Your email address: maria@mail.example", CODE)
    await stage.send_mail()
    assert len(stage.mails_to("maria@mail.example")) == 1


async def test_cancel_at_every_question(stage: Stage, maria: Chat) -> None:
    for answers in (
        [],
        ["Maria"],
        ["Maria", "Portugal"],
        ["Maria", "Congo"],
        ["Maria", "Portugal", f"m@{GMIAL}"],
        ["Maria", "Portugal", "m@mail.example"],
    ):
        await comes_to_the_name(maria)
        await maria.says(*answers)
        await maria.presses("Cancel")
        maria.hears(f"✎ {CANCELLED}")
        assert set(maria.all_buttons) == {"Remind me later"}
    assert await read_table(stage, outbox) == []
    assert await read_table(stage, codes) == []
