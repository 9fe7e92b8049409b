import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.text.typed.names import NameProblem, is_as_typed, read_name
from tests.conversations.text.names import names_by_tradition
from tests.cpu_time import at_most

NAMES = names_by_tradition()


def test_there_are_twenty_names_from_each_of_forty_traditions() -> None:
    assert len(NAMES) >= 40
    assert min(len(set(names)) for names in NAMES.values()) >= 20


@pytest.mark.parametrize("tradition", NAMES)
def test_names_of_every_tradition_are_accepted(tradition: str) -> None:
    read = [(typed, read_name(typed)) for typed, _ in NAMES[tradition]]
    assert read == NAMES[tradition]


def test_names_in_decomposed_letters_are_composed() -> None:
    assert read_name(unicodedata.normalize("NFD", "Nguyễn Thị Ánh")) == "Nguyễn Thị Ánh"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("  Maria \n  Silva ", "Maria Silva"),
        ("Maria\u00a0Silva", "Maria Silva"),
        ("Ｍａｒｉａ\u3000Ｓｉｌｖａ", "Maria Silva"),
        ("𝓜𝓪𝓻𝓲𝓪", "Maria"),
        ("O´Brien", "O’Brien"),
        ("O`Brien", "O’Brien"),
        ("O＇Brien", "O'Brien"),
        ("Anne−Marie", "Anne-Marie"),
        ("マリー=アンヌ", "マリー＝アンヌ"),
        ("মো: রহিম", "মোঃ রহিম"),
        ("Maria Silva.", "Maria Silva"),
        ("Maria Silva!!", "Maria Silva"),
        ("Maria Silva,", "Maria Silva"),
        ("陳大文。", "陳大文"),
        ("राम शर्मा।", "राम शर्मा"),
        ("“Maria Silva”", "Maria Silva"),
        ("'Maria'", "Maria"),
        ("「陳大文」", "陳大文"),
        ("(Maria)", "Maria"),
        ("**Maria Silva**", "Maria Silva"),
        ("- Maria", "Maria"),
        ("-Maria", "Maria"),
        ("`Maria`", "Maria"),
        ("Silva,Maria", "Silva, Maria"),
        ("Silva , Maria", "Silva, Maria"),
        ("\u2068Maria Silva\u2069", "Maria Silva"),
        ("\u200eMaria\ufeff", "Maria"),
        ("علی\u200c رضا", "علی رضا"),
        ("Maria\u200c", "Maria"),
        ("My name is Maria", "Maria"),
        ("Hello, my name is Maria Silva.", "Maria Silva"),
        ("I'm Maria", "Maria"),
        ("I’m Maria", "Maria"),
        ("i am maria silva", "maria silva"),
        ("Name: Maria", "Maria"),
        ("Full name:Maria Silva", "Maria Silva"),
        ("我叫陳大文", "陳大文"),
        ("我的名字是：陳大文", "陳大文"),
        ("你好，我係陳大文。", "陳大文"),
        ("姓名：陳大文", "陳大文"),
        ("我叫 Maria", "Maria"),
        ("私は田中花子です", "田中花子"),
        ("저는 김민수라고 합니다", "김민수"),
        ("मेरा नाम हैदर है", "हैदर"),
        ("اسم من علی هستم", "علی"),
        ("tôi tên Lành", "Lành"),
        ("мене звати Яна", "Яна"),
    ],
)
def test_a_name_is_taken_out_of_what_surrounds_it(typed: str, name: str) -> None:
    assert read_name(typed) == name
    assert read_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "د/ سلمى حسن",
        "Im Yoon-ah",
        "Iamze",
        "Namey Silva",
        "Maria Jr.",
        "M.",
        "பாரதி மு.",
        "Ph.D.",
        "Sant'",
        "d’",
    ],
)
def test_names_that_look_like_more_stay_as_they_are(name: str) -> None:
    assert read_name(name) == name


SIGNS = [
    "12345",
    "٣٤٥",
    "R2D2",
    "10.0.0.1",
    "Maria2",
    "Maria <b>",
    "Maria>",
    "Maria:Silva",
    "Ma\\ria",
    "Maria_Silva",
    "Maria & João",
    "Maria;Silva",
    "Maria 🌸",
    "🌸",
    "Maria❤️",
    "👩‍👩‍👧",
    "🇵🇹",
    "Maria\u202eavliS",
    "Maria\u202davliS",
    "Maria\u200bSilva",
    "Ma\u00adria",
    "Ma\u2066ria",
    "Maria\x00",
    "Ma\x07ria",
    "Maria\ue000",
    "Maria\U000f0000",
    "M\ufdd0aria",
    "\u3164\u3164",
    "Ma\u034fria",
    "Z̸a̸l̸g̸o̸",
    "M̷̛̝a̵͚r̶̢i̷͝a",
    "Ma" + "\u0301" * 8 + "ria",
    "س" + "\u064b\u064c\u064d\u064e\u064f" + "م",
    "\u0301Maria",
    "Ⓜaria⃝",
    "Maria...Silva",
    "M-'-'-'-a",
    "=?utf-8?q?Maria?=",
    "Maria = Silva",
    "Maria/Silva",
    "Lim @ Tan",
    'Maria "Mia" Silva',
]


@pytest.mark.parametrize("typed", SIGNS)
def test_signs_that_no_name_has_are_refused(typed: str) -> None:
    assert read_name(typed) == NameProblem.SIGNS


@pytest.mark.parametrize(
    "typed",
    [
        "RomansInSussex.co.uk",
        "buy at www.shop.example",
        "www.x",
        "maria@mail.example",
        "maria＠mail.example",
        "@maria_silva",
        "https://x",
        "tg://resolve?domain=maria",
        "t.me/maria",
        "bit.ly",
        "例え.jp",
        "xn--r8jz45g.jp",
        "bit\u200d.ly",
        "ｂｉｔ．ｌｙ",
    ],
)
def test_links_are_no_names(typed: str) -> None:
    assert read_name(typed) == NameProblem.LINK


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "\u200e",
        "...",
        "-",
        "!?",
        "“”",
        "Hello",
        "hi!",
        "Thank you",
        "你好",
        "my name",
        "/",
    ],
)
def test_what_holds_no_name_is_refused(typed: str) -> None:
    assert isinstance(read_name(typed), NameProblem)


def test_a_long_name_is_refused() -> None:
    assert read_name("a" * 100) == "a" * 100
    assert read_name("a" * 101) == NameProblem.TOO_LONG
    assert read_name("𠮷" * 51) == NameProblem.TOO_LONG


def test_only_spaces_do_not_count_as_a_change() -> None:
    assert is_as_typed("Maria Silva", " Maria  Silva\n")
    assert not is_as_typed("Maria", "Maria.")


@pytest.mark.parametrize("part", ["-. ", "“", "('", "hi ", "'", "a", "\u0301", "my name is ", "7a"])
def test_no_text_takes_long(part: str) -> None:
    read_name("Maria")  # compiles the patterns
    with at_most(10_000_000):
        read_name((part * 4096)[:4096])
        read_name((part * 400)[:400])


@given(st.text(max_size=150))
def test_no_name_has_signs_that_headers_or_links_are_made_of(text: str) -> None:
    name = read_name(text)
    if isinstance(name, NameProblem):
        return
    assert read_name(name) == name
    assert not set(name) & set("@<>:;\\=?()[]\r\n\t\u202e")
    assert not any(unicodedata.category(sign) in ("Cc", "Co", "Cs", "So") for sign in name)
