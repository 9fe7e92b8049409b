"""Somebody who can write to the database gains nothing, and admins learn of the attempt."""

import shutil
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert

from bot.errors import CommandError
from conversations.model.roles import Role
from storage.admin import campaign_modes
from storage.admin.authority import VERSIONS
from storage.crypto.trusted_state import state_file
from storage.schema.tables import audit, authority
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.records import read_table
from tests.stories.staff.test_team import first_admin, invited

Rows = Sequence[Mapping[str, Any]]


async def remember(stage: Stage) -> None:
    """Let the bot copy what is newest to the state file, as it does after each change."""
    async with stage.bot() as app:
        await app.base.authority_watch.run_once()


async def put_back(stage: Stage, table: Table, rows: Rows) -> None:
    """Replace all rows of a table, as somebody does who can write to the database."""

    def work(connection: Connection) -> None:
        connection.execute(delete(table))
        if rows:
            connection.execute(insert(table), [dict(row) for row in rows])

    async with stage.bot() as app:
        await app.core.database.transact(work)


async def raise_alarm(stage: Stage) -> None:
    """Let the bot look at the database, and send its alerts."""
    async with stage.bot() as app:
        await app.base.authority_watch.run_once()
        await app.monitoring.watchdog.run_once()
        await app.monitoring.alert_sender.run_once()


@pytest.fixture
async def olga_and_paul(stage: Stage, maria: Chat) -> tuple[Chat, Chat]:
    """Two admins, one of whom was removed; the bot remembers both states."""
    olga = await first_admin(stage)
    paul = stage.person("Paul")
    await paul.starts(await invited(olga, Role.ADMIN))
    await remember(stage)
    return olga, paul


async def test_yesterdays_roles_are_not_valid(
    stage: Stage, olga_and_paul: tuple[Chat, Chat]
) -> None:
    olga, paul = olga_and_paul
    yesterday = await read_table(stage, authority)
    await olga.says("/team")
    await olga.presses("Remove Paul", "Yes, I’m sure")
    await remember(stage)
    await put_back(stage, authority, yesterday)
    await paul.says("/team")
    assert "Olga" not in str(paul.heard())
    await olga.says("/team")
    olga.hears("Admins\n• Olga (you)")
    await raise_alarm(stage)
    (alert,) = olga.heard()
    assert alert.startswith("The database was changed from outside.")
    assert "roles and invitations" in alert
    assert paul.heard() == []
    # The next change of an admin builds on the newest roles, and the alert ends.
    await olga.says("/invite campaigner")
    await raise_alarm(stage)
    assert "✎ The database is in order again" in str(olga.heard())


async def test_the_members_stay_if_their_rows_are_deleted(
    stage: Stage, olga_and_paul: tuple[Chat, Chat]
) -> None:
    _, paul = olga_and_paul
    await put_back(stage, authority, [])
    async with stage.bot() as app:
        assert await app.first_admin() is None, "nobody can become the first admin once more"
    await paul.says("/team")
    paul.hears("Admins\n• Olga\n• Paul (you)")


async def test_an_invitation_cannot_be_used_twice(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    token = await invited(olga, Role.ADMIN)
    await remember(stage)
    before = await read_table(stage, authority)
    await stage.person("Ana").starts(token)
    await remember(stage)
    await put_back(stage, authority, before)
    rui = stage.person("Rui")
    await rui.starts(token)
    assert rui.heard()[0].startswith("This invitation has been used")


async def test_a_campaign_in_test_mode_stays_so(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await remember(stage)
    live = await read_table(stage, authority)
    async with stage.bot() as app:
        vault = app.core.vault
        await app.core.database.transact(
            lambda c: campaign_modes.start_test_mode(c, vault, "hong-kong")
        )
    await remember(stage)
    await put_back(stage, authority, live)
    async with stage.bot() as app:
        vault = app.core.vault
        assert await app.core.database.read(
            lambda c: campaign_modes.unconfirmed(c, vault)
        ) == frozenset({"hong-kong"})
    await raise_alarm(stage)
    assert "which campaigns are live" in str(olga.heard())


async def test_no_letter_is_taken_while_nothing_says_which_campaigns_are_open(
    stage: Stage, maria: Chat
) -> None:
    """Covers a machine without a state file, and rows that its keys can't read."""
    await maria.comes_to_the_review()
    rows = await read_table(stage, authority)
    await put_back(
        stage,
        authority,
        [
            row if row["name"] == VERSIONS else {**row, "encrypted_content": b"x" * 99}
            for row in rows
        ],
    )
    await maria.presses("Send in my name")
    assert stage.mails_to("chief-executive@government-hk.example") == []
    await maria.starts("hong-kong")
    assert "Write the letter" not in str(maria.buttons)


async def test_the_bot_does_not_start_without_a_trustworthy_list_of_campaigns(
    stage: Stage, maria: Chat
) -> None:
    """Covers a machine without a folder and without a state file."""
    olga = await first_admin(stage)
    await remember(stage)
    rows = await read_table(stage, authority)
    await put_back(stage, authority, [{**row, "encrypted_content": b"x" * 99} for row in rows])
    await stage.restart_with(stage.settings)
    shutil.rmtree(stage.campaigns)
    known = state_file(stage.settings.keys.file)
    remembered = known.read_bytes() if known.exists() else None
    known.unlink(missing_ok=True)
    with pytest.raises(CommandError) as refused:
        async with stage.bot():
            pass
    (mistake,) = refused.value.mistakes
    assert mistake.where == "database: table authority, row versions"
    assert mistake.problem == (
        "The list of published campaigns in the database was changed from outside, and"
        " actionbot.keys.state remembers none, so no campaign can be served."
    )
    assert mistake.fix.startswith(
        f"Copy actionbot.keys.state from another machine to {known.parent}"
    )
    assert remembered is not None
    known.write_bytes(remembered)
    await maria.starts("hong-kong")
    assert "Write the letter" in maria.all_buttons
    await raise_alarm(stage)
    assert "published campaigns" in str(olga.heard())


@pytest.mark.parametrize("cut", [True, False])
async def test_the_audit_log_cannot_be_emptied_unseen(stage: Stage, maria: Chat, cut: bool) -> None:
    olga = await first_admin(stage)
    await olga.says("/invite campaigner")
    await remember(stage)
    await olga.says("/audit")
    (told,) = olga.heard()
    assert told.splitlines()[-1].startswith("Last entry: 2: ")
    rows = await read_table(stage, audit)
    await put_back(stage, audit, [each for each in rows if each["position"] == 1] if cut else [])
    await olga.says("/audit")
    assert olga.heard()[0].startswith("⚠️ This log was changed in the database, from outside.")
    await raise_alarm(stage)
    assert "the audit log" in str(olga.heard())


async def test_processes_share_what_is_newest(stage: Stage, maria: Chat) -> None:
    """On PostgreSQL, the next look at the team is by the other process."""
    olga = await first_admin(stage)
    await remember(stage)
    before = await read_table(stage, authority)
    await olga.says("/invite admin")
    await remember(stage)
    await put_back(stage, authority, before)
    for _ in range(2):
        async with stage.bot() as app:
            await app.base.authority_watch.run_once()
            assert app.base.authority_watch.forged == ("team",)
