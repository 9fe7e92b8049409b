"""What people really type: names of many peoples, pasted addresses, links, words for buttons."""

import pytest

from tests.chat import Chat
from tests.domains import GMIAL
from tests.stage import NoDns, Stage
from tests.stories.journey.steps import comes_to_the_address, comes_to_the_name
from tests.stories.lines import (
    A_PERSON,
    ADDRESS,
    AT_ADDRESS_LABELS,
    CANCELLED,
    CODE,
    COUNTRY,
    NAME,
    PORTUGAL,
    TARGET,
    WAYS_OUT,
    WELCOME,
    code_asked,
)

GMAIL = "gmail.com"
NOT_A_NAME = "A name can’t contain a link or an email address."
NO_NAME = "I didn’t see a name there."
NO_SKIP = "Your letter needs this, so I can’t skip it."
ADD = (
    "What would you like to add? One or two sentences, up to 500 characters, no links. They"
    " become part of the letter.\n\nPlease don’t mention other people, or anything that shows who"
    " they are."
)
LINK = (
    "Please leave out links and addresses: they can make a letter look like spam. This looks like"
    " one: "
)


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("བསྟན་འཛིན་རྒྱ་མཚོ", "བསྟན་འཛིན་རྒྱ་མཚོ"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("丹增．嘉措", "丹增．嘉措"),
        ("ג׳ורג׳ כהן", "ג׳ורג׳ כהן"),
        ("Anne–Marie", "Anne–Marie"),
        ("O´Brien", "O’Brien"),
        ("Winston King, Jr.", "Winston King, Jr."),
        ('רש"י כהן', 'רש"י כהן'),
    ],
)
async def test_a_name_survives_into_the_letter_and_its_headers(
    stage: Stage, maria: Chat, typed: str, name: str
) -> None:
    await comes_to_the_name(maria)
    await maria.says(typed)
    maria.hears(COUNTRY if typed == name else f"Your name: {name}\n\n{COUNTRY}")
    await maria.says("Portugal", "maria@mail.example")
    await maria.types_the_code()
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    (sender,) = letter.message["From"].addresses
    (reply,) = letter.message["Reply-To"].addresses
    # Python 3.11 puts a space between encoded words; `test_message` reads them without.
    shown = [each.display_name.replace(" ", "") for each in (sender, reply)]
    assert shown == [name.replace(" ", "")] * 2
    assert reply.addr_spec == "maria@mail.example"
    # A name from right to left is isolated from the text around (U+2068, U+2069).
    signed = f"\u2068{name}\u2069" if name.endswith("כהן") else name
    assert f"\n{signed}\n" in letter.text


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("My name is Maria Silva.", "Maria Silva"),
        ("I’m Maria", "Maria"),
        ("“Maria Silva”", "Maria Silva"),
        ("我叫陳大文", "陳大文"),
    ],
)
async def test_the_name_that_was_read_is_shown(
    stage: Stage, maria: Chat, typed: str, name: str
) -> None:
    await comes_to_the_name(maria)
    await maria.says(typed)
    maria.hears(f"Your name: {name}\n\n{COUNTRY}")
    await maria.presses("Back")
    assert maria.all_buttons == [f"Use “{name}”", *WAYS_OUT]


async def test_what_is_no_name_is_asked_again(stage: Stage, maria: Chat) -> None:
    await comes_to_the_name(maria)
    person = ""
    for typed, problem in (
        ("RomansInSussex.co.uk", NOT_A_NAME),
        ("t.me/maria", NOT_A_NAME),
        ("Hello!", NO_NAME),
        ("no", NO_NAME),
        ("...", NO_NAME),
        ("skip", NO_SKIP),
    ):
        await maria.says(typed)
        maria.hears(f"{problem}\n\n{NAME}{person}")
        person = A_PERSON


async def test_yes_takes_the_proposed_name(stage: Stage, maria: Chat) -> None:
    await comes_to_the_name(maria)
    await maria.says("Yes")
    maria.hears("✎ Your name: Maria Silva", COUNTRY)
    nameless = stage.person("🌸")
    await comes_to_the_name(nameless)
    await nameless.says("Yes")
    nameless.hears(f"{NO_NAME}\n\n{NAME}")


@pytest.mark.parametrize("name", ["Dale", "Jo", "Claro", "Salta"])
async def test_a_word_of_another_language_is_a_name(stage: Stage, maria: Chat, name: str) -> None:
    await comes_to_the_name(maria)
    await maria.says(name)
    maria.hears(COUNTRY)
    await maria.presses("Back")
    assert maria.all_buttons == [f"Use “{name}”", *WAYS_OUT]


async def test_a_yes_of_the_chats_own_language_takes_the_proposed_name(stage: Stage) -> None:
    stage.opens("hong-kong")
    lucia = stage.person("Lucía", "Silva", language="es")
    await lucia.starts("hong-kong")
    await lucia.presses("Escribir la carta", "Continuar")
    await lucia.says("Dale")
    assert lucia.heard()[0] == "✎ Tu nombre: Lucía Silva"


async def test_a_city_that_is_a_word_of_another_language_is_no_skip(
    stage: Stage, maria: Chat
) -> None:
    await comes_to_the_name(maria)
    await maria.says("Maria Silva", "Salta")
    maria.hears(COUNTRY, f"I don’t know that country. Try spelling it another way.\n\n{COUNTRY}")


async def test_a_decorated_telegram_name_is_proposed_without_its_decoration(stage: Stage) -> None:
    stage.opens("hong-kong")
    maria = stage.person("“𝓜𝓪𝓻𝓲𝓪”")
    await comes_to_the_name(maria)
    assert maria.all_buttons == ["Use “Maria”", *WAYS_OUT]
    await maria.presses("Use “Maria”")
    maria.hears("✎ Your name: Maria", COUNTRY)


# --- buttons that are typed -----------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["Cancel", "cancel.", "取消", "Never mind"])
async def test_cancel_is_typed_at_each_question(stage: Stage, maria: Chat, typed: str) -> None:
    await comes_to_the_name(maria)
    await maria.says(typed)
    maria.hears(CANCELLED)
    for answers in (
        ["Maria"],
        ["Maria", "Portugal"],
        ["Maria", "Portugal", f"maria@{GMIAL}"],
        ["Maria", "Portugal", "maria@mail.example"],
    ):
        await comes_to_the_name(maria)
        await maria.says(*answers)
        await maria.says(typed)
        assert maria.heard()[-1] == CANCELLED


@pytest.mark.parametrize("typed", ["Back", "go back", "返回"])
async def test_back_is_typed_at_each_question(stage: Stage, maria: Chat, typed: str) -> None:
    await comes_to_the_address(maria)
    await maria.says("maria@mail.example")
    maria.hears(CODE)
    await maria.says(typed)
    maria.hears(PORTUGAL)
    await maria.says(typed)
    maria.hears(COUNTRY)
    await maria.says(typed)
    maria.hears(NAME)
    await maria.says(typed)
    maria.hears("Please read this first.\n\nDon’t sign this letter if…")
    await maria.says(typed)
    maria.hears(WELCOME)


async def test_labels_are_typed(stage: Stage, maria: Chat) -> None:
    await comes_to_the_name(maria)
    await maria.says("use “maria silva”")
    maria.hears("✎ Your name: Maria Silva", COUNTRY)
    await maria.says("Portugal", "maria@mail.example")
    maria.hears(PORTUGAL, CODE)
    await maria.says("No code yet?")
    assert maria.heard()[-1].startswith("The email can take a minute.")
    await maria.says("Send a new code")
    assert maria.heard()[-1].startswith("You can ask for another code in ")
    await maria.says("Use another address")
    maria.hears(PORTUGAL)
    assert maria.all_buttons == ["Use “maria@mail.example”", *AT_ADDRESS_LABELS]
    await maria.says("yes")
    assert maria.heard()[-1] == CODE


async def test_send_is_only_pressed(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.says("Send in my name")
    (said,) = maria.heard()
    assert said.startswith("Your letter is above.")
    await stage.later(seconds=40)
    assert stage.mails_to(TARGET) == []


async def test_words_for_buttons_are_no_words_of_a_letter(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    for typed in ("No", "skip", "Back", "返回", "沒有"):
        await maria.presses("Change…", "Add my own words")
        await maria.says(typed)
        assert maria.heard()[-1].startswith("This is your letter.")
    await maria.presses("Change…", "Add my own words")
    maria.hears(ADD)
    await maria.says("Yes")
    maria.hears(f"I didn’t see any words there.\n\n{ADD}")


# --- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "maria＠mail.example",
        "maria@mail.example。",
        "maria@mail.example,",
        "\u200emaria@mail.example",
        "email: maria@mail.example",
        "Maria <maria@mail.example>",
        "MAILTO:maria@mail.example",
        "My email is maria@MAIL.example.",
    ],
)
async def test_a_pasted_address_is_taken(stage: Stage, maria: Chat, typed: str) -> None:
    await comes_to_the_address(maria)
    await maria.says(typed)
    maria.hears(CODE)


async def test_an_address_in_japanese_is_taken_and_shown(stage: Stage, maria: Chat) -> None:
    await comes_to_the_address(maria)
    await maria.says("ana@お名前.example")
    maria.hears(code_asked("ana@お名前.example"))
    await stage.send_mail()
    assert len(stage.mails_to("ana@xn--t8jx73hngb.example")) == 1
    await maria.presses("Back")
    assert maria.all_buttons == ["Use “ana@お名前.example”", *AT_ADDRESS_LABELS]


@pytest.mark.parametrize(
    ("typed", "guessed"),
    [
        (f"maria @{GMAIL}", GMAIL),
        ("maria@gmail,com", GMAIL),
        (f"maria{GMAIL}", GMAIL),
        ("maria at mail dot example", "mail.example"),
        ("我的電郵是maria@mail.example", "mail.example"),
        ("Silva maria@mail.example", "mail.example"),
    ],
)
async def test_a_guess_is_offered(stage: Stage, maria: Chat, typed: str, guessed: str) -> None:
    await comes_to_the_address(maria)
    await maria.says(typed)
    maria.hears(f"Did you mean maria@{guessed}?")
    assert maria.buttons == [["Yes", "Use another address"], WAYS_OUT]
    await maria.presses("Use another address")
    maria.hears(PORTUGAL)
    await maria.says(typed, "no")
    maria.hears(f"Did you mean maria@{guessed}?", PORTUGAL)
    await maria.says(typed, "yes")
    maria.hears(
        f"Did you mean maria@{guessed}?",
        f"✎ Your email address: maria@{guessed}",
        code_asked(f"maria@{guessed}"),
    )


@pytest.mark.parametrize("domain", ["gmail.com.com", "gmail.con", "gmail.co", "gmail.comm"])
async def test_a_doubtful_domain_is_asked_about(stage: Stage, maria: Chat, domain: str) -> None:
    await comes_to_the_address(maria)
    await maria.says(f"maria@{domain}")
    maria.hears(f"Did you mean maria@{GMAIL}?")
    await maria.presses("No, keep mine")
    maria.hears(f"✎ Your email address: maria@{domain}", code_asked(f"maria@{domain}"))


async def test_a_domain_without_mail_is_shown_in_its_letters(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def takes_mail(_: NoDns, domain: str) -> bool:
        return domain != "xn--bcher-kva.example"

    monkeypatch.setattr(NoDns, "takes_mail", takes_mail)
    await comes_to_the_address(maria)
    await maria.says("maria@bücher.example")
    maria.hears(f"bücher.example doesn’t accept email. Is it spelled correctly?\n\n{ADDRESS}")


async def test_mydata_shows_an_address_that_is_only_guessed(stage: Stage, maria: Chat) -> None:
    await comes_to_the_address(maria)
    await maria.says("maria at bücher dot example", "/mydata")
    assert "Maria Silva, Portugal, maria@bücher.example (kept for" in maria.heard()[-1]


async def test_an_encoded_word_is_no_address(stage: Stage, maria: Chat) -> None:
    await comes_to_the_address(maria)
    await maria.says("=?utf-8?q?=40evil.com=00?=@mail.example")
    assert maria.heard()[-1].startswith("That doesn’t look like an email address yet.")


# --- links in own words -------------------------------------------------------------------------


async def test_links_in_own_words(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Change…", "Add my own words")
    maria.hears(ADD)
    person = ""
    for typed, link in (
        ("See bit.ly/3xYz now", "bit.ly/3xYz"),
        ("Write to me＠river．example", "me@river.example"),
        ("Look at 例え.jp", "例え.jp"),
        ("bit\u200b.ly", "bit.ly"),
    ):
        await maria.says(typed)
        maria.hears(f"{LINK}{link}\n\n{ADD}{person}")
        person = A_PERSON
    await maria.says("I love it.Me too")
    (shown,) = maria.heard()
    assert "\n\nI love it.Me too\n\n" in shown
