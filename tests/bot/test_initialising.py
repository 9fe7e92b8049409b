"""`actionbot init`: what is asked, tried and written."""

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import cli, settings
from bot.doctor.files import key_files
from bot.doctor.finding import Well
from bot.errors import Mistaken
from bot.initialising import _url
from tests.bot.organisation import Organisation

Answer = Callable[..., Result]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Answer:
    """Type `actionbot init` in an empty folder, and what it asks for."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)

    def init(*answers: str) -> Result:
        return CliRunner().invoke(cli.app, ["init"], input="\n".join((*answers, "")))

    return init


def written(slug: str) -> int:
    """Return the mode of the settings beside which a campaign was made."""
    assert (Path("campaigns") / slug / "en.md").is_file()
    return stat.S_IMODE(Path("actionbot.toml").stat().st_mode)


async def test_what_is_typed_is_tried_and_written_for_the_owner_alone(
    organisation: Organisation, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTIONBOT_TELEGRAM__API", organisation.server.url)
    server = f"127.0.0.1:{organisation.inbox.port}"
    token = organisation.telegram.token
    outcome = await asyncio.to_thread(
        answer, token, server, "", "nobody", "actions@send.example", "No Name", "river"
    )
    assert outcome.exit_code == 0, outcome.output
    said = [line for line in outcome.output.splitlines() if line[:1] in "✓✗"]
    assert [line for line in said if line] == [
        "✓ The bot is @action_bot.",
        "✓ Connected, without a log-in. It takes mails of up to 33554 kB.",
        "✗ This is no mail address.",
        "✗ “No Name” is no short name. · Use 1 to 30 of a-z, 0-9 and hyphens.",
        "✓ actionbot.toml and campaigns/river/ are written.",
    ]
    assert token not in outcome.output
    assert written("river") == 0o600
    given = settings.load()
    assert given.telegram.token.get_secret_value() == token
    assert given.smtp.url.get_secret_value() == f"smtp+plain://{server}"
    assert given.mail.address == "actions@send.example"
    (keys,) = await key_files(given)
    assert (keys.well, keys.seen) == (Well.GOOD, "It is not there yet.")
    assert given.keys.file.parent.is_dir()


async def test_what_does_not_work_is_asked_again_unless_it_is_kept(
    organisation: Organisation, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTIONBOT_TELEGRAM__API", organisation.server.url)
    token, wrong = organisation.telegram.token, "123456:a-token-that-nobody-ever-gave"
    answers = (wrong, "n", token, "no server at all", "127.0.0.1:9", "ann", "p@ss/word", "y")
    outcome = await asyncio.to_thread(answer, *answers, "actions@send.example", "")
    assert outcome.exit_code == 0, outcome.output
    assert "✗ The server at telegram.api does not know this token." in outcome.output
    assert "✗ This is no server." in outcome.output
    assert [each for each in (token, wrong, "p@ss") if each in outcome.output] == []
    given = settings.load()
    assert given.telegram.token.get_secret_value() == token
    assert given.smtp.url.get_secret_value() == "smtp+plain://ann:p%40ss%2Fword@127.0.0.1:9"


def test_settings_that_are_there_are_left_alone(answer: Answer) -> None:
    Path("actionbot.toml").write_text("mine")
    outcome = answer()
    assert isinstance(outcome.exception, Mistaken)
    (mistake,) = outcome.exception.mistakes
    assert (mistake.where, mistake.what) == ("actionbot.toml", "There are settings already.")
    assert Path("actionbot.toml").read_text() == "mine"


def test_who_ends_it_half_way_has_nothing_written(answer: Answer) -> None:
    outcome = answer()
    assert outcome.exit_code == 1
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("mail.example", "smtps://ann:pw@mail.example"),
        ("mail.example:465", "smtps://ann:pw@mail.example:465"),
        ("mail.example:587", "smtp://ann:pw@mail.example:587"),
        ("localhost:465", "smtps://ann:pw@localhost:465"),
        ("localhost", "smtp+plain://ann:pw@localhost"),
    ],
)
def test_a_server_elsewhere_is_never_spoken_to_in_the_clear(host: str, url: str) -> None:
    assert _url(host, "ann", "pw") == url
