"""The key that signs mail: how it is made, what DNS is to say, and what can be wrong with it."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as elliptic
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)

from bot.mail.authentication import dkim_keys
from bot.settings.model import load
from storage.crypto.keys import write_private
from tests.bot.conftest import Type
from tests.bot.mail.signatures import SIGNER, holds
from tests.bot.organisation import Organisation, toml, walks_to_the_review

SETTINGS = {
    "telegram": {"token": "123456:a-token-that-nobody-ever-gave"},
    "smtp": {"url": "smtps://ann:hunter2@mail.example"},
    "mail": {"address": "actions@river.example", "domain": "send.example"},
}


def pem(key: PrivateKeyTypes, *, password: bytes = b"") -> str:
    protection = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection).decode()


def sets(**mail: str) -> None:
    Path("actionbot.toml").write_text(toml(SETTINGS | {"mail": SETTINGS["mail"] | mail}))


def test_a_key_is_made_for_its_owner_and_its_records_are_told(actionbot: Type) -> None:
    sets()
    made = actionbot("keys", "dkim")
    file = Path.cwd() / "dkim.pem"
    assert (made.status, made.err) == (0, "")
    assert file.stat().st_mode & 0o777 == 0o600
    lines = made.out.splitlines()
    assert lines[:2] == [
        f"Created {file}.",
        "Only its owner can read it. Anyone who has it can sign as you. Add to your DNS:",
    ]
    assert [line for line in lines if line.startswith("Name:")] == [
        "Name:  actionbot._domainkey.send.example",
        "Name:  actionbot._domainkey.river.example",
    ]
    assert lines[-2:] == [
        "Once DNS has the records, add this under [mail] and restart the bot:",
        'dkim_key = "dkim.pem"',
    ]
    secret = "".join(file.read_text().splitlines()[1:-1])
    assert secret[:64] not in made.out.replace("\n", "")
    again = actionbot("keys", "dkim")
    assert again.out.splitlines() == [f"The key is in {file}.", *lines[1:]]


def test_programs_read_the_records_as_json(actionbot: Type) -> None:
    sets(domain="river.example", dkim_key="keys/river.pem", dkim_selector="s1")
    Path("keys").mkdir()
    outcome = actionbot("keys", "dkim", "--json")
    assert outcome.status == 0
    told = json.loads(outcome.out)
    (record,) = told.pop("records")
    assert told == {"file": str(Path.cwd() / "keys/river.pem"), "made": True, "set": True}
    assert (record["name"], record["type"]) == ("s1._domainkey.river.example", "TXT")
    assert [len(each) for each in record["strings"]] == [255, len(record["value"]) - 255]
    assert "".join(record["strings"]) == record["value"]
    head, _, public = record["value"].partition("; p=")
    assert head == "v=DKIM1; k=rsa"
    signer = dkim_keys.open_signer(load({}).mail)
    assert signer is not None
    assert load_der_public_key(b64decode(public)) == signer.key.public_key()
    assert (signer.selector, signer.key.key_size) == ("s1", 2048)
    again = json.loads(actionbot("keys", "dkim", "--json").out)
    assert again == told | {"made": False, "records": [record]}


def test_a_file_that_is_there_is_never_written_over(actionbot: Type) -> None:
    sets()
    file = Path("dkim.pem")
    file.write_text("mine")
    file.chmod(0o600)
    outcome = actionbot("keys", "dkim")
    assert (outcome.status, file.read_text()) == (2, "mine")


def test_where_no_key_can_be_made_it_is_told(actionbot: Type) -> None:
    sets(dkim_key="no/such/dkim.pem")
    outcome = actionbot("keys", "dkim")
    file = Path.cwd() / "no/such/dkim.pem"
    assert (outcome.status, outcome.err) == (
        2,
        f"✗ mail.dkim_key: Can't create {file} (FileNotFoundError).\n"
        "  → Check that its folder exists and is writable.\n",
    )


RESTORE = "Restore it, or set another file and create a key: actionbot keys dkim"
ANOTHER = "Set another file and create a key: actionbot keys dkim"
NO_PEM = "{} doesn't contain a private key in PEM format without a password."
WEAK = "The key in {} isn't RSA with 2048 bits or more: mail servers may ignore it."


@pytest.mark.parametrize(
    ("content", "what", "fix"),
    [
        ("", NO_PEM, RESTORE),
        ("hunter2", NO_PEM, RESTORE),
        (pem(SIGNER.key, password=b"hunter2"), NO_PEM, RESTORE),
        (
            SIGNER.key.public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode(),
            NO_PEM,
            RESTORE,
        ),
        (pem(elliptic(SECP256R1())), WEAK, ANOTHER),
        (pem(generate_private_key(65537, 1024)), WEAK, ANOTHER),  # noqa: S505 - refused as such
    ],
)
def test_a_key_that_cannot_sign_is_a_mistake(
    actionbot: Type, content: str, what: str, fix: str
) -> None:
    sets(dkim_key="river.pem")
    file = Path.cwd() / "river.pem"
    write_private(file, content)
    actionbot("campaign", "new", "river")
    for command, where in (("check", "actionbot.toml:8 mail.dkim_key"), ("run", "mail.dkim_key")):
        outcome = actionbot(command)
        told = f"✗ {where}: {what.format(file)}\n  → {fix}\n"
        assert (outcome.status, outcome.out, without_remarks(outcome.err)) == (2, "", told)


def without_remarks(err: str) -> str:
    """Return what was printed above the remarks about the new campaign's texts."""
    return err.partition("! river/")[0]


def test_a_key_that_is_missing_unreadable_or_open_to_others_is_a_mistake(actionbot: Type) -> None:
    sets(dkim_key="river.pem")
    file = Path.cwd() / "river.pem"
    actionbot("campaign", "new", "river")

    def told() -> tuple[int, str]:
        outcome = actionbot("check")
        return outcome.status, without_remarks(outcome.err)

    where = "✗ actionbot.toml:8 mail.dkim_key: "
    missing = f"There is no {file}.\n  → Run: actionbot keys dkim\n"
    assert told() == (2, where + missing)
    file.mkdir(mode=0o700)
    fix = "Check that it is a file, and that the bot's user owns it."
    assert told() == (2, f"{where}Can't read {file} (IsADirectoryError).\n  → {fix}\n")
    file.rmdir()
    file.write_text(pem(SIGNER.key))
    file.chmod(0o640)
    assert told() == (2, f"{where}Others can read {file}.\n  → Run: chmod 600 {file}\n")
    file.chmod(0o600)
    assert told() == (0, "")


@pytest.mark.parametrize("selector", ["", "two words", "-a", "a-", "a.b", "ä", "A", "a" * 64])
def test_a_selector_that_is_no_label_is_a_mistake(actionbot: Type, selector: str) -> None:
    sets(dkim_selector=selector)
    outcome = actionbot("check")
    told = "✗ actionbot.toml:8 mail.dkim_selector: This isn't a valid selector.\n"
    assert outcome.err.startswith(told)


async def test_the_mail_of_a_bot_that_runs_is_signed(organisation: Organisation) -> None:
    write_private(organisation.folder / "river.pem", pem(SIGNER.key))
    organisation.sets(mail={"dkim_key": "river.pem", "dkim_selector": SIGNER.selector})
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run"):
        await walks_to_the_review(person, organisation, "wilhelmina@mailbox.example")
    (mail,) = await organisation.inbox.until(bool)
    assert holds(mail.raw)
