"""Debian's SpamAssassin and rspamd judge our mail: with default rules, and without the network.

Each mail gets fewer than 2.0 points from each, and rspamd's action is “no action”. The points are
shown with --log-cli-level=info.
"""

import asyncio
import logging
import re
import shutil
import textwrap
from asyncio.subprocess import PIPE
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.mail.incoming.forwarding import prepare_reply
from bot.mail.messages.headers import parse
from bot.mail.messages.identification import MailLook
from bot.mail.messages.message import MessageBuilder
from bot.services.ports import PreparedMail
from conversations.model.letters.letter import Letter
from storage.mail.delivery.content import (
    CodeMail,
    Content,
    CopyMail,
    Forward,
    MailKind,
)
from tests.bot.mail.messages.test_message import CODE_MAIL, SIGNING, claimed
from tests.bot.mail.nameserver import read, serving
from tests.bot.mail.signatures import DOMAIN, SELECTOR, SIGNER
from tests.peers.rspamd import Judgement, Rspamd, rspamd
from tests.returned import mail
from tests.storage.people import letter

log = logging.getLogger(__name__)

LIMIT = 2.0
HOST, IP = "mail.send.example", "192.0.2.10"
FREE = "maria.silva" + "@" + "gmail.com"
"""A mailbox at a free provider, which some rules look for."""

BODY = """\
Dear Minister,

the river no longer reaches the sea in summer. My grandmother swam in it, and I would like my
children to do the same.

I ask you to

1. review all permits to take water;
2. set a flow that the dam must let through.

Yours faithfully,

Maria Silva
Portugal"""
CHINESE = """\
部長：

夏天，河水再也流不到海了。

我請你：

一、檢討所有取水許可；
二、訂定水壩的最低放流量。

陳大文
香港"""
CODE_TEXT = """\
Your code is

4821 0937

Type it in the chat. It is valid for 30 minutes.

Wasn't you? Reply to this email, and we send no more to this address."""

PLAIN = replace(letter(), subject="The river needs water", body=BODY, organisation="River Friends")
AT_FREE = replace(PLAIN, sender_address=FREE, reply_address=FREE)
TO_NOBODY = replace(PLAIN, reply_name="", reply_address="")
IN_CHINESE = replace(
    AT_FREE,
    subject="河流需要水",
    body=CHINESE,
    sender_name="陳大文",
    reply_name="陳大文",
    target_name="部長",
    language="zh-Hant",
)
CODE = replace(
    CODE_MAIL, address=FREE, subject="4821 0937 is your code", text=CODE_TEXT, language="en"
)
COPY = CopyMail(
    "River Friends",
    FREE,
    "Your letter: The river needs water",
    f"This is a copy of your letter to the Minister.\n\n{BODY}",
    "en",
)
ANSWER = """\
Dear Ms Silva,

thank you for your letter. The permits are under review. You will hear from us in May.

Ana Costa
Office of the Minister"""


def passed_on(author: str, to: str) -> Forward:
    """Return an answer to a letter as it is passed on."""
    raw = mail(
        f"From: Ana Costa <{author}>",
        f"To: Maria Silva <{SIGNING.mailbox}>",
        "Subject: Re: The river needs water",
        "Message-ID: <1@gov.example>",
        f"In-Reply-To: <0@{DOMAIN}>",
        f"References: <0@{DOMAIN}>",
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        body=ANSWER,
    )
    reply = prepare_reply(parse(raw), [DOMAIN], full=False)
    note = f"{reply.address} wrote this in reply to a letter. It isn’t from River Friends."
    return Forward(
        to,
        "River Friends",
        reply.reply_to,
        f"Forwarded: {reply.subject}",
        note,
        reply.text,
        "en",
        thread=reply.thread,
        author_note=f"From {author}",
    )


EACH, ONE = SIGNING, replace(SIGNING, look=MailLook(one_from=True))
MAILS: dict[str, tuple[Content, MessageBuilder]] = {
    "code": (CODE, EACH),
    "copy": (COPY, EACH),
    "answer": (passed_on("ana.costa@gov.example", FREE), EACH),
    "answer, free provider": (passed_on(FREE, "maria@mail.example"), EACH),
    "answer, to our domain": (passed_on("ana.costa@gov.example", f"office@{DOMAIN}"), EACH),
    **{
        f"letter, {way}, {name}": (content, builder)
        for way, builder in (("each", EACH), ("one", ONE))
        for name, content in (
            ("plain", PLAIN),
            ("free provider", AT_FREE),
            ("no answers", TO_NOBODY),
            ("Chinese", IN_CHINESE),
        )
    },
}
_KINDS = {
    Letter: MailKind.LETTER,
    CodeMail: MailKind.CODE,
    CopyMail: MailKind.COPY,
    Forward: MailKind.FORWARD,
}
_SCORE = re.compile(r"^X-Spam-Status: .*?score=(-?[0-9.]+)", re.MULTILINE | re.DOTALL)
_RULE = re.compile(r"^ *(-?[0-9.]+) ([A-Z][A-Z0-9_]+) ", re.MULTILINE)


async def assembled(name: str) -> PreparedMail:
    """Return the mail as it is sent now; the filters look at its date."""
    content, builder = MAILS[name]
    sending = replace(claimed(letter()), content=content, kind=_KINDS[type(content)])
    return await builder.assemble(sending, datetime.now(UTC))


def zone() -> str:
    """Return the records of our domain, as a careful operator publishes them."""
    public = SIGNER.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key = textwrap.wrap(f"v=DKIM1;k=rsa;p={b64encode(public).decode()}", 200)
    return f"""\
$ORIGIN {DOMAIN}.
$TTL 3600
@ MX 10 mail
@ A {IP}
@ TXT "v=spf1 ip4:{IP} -all"
mail A {IP}
{SELECTOR}._domainkey TXT {" ".join(f'"{part}"' for part in key)}
_dmarc TXT "v=DMARC1; p=none"
$ORIGIN 2.0.192.in-addr.arpa.
10 PTR {HOST}.
"""


@pytest_asyncio.fixture
async def peer() -> AsyncIterator[Rspamd]:
    async with serving(read(zone())) as names, rspamd(names.port) as running:
        yield running


async def spamassassin(sent: PreparedMail, home: Path) -> Judgement:
    """Return what SpamAssassin says of `sent`."""
    program = shutil.which("spamassassin")
    assert program, "spamassassin is missing: apt install spamassassin"
    (home / "user_prefs").touch()
    process = await asyncio.create_subprocess_exec(
        program,
        *("--local", "--test-mode", "--prefspath", str(home / "user_prefs")),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C"},
    )
    said = (await process.communicate(sent.message))[0].decode(errors="replace")
    score = _SCORE.search(said)
    assert score, "SpamAssassin gave no score"
    rules = {name: float(points) for points, name in _RULE.findall(said.partition(" pts rule")[2])}
    return Judgement(float(score[1]), {name: each for name, each in rules.items() if each})


@pytest.mark.parametrize("name", MAILS)
async def test_spamassassin_lets_our_mail_pass(name: str, tmp_path: Path) -> None:
    judgement = await spamassassin(await assembled(name), tmp_path)
    log.info("SpamAssassin: %s: %s %s", name, judgement.points, judgement.rules)
    assert judgement.points < LIMIT, judgement


async def test_rspamd_lets_our_mail_pass(peer: Rspamd) -> None:
    judgements = {name: await peer.judge(await assembled(name), ip=IP, host=HOST) for name in MAILS}
    for name, judgement in judgements.items():
        log.info("rspamd: %s: %.2f %s", name, judgement.points, judgement.rules)
    assert {name: each.action for name, each in judgements.items()} == dict.fromkeys(
        MAILS, "no action"
    )
    assert [each for each in judgements.items() if each[1].points >= LIMIT] == []


async def test_the_filters_know_spam(peer: Rspamd, tmp_path: Path) -> None:
    """The text that all filters count as spam, for tests (GTUBE)."""
    gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    spam = await EACH.assemble(claimed(replace(PLAIN, body=gtube)), datetime.now(UTC))
    assert (await spamassassin(spam, tmp_path)).points > 100
    assert (await peer.judge(spam, ip=IP, host=HOST)).action == "reject"
