"""`actionbot init`: what is asked, tried and written."""

import asyncio
import errno
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from typer.testing import CliRunner, Result

from bot.cli import commands
from bot.cli.setup import dialogue, init_dialogue
from bot.cli.setup.init_dialogue import _smtp_url
from bot.doctor.files import key_files
from bot.doctor.finding import CheckContext, Status
from bot.errors import CommandError
from bot.mail.authentication.domains import DomainResolver
from bot.settings import model
from tests.bot.mail.nameserver import NameServer, read, serving
from tests.bot.organisation import Organisation
from tests.ports import free_port

Answer = Callable[..., Result]

ADDRESS = "actions@send.example"
ZONE = """
send.example.      60 IN TXT "v=spf1 ip4:127.0.0.1 -all"
send.example.      60 IN MX 10 mail.send.example.
mail.send.example. 60 IN A 192.0.2.1
"""


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Answer:
    """Type `actionbot init` on a terminal, in an empty folder, and what it asks for."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setattr(dialogue, "is_terminal", lambda: True)

    def init(*answers: str, options: tuple[str, ...] = ()) -> Result:
        return CliRunner().invoke(commands.app, ["init", *options], input="\n".join((*answers, "")))

    return init


def written(slug: str) -> int:
    """Return the mode of the settings beside which a campaign was made."""
    assert (Path("campaigns") / slug / "en.md").is_file()
    return mode(Path("actionbot.toml"))


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest_asyncio.fixture(autouse=True)
async def names(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[NameServer]:
    """DNS with one domain, which is in order."""
    async with serving(read(ZONE)) as names:
        monkeypatch.setattr(
            init_dialogue, "CheckContext", lambda: CheckContext(DomainResolver(names.resolver()))
        )
        yield names


async def test_what_is_typed_is_tried_and_written_for_the_owner_alone(
    organisation: Organisation, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTIONBOT_TELEGRAM__API", organisation.server.url)
    server = f"127.0.0.1:{organisation.inbox.port}"
    token = organisation.telegram.token
    answers = (token, server, "", "nobody", ADDRESS, "", "No Name", "river", "many", "20")
    outcome = await asyncio.to_thread(answer, *answers)
    assert outcome.exit_code == 0, outcome.output
    said = [line for line in outcome.output.splitlines() if line[:1] in tuple("✓✗!")]
    assert [line for line in said if "disk" not in line] == [
        "✓ token: The bot is @action_bot.",
        "✓ mail server: Connected, without logging in. It accepts messages of up to 33.6 MB.",
        "✓ TLS: None: the mail server is on this machine.",
        "✗ This isn't a valid email address. Write it like actions@example.org",
        "! SPF (send.example): One record; lookups: 0 of 10.",
        "✓ MX (send.example): mail.send.example.",
        "✓ database: There is none yet: the bot creates it when it first starts.",
        "✗ “No Name” isn't a valid short name. · Use 1 to 30 of a-z, 0-9 and hyphens.",
        "✗ This isn't a number. Type one such as 50, or 0 for always.",
        "✓ Created actionbot.toml and campaigns/river/",
    ]
    assert token not in outcome.output
    assert written("river") == 0o600
    given = model.load()
    assert given.telegram.token.get_secret_value() == token
    assert given.smtp.url.get_secret_value() == f"smtp+plain://{server}"
    assert given.telegram.second_eyes_above == 20
    assert given.mail.address == ADDRESS
    assert given.database.file == Path.cwd() / "actionbot.db"
    assert given.keys.file == Path.cwd() / "keys" / "actionbot.keys"
    assert mode(given.keys.file.parent) == 0o700
    (keys,) = await key_files(given)
    assert (keys.status, keys.observed) == (Status.GOOD, "It doesn't exist yet.")


async def test_what_does_not_work_is_asked_again_unless_it_is_kept(
    organisation: Organisation, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTIONBOT_TELEGRAM__API", organisation.server.url)
    token, wrong = organisation.telegram.token, "123456:a-token-that-nobody-ever-gave"
    tokens = ("no token", "12:34", f"{token[:9]} {token[9:]}", wrong, "n", token)
    servers = ("no server at all", "a.example:99999", "127.0.0.1:9", "ann", "p@ss/word", "y")
    addresses = ("actions@elsewhere.example", "n", ADDRESS)
    port = free_port()
    away = f"postgresql://ann@127.0.0.1:{port}/bot"
    databases = ("mysql://ann@db/bot", "sqlite:///no/such/bot.db", "n", away, "hunter2/2", "y")
    outcome = await asyncio.to_thread(answer, *tokens, *servers, *addresses, *databases, "", "")
    assert outcome.exit_code == 0, outcome.output
    for said in (
        "✗ This isn't a valid bot token. Copy it from @BotFather: digits, a colon,",
        "✗ There are spaces in this bot token. Copy it from @BotFather, without spaces.",
        "✗ token: The server at telegram.api doesn't recognise this token.",
        "✗ This isn't a valid server.",
        "✗ The port isn't a number from 1 to 65535.",
        "✗ mail server: Nothing listens at 127.0.0.1:9.",
        "✗ SPF (elsewhere.example): There is no record.",
        "Value: v=spf1 mx -all",
        "✗ MX (elsewhere.example): There is no MX record, and no IP address.",
        "✗ This database is not known here: use sqlite:/// or postgresql://",
        f"✗ database: Can't open the database. Nothing listens at 127.0.0.1:{port}.",
    ):
        assert said in outcome.output
    assert [each for each in (token, wrong, "p@ss", "hunter2") if each in outcome.output] == []
    given = model.load()
    assert given.telegram.token.get_secret_value() == token
    assert given.smtp.url.get_secret_value() == "smtp+plain://ann:p%40ss%2Fword@127.0.0.1:9"
    url = given.database.url.get_secret_value()
    assert url == away.replace("ann@", "ann:hunter2%2F2@")


async def test_answers_may_come_from_a_pipe(organisation: Organisation) -> None:
    """Where no terminal is, as in a script."""
    organisation.file.unlink()
    server = f"127.0.0.1:{organisation.inbox.port}"
    lines = (organisation.telegram.token, server, "", ADDRESS, "", "river", "")
    piped = "\n".join(lines).encode()
    outcome = await organisation.types(
        "init", piped=piped, ACTIONBOT_TELEGRAM__API=organisation.server.url
    )
    assert (outcome.status, outcome.err) == (0, "")
    assert organisation.telegram.token not in outcome.out
    assert model.load({"ACTIONBOT_CONFIG": str(organisation.file)}).mail.address == ADDRESS


async def test_a_pipe_has_the_same_lines_whatever_can_be_reached(
    organisation: Organisation,
) -> None:
    organisation.file.unlink()
    wrong = "123456:a-token-that-nobody-ever-gave"
    lines = (wrong, "127.0.0.1:9", "ann", "p@ss", "actions@elsewhere.example", "", "river", "")
    outcome = await organisation.types(
        "init",
        piped="\n".join(lines).encode(),
        ACTIONBOT_TELEGRAM__API=organisation.server.url,
    )
    assert (outcome.status, outcome.err) == (0, "")
    assert "  It is kept. Once this is fixed, run: actionbot doctor" in outcome.out.splitlines()
    given = model.load({"ACTIONBOT_CONFIG": str(organisation.file)})
    assert given.telegram.token.get_secret_value() == wrong
    assert given.smtp.url.get_secret_value() == "smtp+plain://ann:p%40ss@127.0.0.1:9"
    assert given.telegram.second_eyes_above == 50


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ("a token",),
            "✗ line 1 of the input: There are spaces in this bot token.\n"
            "  → Copy it from @BotFather, without spaces.\n",
        ),
        (
            ("123456:a-token-that-nobody-ever-gave", "a.example:x"),
            "✗ line 2 of the input: The port isn't a number from 1 to 65535.\n",
        ),
        (
            ("123456:a-token-that-nobody-ever-gave",),
            "✗ The input ended before the answer to “Mail server, as host:port (465: TLS, 587: "
            "STARTTLS)”.\n  → Give one answer per line, or use options: actionbot init --help\n",
        ),
    ],
)
async def test_a_wrong_line_of_a_pipe_is_named(
    organisation: Organisation, lines: tuple[str, ...], said: str
) -> None:
    organisation.file.unlink()
    outcome = await organisation.types(
        "init", piped="\n".join(lines).encode(), ACTIONBOT_TELEGRAM__API=organisation.server.url
    )
    assert (outcome.status, outcome.err) == (2, said)
    assert not organisation.file.exists()


async def test_options_answer_every_question(organisation: Organisation) -> None:
    organisation.file.unlink()
    server = organisation.inbox.url
    outcome = await organisation.types(
        *("init", "--yes", "--smtp", server, "--address", ADDRESS, "--campaign", "river"),
        ACTIONBOT_TELEGRAM__API=organisation.server.url,
        ACTIONBOT_TELEGRAM__TOKEN=organisation.telegram.token,
    )
    assert (outcome.status, outcome.err) == (0, "")
    given = model.load({"ACTIONBOT_CONFIG": str(organisation.file)})
    assert given.telegram.token.get_secret_value() == organisation.telegram.token
    assert given.telegram.api == organisation.server.url
    assert given.smtp.url.get_secret_value() == server
    assert (organisation.folder / "campaigns" / "river" / "en.md").is_file()


async def test_with_yes_all_missing_options_are_named_at_once(organisation: Organisation) -> None:
    organisation.file.unlink()
    outcome = await organisation.types("init", "--yes", "--address", ADDRESS)
    assert (outcome.status, outcome.out, outcome.err) == (
        2,
        "",
        "✗ --token: This is missing.\n"
        "  → Give --token, or set ACTIONBOT_TELEGRAM__TOKEN\n"
        "✗ --smtp: This is missing.\n"
        "  → Give --smtp, or set ACTIONBOT_SMTP__URL\n",
    )


async def test_a_wrong_option_is_named(organisation: Organisation) -> None:
    organisation.file.unlink()
    outcome = await organisation.types(
        "init", "--yes", "--token", "x", "--smtp", "h", "--address=a"
    )
    assert outcome.status == 2
    assert outcome.err.splitlines() == [
        "✗ --token: This isn't a valid bot token.",
        "  → Copy it from @BotFather: digits, a colon, 35 letters and digits.",
    ]


def test_a_folder_that_cannot_be_written_to_is_noticed_before_the_first_question(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/proc can't be written to, not even by root."""
    monkeypatch.setenv("ACTIONBOT_CONFIG", "/proc/actionbot.toml")
    outcome = answer("a token")
    assert isinstance(outcome.exception, CommandError)
    (mistake,) = outcome.exception.mistakes
    assert mistake.where == "/proc"
    assert mistake.problem.startswith("Nothing can be written to this folder.")
    assert mistake.fix
    assert outcome.output == ""


async def test_answers_are_saved_although_a_folder_cannot_be_made(
    organisation: Organisation, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTIONBOT_TELEGRAM__API", organisation.server.url)

    def refused(folder: Path, slug: str) -> None:
        raise PermissionError(errno.EACCES, "no", str(folder / slug))

    monkeypatch.setattr(init_dialogue, "create_campaign", refused)
    server = f"127.0.0.1:{organisation.inbox.port}"
    answers = (organisation.telegram.token, server, "", ADDRESS, "", "river", "")
    outcome = await asyncio.to_thread(answer, *answers)
    assert isinstance(outcome.exception, CommandError)
    (mistake,) = outcome.exception.mistakes
    assert mistake.fix.endswith(
        "Your answers are saved in actionbot.toml. Then run: actionbot campaign new river"
    )
    assert model.load().mail.address == ADDRESS


def test_settings_that_are_there_are_left_alone(answer: Answer) -> None:
    Path("actionbot.toml").write_text("mine")
    outcome = answer()
    assert isinstance(outcome.exception, CommandError)
    (mistake,) = outcome.exception.mistakes
    assert (mistake.where, mistake.problem) == ("actionbot.toml", "The file already exists.")
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
    assert _smtp_url(host, "ann", "pw") == url
