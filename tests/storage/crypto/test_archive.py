"""Records for the organisation's archive, which the server cannot open."""

import pytest

from conversations.model.archive_keys import PUBLIC_PREFIX, ArchiveKeyError, read_key
from storage.crypto.archive import (
    ArchiveRecord,
    ArchiveRecordError,
    decrypt_record,
    encrypt_record,
    new_keys,
)

MARIA = ArchiveRecord("river", "2026-03-01", "Maria Silva", "PT", "maria@mail.example", "accepted")


def test_only_the_private_key_opens_a_record() -> None:
    private, public = new_keys()
    encrypted = encrypt_record(public, MARIA)
    assert decrypt_record(private, encrypted) == MARIA
    another, _ = new_keys()
    for key, record in (
        (another, encrypted),
        (private, encrypted[:-1]),
        (private, encrypted[:10]),
        (private, b""),
        (private, bytes(len(encrypted))),
    ):
        with pytest.raises(ArchiveRecordError):
            decrypt_record(key, record)


def test_the_length_of_a_record_says_nothing_of_a_name() -> None:
    _, public = new_keys()
    long = ArchiveRecord("river", "2026-03-01", "M" * 100, "PT", "maria@mail.example", "accepted")
    assert len(encrypt_record(public, long)) == len(encrypt_record(public, MARIA))
    assert encrypt_record(public, MARIA) != encrypt_record(public, MARIA)


def test_a_slip_in_a_key_is_noticed() -> None:
    private, public = new_keys()
    assert len(read_key(PUBLIC_PREFIX, public)) == 32
    swapped = public[:20] + ("A" if public[20] != "A" else "B") + public[21:]
    for wrong in ("", "x", private, public[:-1], public + " ", f"{public}A", swapped, f"{public}é"):
        with pytest.raises(ArchiveKeyError):
            read_key(PUBLIC_PREFIX, wrong)
