"""Assembled mail, read as it goes on the wire."""

import asyncio
import unicodedata
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header
from email.message import EmailMessage
from email.policy import compat32, default
from email.utils import parseaddr, parsedate_to_datetime

import pytest
from dns.rdatatype import RdataType
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.authentication.domains import DnsAnswer, DomainResolver
from bot.mail.messages.envelopes import AddressPurpose, Envelopes
from bot.mail.messages.message import MessageBuilder
from bot.services.ports import AlertMail, PreparedMail
from conversations.model.campaigns.campaign import Identity
from conversations.model.letters.identity import SenderDecision
from conversations.model.letters.letter import Letter
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery.content import CodeMail, MailKind
from storage.mail.delivery.sending import ClaimedMail
from tests.bot.mail.signatures import SIGNER, holds
from tests.conversations.text.names import names_by_tradition
from tests.storage.people import NOW, after, letter
from tests.vaults import make_vault

MAIL, TOKEN, CODE = "a" * 32, "5" * 32, "c" * 32
ENVELOPES = Envelopes(make_vault(), "send.example")
OWNER = AddressKeys.of(ENVELOPES.vault, "maria@mail.example").mailbox.hex()


class Quiet(DomainResolver):
    """No domain says anything of itself."""

    async def ask(self, name: str, kind: RdataType) -> DnsAnswer:
        return DnsAnswer(exists=True)


POST = MessageBuilder(ENVELOPES, "actions@send.example", Quiet(), ("members.example",))
SIGNING = replace(POST, signer=SIGNER)
CODE_MAIL = CodeMail(
    CODE, "River Friends", "maria@mail.example", "48210937 is your code", "It is 48210937.", "pt"
)
SIGNS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
NAMES = names_by_tradition()
PIECES = [*"aB7é,;:.\\\"'()<>@[]=?_ \r\n\t\0\u2028李م\u202eह\u200c😀", "=?utf-8?q?", "Bcc: "]
CRAFTED = st.lists(st.sampled_from(PIECES), max_size=100).map("".join)
TEXTS = [*"ae=. \t\n-é李😀م", "From ", "\r\n", "x" * 1200, "é" * 99]
HEADERS = [
    "Content-Language",
    "Content-Transfer-Encoding",
    "Content-Type",
    "Date",
    "From",
    "MIME-Version",
    "Message-ID",
    "Subject",
    "To",
]


def claimed(content: Letter | CodeMail, message: bytes | None = None) -> ClaimedMail:
    kind = MailKind.LETTER if isinstance(content, Letter) else MailKind.CODE
    return ClaimedMail(
        mail=MAIL,
        kind=kind,
        campaign="river",
        lease="worker",
        until=after(seconds=60),
        possible_duplicate=False,
        queued=NOW,
        expires=after(days=5),
        message_id=TOKEN,
        content=content,
        message=message,
    )


def sent(
    content: Letter | CodeMail, by: MessageBuilder = POST, before: bytes | None = None
) -> PreparedMail:
    return asyncio.run(by.assemble(claimed(content, before), NOW))


def read(mail: PreparedMail) -> EmailMessage:
    message = message_from_bytes(mail.message, policy=default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def normal(text: str) -> str:
    blank = ("Cc", "Zl", "Zp")
    return " ".join(
        "".join(" " if unicodedata.category(sign) in blank else sign for sign in text).split()
    )


def decoded(value: str) -> str:
    """Read encoded words by the letter of RFC 2047, which Python 3.11 does not inside addresses."""
    pieces = decode_header(value.replace("\r\n", "").strip())
    return "".join(
        piece.decode(charset or "ascii") if isinstance(piece, bytes) else piece
        for piece, charset in pieces
    )


def text(mail: PreparedMail) -> str:
    content = read(mail).get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def lines(mail: PreparedMail) -> list[bytes]:
    return mail.message.split(b"\r\n")


def encoded(mail: PreparedMail) -> list[bytes]:
    return mail.message.partition(b"\r\n\r\n")[2].split(b"\r\n")


def test_a_letter_is_relayed_in_the_name_of_the_supporter() -> None:
    mail = sent(letter())
    token = ENVELOPES.address(AddressPurpose.LETTER, MAIL)
    shown = ENVELOPES.public_id(AddressPurpose.LETTER, MAIL)
    assert token.startswith(f"a-{shown}-")
    assert token.endswith("@send.example")
    assert (mail.sender, mail.recipient) == (token, "minister@gov.example")
    message = read(mail)
    assert {name: str(value).strip() for name, value in message.items()} == {
        "Date": "Fri, 21 Jun 2019 14:02:00 +0000",
        "Message-ID": ENVELOPES.message_id(TOKEN),
        "From": f"Maria Silva <{token}>",
        "To": "Minister <minister@gov.example>",
        "Reply-To": "Maria Silva <maria@mail.example>",
        "Subject": "The river",
        "X-Report-Abuse": f"<mailto:actions@send.example?subject=abuse-{shown}>",
        "Feedback-ID": "river:letter:actionbot",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
        "MIME-Version": "1.0",
        "Content-Language": "en",
    }
    assert text(mail) == "Let it flow.\n"


def test_answers_go_to_whom_the_letter_says() -> None:
    organisation = replace(
        letter(), reply_name="River Friends", reply_address="people@river.example"
    )
    answers = [read(sent(each))["Reply-To"] for each in (letter(), organisation, silent())]
    assert str(answers[0]) == "Maria Silva <maria@mail.example>"
    assert str(answers[1]) == "River Friends <people@river.example>"
    assert answers[2] is None


def test_a_letter_comes_from_its_author_and_is_sent_by_us() -> None:
    mail = sent(replace(letter(), identity="author"))
    token = ENVELOPES.address(AddressPurpose.LETTER, MAIL)
    message = read(mail)
    assert str(message["From"]) == "Maria Silva <maria@mail.example>"
    assert str(message["Sender"]) == token
    assert str(message["Reply-To"]) == "Maria Silva <maria@mail.example>"
    assert mail.sender == token
    assert mail.decided == SenderDecision("author")


def test_an_address_of_ours_needs_no_other_sender() -> None:
    mail = sent(replace(letter("maria@members.example"), identity="own"))
    message = read(mail)
    assert str(message["From"]) == "Maria Silva <maria@members.example>"
    assert message["Sender"] is None
    assert mail.sender == ENVELOPES.address(AddressPurpose.LETTER, MAIL)
    assert mail.decided == SenderDecision("own")


AUTOMATIC = ("Auto-Submitted", "X-Auto-Response-Suppress")


def silent() -> Letter:
    return replace(letter(), reply_name="", reply_address="")


def test_who_gets_no_answers_shows_no_address() -> None:
    mail = sent(silent())
    everything = (mail.sender + mail.recipient).encode() + mail.message
    assert b"maria@" not in everything
    assert b"mail.example" not in everything


def test_the_mail_of_a_code_comes_from_the_organisation() -> None:
    mail = sent(CODE_MAIL)
    answer = ENVELOPES.address(AddressPurpose.OWNER, OWNER)
    assert mail.sender == ENVELOPES.address(AddressPurpose.CODE, CODE)
    assert mail.recipient == "maria@mail.example"
    message = read(mail)
    assert sorted(message.keys()) == sorted([*HEADERS, *AUTOMATIC, "Feedback-ID", "Reply-To"])
    assert str(message["Feedback-ID"]) == "code:actionbot", "in her mailbox, no campaign is named"
    assert str(message["From"]) == "River Friends <actions@send.example>"
    assert str(message["To"]) == "maria@mail.example"
    assert str(message["Reply-To"]) == f"River Friends <{answer}>"
    assert str(message["Subject"]) == "48210937 is your code"
    assert str(message["Auto-Submitted"]) == "auto-generated"
    assert str(message["X-Auto-Response-Suppress"]) == "All"
    assert str(message["Content-Language"]) == "pt"
    assert text(mail) == "It is 48210937.\n"


def test_a_notice_of_ours_comes_from_our_mailbox_and_is_signed() -> None:
    notice = AlertMail("A hand is needed", "Letters wait.", "en")
    mail = asyncio.run(SIGNING.notice("ops@river.example", notice, TOKEN, NOW))
    assert (mail.sender, mail.recipient) == ("actions@send.example", "ops@river.example")
    message = read(mail)
    assert sorted(message.keys()) == sorted([*HEADERS, *AUTOMATIC, "DKIM-Signature"])
    assert str(message["From"]) == "actionbot <actions@send.example>"
    assert str(message["Subject"]) == "A hand is needed"
    assert str(message["Auto-Submitted"]) == "auto-generated"
    assert text(mail) == "Letters wait.\n"
    assert holds(mail.message)


def test_the_answer_to_a_code_stands_for_the_mailbox_and_no_row() -> None:
    spelt = replace(CODE_MAIL, code_id="d" * 32, address="Maria@mail.example")
    one, other = sent(CODE_MAIL), sent(spelt)
    assert one.sender != other.sender
    assert read(one)["Reply-To"] == read(other)["Reply-To"]
    assert OWNER not in str(read(one)["Reply-To"])


@pytest.mark.parametrize("content", [letter(), CODE_MAIL])
def test_what_was_tried_before_goes_out_unchanged(content: Letter | CodeMail) -> None:
    for post in (POST, SIGNING):
        first = sent(content, post)
        again = asyncio.run(post.assemble(claimed(content, first.message), NOW + timedelta(days=1)))
        assert again == replace(first, decided=None)


@given(SIGNS | CRAFTED, SIGNS | CRAFTED, st.lists(st.sampled_from(TEXTS) | SIGNS, max_size=9))
def test_whatever_people_write_its_signature_holds(
    name: str, subject: str, body: list[str]
) -> None:
    written = replace(letter(), sender_name=name, target_name=name, reply_name=name)
    content = replace(written, subject=subject, body="".join(body))
    assert holds(sent(content, SIGNING).message)


def test_letters_and_codes_are_signed_for_the_domain_of_their_from() -> None:
    post = replace(SIGNING, mailbox="actions@river.example")
    for content, domain in ((letter(), "send.example"), (CODE_MAIL, "river.example")):
        message = sent(content, post).message
        plain = sent(content, replace(post, signer=None)).message
        signature, _, rest = message.partition(b"\r\nDate: ")
        assert b"Date: " + rest == plain
        assert f"\td={domain};\r\n".encode() in signature
        assert read(PreparedMail("", "", message))["From"].addresses[0].domain == domain


def test_a_mail_that_lacks_a_signature_is_still_sent_again_as_it_was() -> None:
    first = sent(letter())
    again = sent(letter(), SIGNING, first.message)
    assert again == replace(first, decided=None)


@pytest.mark.parametrize(
    ("identity", "address", "domain"),
    [
        ("relay", "maria@members.example", "send.example"),
        ("author", "maria@mail.example", "send.example"),
        ("own", "maria@mail.example", "send.example"),
        ("own", "maria@members.example", "members.example"),
    ],
)
def test_a_letter_is_signed_for_whom_we_can_vouch(
    identity: Identity, address: str, domain: str
) -> None:
    message = sent(replace(letter(address), identity=identity), SIGNING).message
    assert f"\td={domain};\r\n".encode() in message


def test_the_date_is_that_of_the_first_attempt_with_its_zone() -> None:
    date = parsedate_to_datetime(str(read(sent(letter()))["Date"]))
    assert date == NOW
    assert date.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Silva, Maria", '"Silva, Maria"'),
        ('Maria "Mia" Silva', r'"Maria \"Mia\" Silva"'),
        ("Back\\slash", r'"Back\\slash"'),
        ("maria@silva", '"maria@silva"'),
        ("M. Silva", '"M. Silva"'),
        ("O'Neill-Silva", "O'Neill-Silva"),
        ("=?utf-8?q?x?=", "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?="),
        ("李小龙", "=?utf-8?b?5p2O5bCP6b6Z?="),
        ("Maria\r\nBcc: all@gov.example", '"Maria Bcc: all@gov.example"'),
        ("Maria\n\n\nText", "Maria Text"),
    ],
)
def test_how_names_stand_on_the_wire(name: str, shown: str) -> None:
    mail = sent(replace(letter(), sender_name=name))
    assert f"From: {shown}".encode() in lines(mail)
    assert [each.display_name for each in read(mail)["From"].addresses] == [normal(name)]


@pytest.mark.parametrize("name", ["José, o Terceiro", "मारिया", "مریم‌جان محمدی", "😀", "Ō(ki"])
def test_names_of_every_script_read_the_same_everywhere(name: str) -> None:
    message = read(
        sent(replace(letter(), sender_name=name, target_name=name, reply_name=name, subject=name))
    )
    shown = [message[header].addresses[0].display_name for header in ("From", "To", "Reply-To")]
    assert [*shown, str(message["Subject"])] == [name] * 4


@pytest.mark.parametrize("tradition", NAMES)
def test_names_of_every_tradition_stand_in_the_headers(tradition: str) -> None:
    for _, name in NAMES[tradition]:
        mail = sent(replace(letter(), sender_name=name, reply_name=name))
        raw = message_from_bytes(mail.message, policy=compat32)
        for header, address in (("From", mail.sender), ("Reply-To", "maria@mail.example")):
            phrase, read_back = parseaddr(raw[header])
            assert read_back == address
            assert decoded(phrase) == name


@given(SIGNS | CRAFTED, SIGNS | CRAFTED, st.sampled_from(["relay", "author"]))
def test_whatever_people_write_no_header_breaks(
    name: str, subject: str, identity: Identity
) -> None:
    written = replace(letter(), sender_name=name, target_name=name, reply_name=name)
    mail = sent(replace(written, subject=subject, identity=identity))
    assert mail.message.isascii()
    assert max(map(len, lines(mail))) <= 998
    message = read(mail)
    others = ["Sender"] if identity == "author" else []
    optional = ["Feedback-ID", "Reply-To", "X-Report-Abuse"]
    assert sorted(message.keys()) == sorted([*HEADERS, *others, *optional])
    assert [str(message[header]) for header in others] == [mail.sender for _ in others]
    author = mail.sender if identity == "relay" else "maria@mail.example"
    addresses = {"From": author, "To": mail.recipient, "Reply-To": "maria@mail.example"}
    raw = message_from_bytes(mail.message, policy=compat32)
    for header, address in addresses.items():
        (read_back,) = message[header].addresses
        assert read_back.addr_spec == address
        # 3.11 puts a space between encoded words here; what it shows is the same otherwise.
        assert read_back.display_name.replace(" ", "") == normal(name).replace(" ", "")
        phrase = str(raw[header]).removesuffix(address).removesuffix(f"<{address}>")
        if not phrase.startswith('"'):
            assert decoded(phrase) == normal(name)
    assert decoded(str(raw["Subject"])) == str(message["Subject"]) == normal(subject)
    assert text(mail) == "Let it flow.\n"


@given(st.lists(st.sampled_from(TEXTS) | SIGNS, max_size=30).map("".join))
def test_the_text_arrives_as_it_was_written(body: str) -> None:
    mail = sent(replace(letter(), body=body))
    assert mail.message.isascii()
    assert max(map(len, encoded(mail))) <= 76
    assert text(mail) == body.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        ("Let it flow.", "quoted-printable"),
        ("Deixem o rio correr: água é vida. " * 9, "quoted-printable"),
        ("====", "base64"),
        ("让河流流淌。", "base64"),
        ("é" * 40 + "a" * 150, "base64"),
        ("é" * 10 + "a" * 150, "quoted-printable"),
    ],
)
def test_the_shorter_encoding_is_taken(body: str, encoding: str) -> None:
    mail = sent(replace(letter(), body=body))
    message = read(mail)
    assert str(message["Content-Transfer-Encoding"]) == encoding
    other = EmailMessage(default)
    others = {"base64": "quoted-printable", "quoted-printable": "base64"}
    other.set_content(f"{body}\n", cte=others[encoding])
    assert len(message.get_payload()) <= len(other.get_payload())
    assert text(mail) == f"{body}\n"


@pytest.mark.parametrize("space", [" ", "\t", "  "])
@pytest.mark.parametrize("length", [73, 74, 75, 76])
def test_space_at_the_end_of_a_line_makes_none_too_long(length: int, space: str) -> None:
    body = f"{'a' * length}{space}\nb"
    mail = sent(replace(letter(), body=body))
    assert max(map(len, encoded(mail))) <= 76
    assert text(mail) == f"{body}\n"
