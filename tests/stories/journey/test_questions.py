"""The questions for name and email address, and a typed yes or no: what is accepted and refused."""

import pytest

from storage.schema.tables import codes, outbox
from tests.chat import Chat
from tests.domains import GMAIL, GMAIL_CO, GMIAL, HOTMIAL, YAHO
from tests.stage import NoDns, Stage
from tests.stories.journey.steps import (
    comes_to_the_address,
    comes_to_the_country,
    comes_to_the_name,
)
from tests.stories.lines import (
    A_PERSON,
    ADDRESS,
    AT_ADDRESS_LABELS,
    CANCELLED,
    CODE,
    COUNTRY,
    NAME,
    NO_ADDRESS,
    PORTUGAL,
    WAYS_OUT,
    code_asked,
)
from tests.stories.records import read_table

SIGNS = (
    "A name has letters, spaces, and the signs that belong in names, such as hyphens and"
    " apostrophes. Please leave out digits, emoji and other symbols."
)


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
