"""`actionbot team`, `panic` and `audit`, as somebody types them on the server."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.playground.telegram import Person
from tests.bot.organisation import Organisation, hears


def first_link(organisation: Organisation) -> str:
    """Return the start parameter of the first admin's link."""
    file = organisation.folder / "first-admin.txt"
    return file.read_text("utf-8").strip().rpartition("?start=")[2]


async def has_an_admin(organisation: Organisation) -> Person:
    """Let Olga become the first admin, and invite somebody."""
    olga = organisation.telegram.add_person(771_178, "Olga")
    async with organisation.running("run", until="no admin yet") as running:
        olga.start(first_link(organisation))
        await hears(olga, "You’re now an admin of this bot")
        olga.send("/invite campaigner")
        await hears(olga, "start=i_")
        assert await running.ends() == 0
    return olga


def changes(organisation: Organisation, statement: str) -> None:
    """Change the database as somebody does who can write to it."""
    with closing(sqlite3.connect(organisation.folder / "actionbot.db")) as database:
        database.execute(statement)
        database.commit()


async def audit_log(organisation: Organisation) -> list[str]:
    """Return who did what, without the times, newest first."""
    shown = json.loads((await organisation.types("audit", "--json")).out)
    return [line.partition(" · ")[2] for line in shown["entries"]]


async def test_panic_ends_on_the_server_only(organisation: Organisation) -> None:
    olga = await has_an_admin(organisation)
    refused = await organisation.types("panic", piped=b"n\n")
    assert (refused.status, "Nothing was changed." in refused.out) == (1, True)
    done = await organisation.types("panic", "--yes")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("Nobody has a role now, and nothing is sent. To recover:\n1. ")
    listed = await organisation.types("team")
    assert listed.out == (
        f"{olga.id} · admin · Olga\nAll roles are suspended. To end that: actionbot panic --end\n"
    )
    async with organisation.running("run") as running:
        olga.send("/team")
        olga.send("/help")
        await hears(olga, "/privacy")
        assert not any("Admins" in each["text"] for each in olga.chat())
        assert await running.ends() == 0
    assert not (organisation.folder / "first-admin.txt").exists()
    assert (await organisation.types("panic", "--end", "--yes")).status == 0
    async with organisation.running("run"):
        olga.send("/team")
        await hears(olga, "Olga (you)")
    assert await audit_log(organisation) == [
        "Server actionbot panic --end",
        "Server actionbot panic",
        f"Olga ({olga.id}) created an invitation: campaigner",
        f"Olga ({olga.id}) accepted an invitation: admin",
    ]


async def test_a_member_is_removed_on_the_server(organisation: Organisation) -> None:
    olga = await has_an_admin(organisation)
    refused = await organisation.types("team", "remove", "5")
    assert refused.status == 2
    assert "Nobody with the number 5 accepted an invitation." in refused.err
    removed = await organisation.types("team", "remove", str(olga.id))
    assert (removed.out, removed.status) == ("Olga has no role any more.\n", 0)
    assert (await organisation.types("team")).out == "Nobody has a role.\n"
    assert json.loads((await organisation.types("team", "--json")).out) == []
    assert (await audit_log(organisation))[0] == f"Server actionbot team remove Olga ({olga.id})"


async def test_the_audit_log_is_verified_and_accepted(organisation: Organisation) -> None:
    olga = await has_an_admin(organisation)
    shown = await organisation.types("audit")
    assert shown.status == 0
    assert "Last entry: 2: " in shown.out
    changes(organisation, "DELETE FROM audit")
    forged = await organisation.types("audit")
    assert (forged.status, "✗ Entries are missing or forged." in forged.err) == (1, True)
    found = await organisation.types("doctor", "--json")
    assert {
        each["what"]: each["well"]
        for each in json.loads(found.out)
        if each["what"] in ("roles and modes", "audit log")
    } == {"roles and modes": "good", "audit log": "bad"}
    accepted = await organisation.types("audit", "--accept")
    assert accepted.status == 0
    assert await audit_log(organisation) == ["Server actionbot audit --accept"]
    assert olga.id


async def test_doctor_finds_old_roles(organisation: Organisation) -> None:
    await has_an_admin(organisation)
    changes(organisation, "DELETE FROM authority WHERE name = 'team'")
    found = json.loads((await organisation.types("doctor", "--json")).out)
    (finding,) = [each for each in found if each["what"] == "roles and modes"]
    assert finding["well"] == "bad"
    assert finding["seen"] == "Old, forged or missing in the database: team."
    assert "Olga" in (await organisation.types("team")).out
    await organisation.types("audit", "--accept")
    found = json.loads((await organisation.types("doctor", "--json")).out)
    (finding,) = [each for each in found if each["what"] == "roles and modes"]
    assert finding["well"] == "good"


async def test_whoever_lost_their_role_does_not_come_back_with_a_backup(
    organisation: Organisation, tmp_path: Path
) -> None:
    olga = await has_an_admin(organisation)
    backup = organisation.folder / "yesterday.db"
    assert (await organisation.types("backup", str(backup))).status == 0
    await organisation.types("team", "remove", str(olga.id))
    for file in organisation.folder.glob("actionbot.db*"):
        file.unlink()
    restored = await organisation.types("restore", str(backup))
    assert (restored.status, restored.err) == (0, "")
    assert (await organisation.types("team")).out == "Nobody has a role.\n"
    shown = await organisation.types("audit")
    assert shown.status == 0
    assert "Server actionbot restore" in shown.out


async def test_the_state_file_is_private_and_beside_the_key_file(
    organisation: Organisation,
) -> None:
    await has_an_admin(organisation)
    state = organisation.folder / "actionbot.keys.state"
    assert state.stat().st_mode & 0o777 == 0o600
    assert b"Olga" not in state.read_bytes()


async def test_a_damaged_state_file_is_reported(organisation: Organisation) -> None:
    await has_an_admin(organisation)
    (organisation.folder / "actionbot.keys.state").write_text("{}")
    refused = await organisation.types("team")
    assert refused.status == 2
    assert "actionbot.keys.state is damaged." in refused.err
