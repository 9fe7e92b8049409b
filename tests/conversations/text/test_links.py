import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.text.links import find_link
from tests.cpu_time import at_most


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("See bit.ly/3xYz now", "bit.ly/3xYz"),
        ("RomansInSussex.co.uk", "RomansInSussex.co.uk"),
        ("look: https://river.example/a?b=c", "https://river.example/a?b=c"),
        ("hxxp://river.example", "hxxp://river.example"),
        ("http:river.example", "http:river.example"),
        ("www.river.example", "www.river.example"),
        ("www.x", "www.x"),
        ("WWW.River.example", "WWW.River.example"),
        ("t.me/river", "t.me/river"),
        ("T.me", "T.me"),
        ("tg://resolve?domain=river", "tg://resolve?domain=river"),
        ("tg:resolve", "tg:resolve"),
        ("mailto:someone", "mailto:someone"),
        ("write to @someone", "@someone"),
        ("write to me@river.example", "me@river.example"),
        ("write to me＠river．example", "me@river.example"),
        ("at 192.168.0.1 now", "192.168.0.1"),
        ("1.1.1.1.", "1.1.1.1"),
        ("xn--r8jz45g.jp", "xn--r8jz45g.jp"),
        ("例え.jp", "例え.jp"),
        ("例え.みんな", "例え.みんな"),
        ("сайт.рф", "сайт.рф"),
        ("भारत.भारत", "भारत.भारत"),
        ("看example.com吧", "看example.com"),
        ("请看bit.ly/3x", "请看bit.ly/3x"),
        ("bit\u200b.ly", "bit.ly"),
        ("b\u00adit.l\u200dy", "bit.ly"),
        ("bit．ly", "bit.ly"),
        ("bit․ly", "bit.ly"),
        ("example。com", "example.com"),
        ("(example.com)", "example.com"),
        ("“example.com”", "example.com"),
        ("<a href=example.com>", "example.com"),
        ("see example.com, please", "example.com"),
        ("example.com.", "example.com"),
        ("so example.com...", "example.com"),
        ("bit.ly—see", "bit.ly"),
        ("Example.Com", "Example.Com"),
        ("EXAMPLE.COM", "EXAMPLE.COM"),
        ("Mail.Ru", "Mail.Ru"),
        ("Bit.Ly", "Bit.Ly"),
        ("X.Com", "X.Com"),
        ("example.com:8080", "example.com:8080"),
        ("example.com/", "example.com/"),
        ("FB.ME/x", "FB.ME/x"),
        ("It.Me/x", "It.Me/x"),
        ("about.me", "about.me"),
        ("youtu.be", "youtu.be"),
        ("hello.world", "hello.world"),
        ("letter.zip", "letter.zip"),
        ("163.com", "163.com"),
        ("friends-river.org.uk", "friends-river.org.uk"),
        ("my_site.example.com", "my_site.example.com"),
    ],
)
def test_links_are_found(text: str, link: str) -> None:
    assert find_link(text) == link


@pytest.mark.parametrize(
    "text",
    [
        "I love it.Me too",
        "etc.And",
        "No.We",
        "Yes.It was",
        "today.We met",
        "the end.World peace",
        "He left.In 2019 he came back",
        "2019.In May",
        "it's over.So what",
        "I LOVE IT.ME TOO",
        "10.am",
        "trees etc.in",
        "e.g. this",
        "i.e.me",
        "a.m.to",
        "Ph.D.in law",
        "the U.S. is",
        "U.S.A.",
        "St.John",
        "J.Li",
        "J.R.R.Tolkien",
        "Dr.Ng",
        "3.5.",
        "1.2.3",
        "v1.2.3.4.5",
        "12.30-14.00",
        "so...me",
        "well…in",
        "bon.intéressant",
        "люблю.Дети",
        "我到了。香港",
        "and/or",
        "the meeting @ 5pm @",
        "note: tel: later",
        "file.unknownsuffix",
        "river.example",
        ".com",
        "com",
        "dot.",
        "#freedom",
        "",
    ],
)
def test_other_texts_have_no_link(text: str) -> None:
    assert find_link(text) == ""


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    find_link(text)


@pytest.mark.parametrize(
    "part", ["a.", "a@", "a", "a:", "1.", "@", "www.", "a-", "。", "a.me/", "://"]
)
def test_no_text_takes_long(part: str) -> None:
    find_link("example.com")  # reads the list of suffixes
    text = (part * 3000)[:3000]
    with at_most(20_000_000):
        find_link(text)
