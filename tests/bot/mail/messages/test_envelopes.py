"""Opaque addresses: only ours are read, and only for what they stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.messages.envelopes import AddressPurpose, Envelopes
from storage.crypto.keys import Keyring
from tests.vaults import FIRST_DAY, make_vault

OURS = Envelopes(make_vault(), "send.example")
OTHERS = Envelopes(make_vault(Keyring(FIRST_DAY, b"1" * 32, b"x" * 32)), "send.example")
IDS = st.text("0123456789abcdef", min_size=32, max_size=32)


@given(st.sampled_from(AddressPurpose), IDS)
def test_an_address_is_read_back(stands: AddressPurpose, id_: str) -> None:
    address = OURS.address(stands, id_)
    local, _, domain = address.partition("@")
    assert len(local) <= 64, "RFC 5321, section 4.5.3.1.1"
    assert domain == "send.example"
    assert OURS.read(address) == (stands, id_)
    assert OURS.read(f"<{address.upper()}> ") == (stands, id_)
    assert OTHERS.read(address) is None


@given(IDS, IDS)
def test_the_proof_is_of_one_id_and_one_kind(one: str, other: str) -> None:
    letter = OURS.address(AddressPurpose.LETTER, one)
    for stands in AddressPurpose:
        address = OURS.address(stands, one)
        others = [kind for kind in AddressPurpose if kind is not stands]
        assert not any(OURS.read(kind + address[1:]) for kind in others)
    if one != other:
        here, there = (OURS.public_id(AddressPurpose.LETTER, id_) for id_ in (one, other))
        assert OURS.read(letter.replace(here, there)) is None
    assert len({one, *(OURS.public_id(stands, one) for stands in AddressPurpose)}) == 1 + len(
        AddressPurpose
    )


def test_another_domain_is_not_ours() -> None:
    address = OURS.address(AddressPurpose.LETTER, "a" * 32)
    for other in ("gov.example", "x.send.example", "send.example.gov.example"):
        assert OURS.read(address.replace("send.example", other)) is None
    upper = Envelopes(OURS.vault, "Send.Example")
    assert upper.read(address) == (AddressPurpose.LETTER, "a" * 32)


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "@",
        "postmaster@send.example",
        "actions@send.example",
        f"a-{'a' * 32}-@send.example",
        f"a-{'a' * 32}@send.example",
        f"a-{'a' * 32}-{'a' * 16}@send.example",
        f"a-{'a' * 32}-{'a' * 16}",
        f"b-{'a' * 32}-{'a' * 16}@send.example",
        f"x@y@a-{'a' * 32}-{'a' * 16}@send.example",
    ],
)
def test_what_is_forged_is_not_read(forged: str) -> None:
    assert OURS.read(forged) is None


@given(st.text())
def test_whatever_comes_is_read_or_not(text: str) -> None:
    assert OURS.read(text) is None
    assert OURS.read(f"{text}@send.example") is None
