"""Settings: every mistake at once, each with its place and fix, and no secret in any of them."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.errors import CommandError
from bot.settings.model import Settings, campaigns_folder, load
from conversations.model.mistakes import Mistake
from tests.bot.organisation import toml

TOKEN = "123456:a-token-that-nobody-ever-gave"
RIGHT = {
    "telegram": {"token": TOKEN},
    "smtp": {"url": "smtps://ann:hunter2@mail.example"},
    "mail": {"address": "actions@send.example"},
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "actionbot.toml") -> Path:
    file = Path.cwd() / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def mistakes(**environment: str) -> tuple[Mistake, ...]:
    with pytest.raises(CommandError) as mistaken:
        load(environment)
    told = str(mistaken.value)
    assert [secret for secret in (TOKEN, "hunter2") if secret in told] == []
    return mistaken.value.mistakes


def test_a_file_is_enough() -> None:
    write(toml(RIGHT))
    given = load({})
    assert given.telegram.token.get_secret_value() == TOKEN
    assert given.telegram.api == "https://api.telegram.org"
    assert (given.mail.domain, given.telegram.admins) == ("send.example", ())
    assert (given.web.host, given.web.port) == ("127.0.0.1", 8080)
    assert given.database.file == Path.cwd() / "actionbot.db"
    assert given.campaigns.folder == Path.cwd() / "campaigns"
    assert given.keys.file == Path.cwd() / "actionbot.keys"


def test_tests_go_to_the_address_unless_another_is_set() -> None:
    write(toml(RIGHT))
    assert load({}).mail.test_address == "actions@send.example"
    given = load({"ACTIONBOT_MAIL__TEST": "true", "ACTIONBOT_MAIL__TEST_ADDRESS": "us@org.example"})
    assert (given.mail.test, given.mail.test_address) == (True, "us@org.example")
    found = mistakes(ACTIONBOT_MAIL__TEST="perhaps", ACTIONBOT_MAIL__TEST_ADDRESS="us")
    assert [(each.where, each.problem) for each in found] == [
        ("ACTIONBOT_MAIL__TEST", "This isn't true or false."),
        ("ACTIONBOT_MAIL__TEST_ADDRESS", "This isn't a valid email address."),
    ]


def test_the_environment_is_enough_and_goes_before_the_file() -> None:
    environment = {
        "ACTIONBOT_TELEGRAM__TOKEN": TOKEN,
        "ACTIONBOT_SMTP__URL": "smtps://mail.example",
        "ACTIONBOT_MAIL__ADDRESS": "actions@send.example",
        "ACTIONBOT_TELEGRAM__ADMINS": "17, 18",
        "ACTIONBOT_WEB__PORT": "9000",
    }
    assert load(environment).web.port == 9000
    write(
        toml({**RIGHT, "telegram": {"token": "999999:another-token-of-nobody"}, "web": {"port": 1}})
    )
    given = load(environment)
    assert given.telegram.token.get_secret_value() == TOKEN
    assert given.telegram.admins == (17, 18)
    assert given.web.port == 9000


def test_own_domains_are_written_like_any_domain() -> None:
    domains = ["Members.example", "bücher.example"]
    write(toml({**RIGHT, "mail": {"address": "actions@send.example", "own_domains": domains}}))
    given = load({}).mail
    assert given.own_domains == ("members.example", "xn--bcher-kva.example")
    assert given.domains == ("send.example", *given.own_domains), "each needs a record for DKIM"
    assert load({"ACTIONBOT_MAIL__OWN_DOMAINS": "a.example, b.example"}).mail.own_domains == (
        "a.example",
        "b.example",
    )
    (mistake,) = mistakes(ACTIONBOT_MAIL__OWN_DOMAINS="a.example, c@d")
    assert mistake.problem == "This isn't a valid domain."


def test_urgent_alerts_go_to_mailboxes() -> None:
    write(toml({**RIGHT, "mail": {"address": "actions@send.example", "alerts": ["ops@a.example"]}}))
    assert load({}).mail.alerts == ("ops@a.example",)
    given = load({"ACTIONBOT_MAIL__ALERTS": "ops@a.example, Anna@bücher.example"}).mail
    assert given.alerts == ("ops@a.example", "Anna@xn--bcher-kva.example")
    (mistake,) = mistakes(ACTIONBOT_MAIL__ALERTS="ops")
    assert mistake.problem == "This isn't a valid email address."


def test_paths_are_taken_from_the_folder_of_the_file_that_is_named() -> None:
    file = write(toml(RIGHT), "etc/bot.toml")
    given = load({"ACTIONBOT_CONFIG": "etc/bot.toml"})
    assert given.keys.file == file.parent / "actionbot.keys"
    assert given.database.file == file.parent / "actionbot.db"
    assert campaigns_folder({"ACTIONBOT_CONFIG": "etc/bot.toml"}) == file.parent / "campaigns"


def test_the_picture_of_the_bot_is_a_jpeg_file_beside_the_settings() -> None:
    with_picture = RIGHT | {"telegram": {"token": TOKEN, "picture": "bot.jpg"}}
    write(toml(with_picture), "settings/actionbot.toml")
    environment = {"ACTIONBOT_CONFIG": "settings/actionbot.toml"}
    (found,) = mistakes(**environment)
    assert found.problem == "There is no such file or folder."
    picture = Path("settings/bot.jpg")
    picture.write_bytes(b"\x89PNG")
    (found,) = mistakes(**environment)
    assert (found.problem, found.fix) == ("The picture isn't a JPEG file.", "Save it as JPEG.")
    picture.write_bytes(b"\xff\xd8\xff\xe0")
    assert load(environment).telegram.picture == picture.absolute()


def test_a_mailbox_that_is_watched() -> None:
    write(toml(RIGHT))
    url = "imaps://ann%40x.example:hunter2@imap.example/Codes"
    assert load({"ACTIONBOT_MAIL__IMAP": url}).mail.imap == SecretStr(url)
    assert "hunter2" not in repr(load({"ACTIONBOT_MAIL__IMAP": url}))
    (mistake,) = mistakes(ACTIONBOT_MAIL__IMAP="imap://ann:hunter2@imap.example")
    assert mistake.problem == "Write imaps://user:password@host:993/INBOX"


def test_no_secret_shows_when_settings_are_printed() -> None:
    secret = {"webhook_url": "https://bot.example", "webhook_secret": "s3cret-of-ours"}
    url = "postgresql://ann:hunter2@localhost/bot"
    write(toml({**RIGHT, "telegram": {"token": TOKEN, **secret}, "database": {"url": url}}))
    shown = repr(load({})) + str(load({}))
    assert [each for each in (TOKEN, "hunter2", "s3cret-of-ours") if each in shown] == []


def test_all_mistakes_are_told_at_once_with_their_lines() -> None:
    write(
        "[telegram]\n"
        f'token = "{TOKEN[:12]}"\n'
        'api = "http://api.example"\n'
        'webhook_url = "https://bot.example"\n'
        "[smtp]\n"
        'url = "smtp+plain://ann:hunter2@mail.example"\n'
        "[mail]\n"
        'address = "nobody"\n'
        "[databse]\n"
        'url = "sqlite:///x.db"\n'
        "[web]\n"
        "prot = 80\n"
        "port = 70000\n"
    )
    assert [(each.where, each.problem) for each in mistakes(ACTIONBOT_KEYS__FLE="x")] == [
        ("actionbot.toml:2 telegram.token", "This isn't a valid bot token."),
        ("actionbot.toml:3 telegram.api", "Secrets can't be sent to this address."),
        (
            "actionbot.toml:1 telegram.webhook_secret",
            "A webhook needs a secret, or anyone could pretend to be Telegram.",
        ),
        (
            "actionbot.toml:6 smtp.url",
            "smtp+plain:// is for this machine only: use smtps:// or smtp://",
        ),
        ("actionbot.toml:8 mail.address", "This isn't a valid email address."),
        ("ACTIONBOT_KEYS__FLE", "Unknown setting."),
        ("actionbot.toml:13 web.port", "This number is out of range."),
        ("actionbot.toml:12 web.prot", "Unknown setting."),
        ("actionbot.toml:9 databse", "Unknown setting."),
    ]
    assert all(each.fix for each in mistakes())


@pytest.mark.parametrize(
    ("section", "key", "fix"),
    [
        ("telegram", "tokn", "Did you mean token?"),
        ("mail", "token", "It belongs under [telegram]."),
        ("web", "colour", "Possible names: host, port, status_host, status_port, heartbeat_url"),
    ],
)
def test_an_unknown_key_is_told_with_what_may_be_meant(section: str, key: str, fix: str) -> None:
    write(toml({**RIGHT, section: {**RIGHT.get(section, {}), key: "x"}}))
    (mistake,) = mistakes()
    assert (mistake.problem, mistake.fix) == ("Unknown setting.", fix)


@pytest.mark.parametrize(
    "url", ["mysql://ann:hunter2@h/b", "sqlite://", "hunter2", "postgresql://h/b?sslmode=hunter2"]
)
def test_an_address_of_a_database_that_cannot_be_used(url: str) -> None:
    write(toml({**RIGHT, "database": {"url": url}}))
    (mistake,) = mistakes()
    assert mistake.where == "actionbot.toml:8 database.url"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("[telegram]\ntoken = x\n", "actionbot.toml:2", "A text needs quotes."),
        ("[telegram]\ntoken = “x”\n", "actionbot.toml:2", "These quotes are typographic."),
        (
            "[telegram\ntoken = 'x'\n",
            "actionbot.toml:1",
            "The brackets of this heading don't match.",
        ),
        ("[web]\nport =\n", "actionbot.toml:2", "This key has no value."),
        ("[mail]\ntest = True\n", "actionbot.toml:2", "This isn't true or false."),
        ('[mail]\naddress = "x\n', "actionbot.toml:2", "A text has no closing quote."),
    ],
)
def test_of_a_file_that_is_no_toml_nothing_else_is_said(text: str, where: str, what: str) -> None:
    write(text)
    (mistake,) = mistakes()
    assert (mistake.where, mistake.problem) == (where, what)


def test_a_file_in_another_encoding_is_told() -> None:
    Path("actionbot.toml").write_bytes("[mail] # ü".encode("utf-16"))
    (mistake,) = mistakes()
    assert mistake.problem == "This isn't a valid UTF-8 text file."


def test_a_byte_order_mark_does_no_harm() -> None:
    write("\ufeff" + toml(RIGHT))
    assert load({}).mail.address == "actions@send.example"


def test_a_named_file_that_is_not_there_is_told() -> None:
    (mistake,) = mistakes(ACTIONBOT_CONFIG="nowhere.toml", ACTIONBOT_WEB__PORT="x")
    assert (mistake.where, mistake.problem) == ("nowhere.toml", "There is no such file.")


def test_a_value_where_a_section_belongs_is_told() -> None:
    write(f'mail = "actions@send.example"\n{toml({**RIGHT, "mail": {}})}'.replace("[mail]", ""))
    (mistake,) = mistakes()
    assert mistake.problem == "This is a section."
    assert mistake.fix == "Write [mail], and its keys below it."


def test_the_campaigns_folder_is_known_although_all_else_is_wrong() -> None:
    write('[campaigns]\nfolder = "ours"\n')
    assert campaigns_folder({}) == Path.cwd() / "ours"


@pytest.mark.parametrize("secret", ["", "x" * 257, "sec ret", "sécret"])
def test_a_webhook_secret_that_telegram_does_not_take(secret: str) -> None:
    hook = {"webhook_url": "https://bot.example", "webhook_secret": secret}
    write(toml({**RIGHT, "telegram": {"token": TOKEN, **hook}}))
    (mistake,) = mistakes()
    assert mistake.problem == "Telegram doesn't accept this secret."


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ('"on"', "on"),
        ("true", "on"),
        ("false", "off"),
        ('"Off"', "off"),
        ('"Tell the office:"', "Tell the office:"),
    ],
)
def test_the_header_against_abuse_is_on_off_or_a_text(given: str, text: str) -> None:
    write(f"{toml(RIGHT)}\nreport_abuse = {given}\n")
    assert load({}).mail.report_abuse == text


@pytest.mark.parametrize("given", ["", "x" * 61, "é", "a\\nBcc: all@gov.example"])
def test_what_is_no_text_of_a_header(given: str) -> None:
    write(f'{toml(RIGHT)}\nreport_abuse = "{given}"\n')
    (mistake,) = mistakes()
    assert mistake.problem == "This can't be the text of a header."


def test_letters_come_from_one_address_or_each_from_its_own() -> None:
    write(toml({**RIGHT, "mail": {"address": "actions@send.example", "from": "one"}}))
    assert load({}).mail.from_ == "one"
    assert load({"ACTIONBOT_MAIL__FROM": "each"}).mail.from_ == "each"
    (mistake,) = mistakes(ACTIONBOT_MAIL__FROM="some")
    assert mistake.where == "ACTIONBOT_MAIL__FROM"
    (mistake,) = mistakes(ACTIONBOT_MAIL__FORM="one")
    assert mistake.fix == "Did you mean from?"


def test_the_guide_names_every_setting() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert f"`[{name}]`" in guide
        for key, setting in getattr(field.annotation, "model_fields", {}).items():
            assert f"`{setting.alias or key}`" in guide, f"{name}.{key}"


def test_a_variable_of_a_section_does_not_blame_itself_for_what_is_missing() -> None:
    found = mistakes(ACTIONBOT_TELEGRAM__API="https://api.example")
    assert [(each.where, each.problem, each.fix) for each in found] == [
        (
            "actionbot.toml telegram.token",
            "This is missing.",
            "Add it under [telegram], or set ACTIONBOT_TELEGRAM__TOKEN",
        ),
        (
            "actionbot.toml smtp.url",
            "This is missing.",
            "Add it under [smtp], or set ACTIONBOT_SMTP__URL",
        ),
        (
            "actionbot.toml mail.address",
            "This is missing.",
            "Add it under [mail], or set ACTIONBOT_MAIL__ADDRESS",
        ),
    ]


def test_a_variable_with_one_underscore_is_noticed() -> None:
    write(toml(RIGHT))
    (mistake,) = mistakes(ACTIONBOT_MAIL_DKIM_KEY="x.pem", ACTIONBOT_TESTS_OTHER="x")
    assert (mistake.where, mistake.problem, mistake.fix) == (
        "ACTIONBOT_MAIL_DKIM_KEY",
        "Unknown variable.",
        "Write two underscores: ACTIONBOT_MAIL__DKIM_KEY",
    )


@pytest.mark.parametrize(
    ("section", "text", "problem"),
    [
        ("telegram", "token = 123456", "This must be a text."),
        ("telegram", 'admins = "Ann"', "This isn't a valid whole number."),
        ("mail", "own_domains = 2.5", "This must be a list, like"),
        ("mail", 'test = "maybe"', "This isn't true or false."),
        ("mail", 'after_a_broken_connection = "stop"', "This value isn't known."),
        ("web", "port = 80.5", "This isn't a valid whole number."),
        ("campaigns", "folder = 5", "This must be a path."),
    ],
)
def test_a_value_of_the_wrong_kind_says_what_to_write(
    section: str, text: str, problem: str
) -> None:
    key = text.partition(" ")[0]
    given = {**RIGHT, section: {k: v for k, v in RIGHT.get(section, {}).items() if k != key}}
    write(f"{toml(given)}\n".replace(f"[{section}]\n", f"[{section}]\n{text}\n"))
    (mistake,) = mistakes()
    assert mistake.problem.startswith(problem)
    assert mistake.fix
    assert f"{section}.{key}" in mistake.where
