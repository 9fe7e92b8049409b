import re
import string
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from conversations.text import languages
from conversations.text.catalogues import LOCALES, PARTS, entries, key, read
from conversations.text.formats import join
from conversations.text.html import (
    Html,
    isolate,
    length,
    plain,
)
from conversations.text.languages import index, match, offered, own_name
from conversations.text.word_lists import fold, is_word_of
from conversations.text.wording import Wording, raw

ENGLISH, CHINESE = Wording("en"), Wording("zh-Hant")


def test_values_are_escaped_unless_they_are_html() -> None:
    assert ENGLISH.say("country.check", country="<b>") == "<b>&lt;b&gt;?</b>"
    answers = ENGLISH.say("answers.supporter")
    step = ENGLISH.say("step.number", step=3, steps=4)
    assert ENGLISH.say("address.ask", step=raw(step), answers=raw(answers)) == (
        "<b>3/4 · What’s your email address?</b> Whoever gets your letter sees the address and can"
        " reply to you."
    )


ONE_RECIPIENT = {
    "ar": "المستلم",
    "de": "Empfänger",
    "en": "recipient",
    "es": "destinatario",
    "fa": "گیرنده",
    "fr": "destinataire",
    "hi": "प्राप्तकर्ता",
    "it": "destinatario",
    "pl": "adresat",
    "pt": "destinatário",
    "ru": "получател",
    "tr": "alıcı",
    "uk": "одержувач",
}
"""The word for one recipient, in the languages that have another one for several."""

BEFORE_THE_SUPPORTER_KNOWS = (
    *(f"answers.{each}" for each in ("supporter", "organisation", "organisation_shown", "none")),
    *(f"answers.whole.{each}" for each in ("supporter", "organisation", "none")),
    "answers.whole.organisation_shown",
    *("discreet.ask", "review.hidden", "targets.exempt"),
)


@pytest.mark.parametrize("language", ONE_RECIPIENT)
def test_letters_may_go_to_one_recipient_or_to_several(language: str) -> None:
    catalogue = read(LOCALES / language / "supporters.po")
    texts = {key(each): str(each.string).lower() for each in catalogue if each.id}
    word = ONE_RECIPIENT[language].lower()
    assert [each for each in BEFORE_THE_SUPPORTER_KNOWS if word in texts[each]] == []


def test_a_value_is_never_a_template() -> None:
    assert ENGLISH.label("button.use", name="{0.__class__}") == "Use “{0.__class__}”"


def test_plurals_and_digits_follow_the_language() -> None:
    assert ENGLISH.say("code.wrong", count=1) == "That’s not the code. You have one more try."
    assert ENGLISH.say("code.wrong", count=4) == "That’s not the code. You have 4 more tries."
    assert CHINESE.say("code.wrong", count=1) == "驗證碼不對，還可以試 1 次。"
    assert ENGLISH.number(12431) == "12,431"
    assert Wording("pt").number(12431) == "12.431"


def test_dates_follow_the_language() -> None:
    assert ENGLISH.day(date(2019, 9, 30)) == "September 30, 2019"
    assert CHINESE.day(date(2019, 9, 30)) == "2019年9月30日"


TWO_PAST_TWO = datetime(2019, 6, 21, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize("tag", index().languages)
def test_numbers_and_dates_are_those_of_cldr(tag: str) -> None:
    formats, locale = index().languages[tag].formats, Locale.parse(tag, sep="-")
    for number in (0, 9, 10, 99, 100, 999, 1000, 12_345, 123_456, 1_234_567, 9_876_543_210):
        assert formats.number(number) == format_decimal(number, locale=locale)
    for day in (date(2026, 1, 1) + timedelta(days) for days in range(0, 800, 3)):
        assert formats.day(day) == format_date(day, "long", locale)
    for items in ([], ["A"], ["A", "B"], ["A", "B", "C"], [*"ABCDE"]):
        assert join(items, formats.either) == format_list(items, "or", locale)
        assert join(items, formats.all_of) == format_list(items, "standard", locale)


def test_a_reader_sees_times_in_their_own_zone_and_plain_texts_have_utc() -> None:
    tag = '<tg-time unix="1561125720" format="t">14:02 UTC</tg-time>'
    assert ENGLISH.clock(TWO_PAST_TWO) == CHINESE.clock(TWO_PAST_TWO) == tag
    assert ENGLISH.say("overview.until", at=ENGLISH.clock(TWO_PAST_TWO)) == (
        f"The last one is due {tag}."
    )
    assert ENGLISH.label("overview.until", at=ENGLISH.clock(TWO_PAST_TWO)) == (
        "The last one is due 14:02 UTC."
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "June 21, 2019, 14:02 UTC"),
        ("zh-Hant", "2019年6月21日 14:02 UTC"),
        ("ar", "21 يونيو 2019، \u206814:02 UTC\u2069"),
    ],
)
def test_a_day_with_a_time_follows_the_language(language: str, text: str) -> None:
    tag = f'<tg-time unix="1561125720" format="Dt">{text}</tg-time>'
    assert Wording(language).moment(TWO_PAST_TWO) == tag


def test_no_text_names_the_zone_of_a_time() -> None:
    """The time brings its zone along: the reader's own, or UTC."""
    for language, part in product(index().languages, PARTS):
        for name, forms in entries(language, part).texts.items():
            assert not [form for form in forms if re.search(r"\{at\}\W{0,3}UTC", form)], name


@pytest.mark.parametrize("language", ["ar", "fa", "en"])
def test_a_web_address_in_a_link_stays_as_it_is(language: str) -> None:
    privacy, official = "https://letters.example/privacy", "https://letters.example/محمد"
    links = Wording(language).say("welcome.links", privacy=privacy, official=official)
    assert f'<a href="{privacy}">' in links
    assert f'<a href="{official}">' in links


def test_a_name_in_the_other_direction_is_isolated() -> None:
    assert isolate("محمد") in ENGLISH.say("country.check", country="محمد")
    assert ENGLISH.say("country.check", country="小芳") == "<b>小芳?</b>"


def test_missing_texts_are_english() -> None:
    assert Wording("nl").say("button.back") == "Back"
    with pytest.raises(KeyError):
        ENGLISH.say("no.such.key")


def test_translators_can_see_the_keys() -> None:
    assert Wording("en", show_keys=True).label("button.back") == "⟦button.back⟧ Back"


@pytest.mark.parametrize("sign", ["'", "’", "‘", "ʼ", "`", "´"])
def test_any_apostrophe_is_understood(sign: str) -> None:
    assert is_word_of("words.cancel", f"I{sign}ve changed my mind", "en")
    assert fold(f"c{sign}est") == "c'est"


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("words.yes", "That’s right!"),
        ("words.yes", "tak, prosze"),
        ("words.yes", "dong y"),
        ("words.no", "nein, das stimmt nicht"),
        ("words.no", "bu degil"),
        ("words.stop", "artik yazma"),
        ("words.stop", "送らないでください"),
        ("words.back", "pergunta anterior"),
        ("words.back", "返回上一步"),
        ("words.cancel", "j’ai changé d’avis"),
        ("words.cancel", "편지 취소"),
        ("words.who", "Help me"),
        ("words.who", "con quien hablo?"),
        ("words.who", "आप कौन?"),
    ],
)
def test_what_people_type_in_chats_is_understood(key: str, typed: str) -> None:
    assert is_word_of(key, typed, "en")


def test_no_word_is_listed_twice_in_a_language() -> None:
    for name, lists in index().words.items():
        for tag, words in lists:
            typed = words.split("|")
            assert len(typed) == len(set(map(fold, typed))), (name, tag)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("en-GB", "en"),
        ("pt-BR", "pt"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-hans", "zh-Hans"),
        ("zh-Hant-HK", "zh-Hant"),
        ("zh", "zh-Hans"),
    ],
)
def test_the_nearest_language_is_used(wanted: str, found: str) -> None:
    assert match(wanted, offered()) == found
    assert match("nl", offered()) is None


def test_readers_of_one_chinese_script_get_the_other_rather_than_none() -> None:
    assert match("zh-hans", ("en", "zh-Hant")) == "zh-Hant"


def test_the_complete_languages_are_offered_by_their_own_names() -> None:
    assert len(offered()) == 20
    assert [own_name(tag) for tag in ("en", "de", "zh-Hant")] == [
        "English",
        "Deutsch",
        "中文 (繁體)",
    ]


@pytest.mark.parametrize(
    "file", sorted(LOCALES.glob("*/*.po")), ids=lambda file: str(file.relative_to(LOCALES))
)
def test_every_key_has_a_comment_and_the_placeholders_of_english(file: Path) -> None:
    original = read(LOCALES / "en" / file.name)
    english = {key(message): message for message in original if message.id}
    for message in read(file):
        if message.id:
            assert message.auto_comments, message.id
            assert _fields(message.string) == _fields(english[key(message)].string), message.id


def test_the_index_is_up_to_date() -> None:
    assert languages.INDEX.read_text("utf-8") == languages.page()


def test_lengths_are_counted_as_telegram_counts_them() -> None:
    assert length(Html("<b>a&amp;b</b>")) == 3
    assert length(Html("😀")) == 2
    assert plain(Html("<a href='x'>a &lt; b</a>")) == "a < b"


def _fields(said: str | tuple[str, ...] | list[str] | None) -> set[str]:
    forms = [said or ""] if said is None or isinstance(said, str) else said
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name}
