"""Benchmark DKIM signing: mails signed a second, compared with dkimpy, in one process.

Both sign the same letter with the same key, canonicalization and headers. Each header is listed
once more than it occurs, so that none can be added. The last signature of each run is verified.
"""

import time
from collections.abc import Callable

import dkim
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.mail.authentication.dkim import SIGNED_HEADERS
from tests.benchmarks.figures import Contender, Result, Run
from tests.benchmarks.processes import Broken
from tests.bot.mail.signatures import DOMAIN, SELECTOR, SIGNER, holds
from tests.storage.people import NOW

HEADERS = (
    "Date: Fri, 21 Jun 2019 14:02:00 +0000",
    "Message-ID: <0f0a2b9f4b5c4d52a9a3d0c6a1b2c3d4@send.example>",
    "From: Maria Silva\r\n <a-0f0a2b9f4b5c4d52a9a3d0c6a1b2c3d4-abcdefghijklmnop@send.example>",
    "To: Minister\r\n <minister@gov.example>",
    "Subject: The river",
    "Reply-To: Maria Silva\r\n <maria@mail.example>",
    "MIME-Version: 1.0",
    'Content-Type: text/plain; charset="utf-8"',
    "Content-Transfer-Encoding: quoted-printable",
    "Content-Language: pt",
)
PARAGRAPH = (
    "I write to you about the river that our town was built on. For years it =\r\n"
    "has been led away to fields that nobody tends. =C3=81gua =C3=A9 vida: let =\r\n"
    "it flow.\r\n\r\n"
)
LETTER = "\r\n".join((*HEADERS, "", PARAGRAPH * 8)).encode("ascii")

Sign = Callable[[bytes], bytes]


def _ours(message: bytes) -> bytes:
    return SIGNER.sign(message, DOMAIN, NOW)


def _dkimpy(message: bytes) -> bytes:
    return bytes(
        dkim.sign(
            message,
            SELECTOR.encode(),
            DOMAIN.encode(),
            _PEM,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=_LISTED,
        )
        + message
    )


_PEM = SIGNER.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
_PRESENT = [header.partition(":")[0] for header in HEADERS]
_LISTED = [name.encode() for name in SIGNED_HEADERS for _ in range(_PRESENT.count(name) + 1)]

CONTENDERS: tuple[tuple[str, Sign, float | None], ...] = (
    ("ours: Signer.sign", _ours, None),
    ("dkimpy", _dkimpy, 10),
)


async def measure(rounds: int, seconds: float, advance: Callable[[], None]) -> Result:
    """Measure each contender for `seconds`, in turn, `rounds` times."""
    runs: dict[str, list[Run]] = {name: [] for name, _, _ in CONTENDERS}
    for _, sign, _ in CONTENDERS:
        _run(sign, seconds / 5)
    for _ in range(rounds):
        for name, sign, _ in CONTENDERS:
            runs[name].append(_run(sign, seconds))
            advance()
    return Result(
        "dkim",
        "mails signed a second",
        f"RSA 2048, {len(LETTER)} bytes each, in one thread; medians of {rounds} interleaved runs"
        f" of {seconds:g} s",
        tuple(Contender(name, runs[name], expected) for name, _, expected in CONTENDERS),
    )


def _run(sign: Sign, seconds: float) -> Run:
    signed, count = b"", 0
    begin = time.perf_counter()
    while (took := time.perf_counter() - begin) < seconds:
        signed = sign(LETTER)
        count += 1
    if not holds(signed):
        raise Broken("A signature is not valid.")
    return Run(count / took)
