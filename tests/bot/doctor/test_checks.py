"""All looks together: the whole of what is told, and that nothing hides anything."""

import asyncio
import re
import time
from typing import Any

import pytest

from bot.cli.setup.campaign_folders import create_campaign
from bot.doctor import return_path
from bot.doctor.checks import run_checks
from bot.doctor.finding import Finding, Status
from tests.bot.doctor.clinic import NOW, Clinic
from tests.bot.mail.sink import Sink

NAMES = {"what", "well", "seen", "means", "fix", "about", "records"}
CHANGING = re.compile(r"\d+\.\d+\.\d+(?=,)|\d+ days|:\d{4,5}|\d+\.\d+ (?=ms|GB)|TLSv[\d.]+")


def told(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """Return the JSON without what differs from one machine or minute to the next."""
    told = [finding.as_json() for finding in findings]
    assert {frozenset(each) for each in told} == {frozenset(NAMES)}
    for each in told:
        each["seen"] = CHANGING.sub("#", str(each["seen"]))
    return [{name: value for name, value in each.items() if value} for each in told]


def good(what: str, seen: str, **more: str) -> dict[str, Any]:
    return {"what": what, "well": "good", "seen": seen} | more


PASSES = "passes by the signature (DKIM) or the envelope (SPF)."
SEEN_FROM_HERE = (
    "The mail server is on this machine, so the address its mail leaves from can't be seen here."
)
HEADERS = "Check that a test letter's headers say spf=pass: actionbot doctor --send you@…"

HEALTHY = [
    good("settings and campaigns", "No mistakes found."),
    good("token", "The bot is @action_bot."),
    good("webhook", "None is set: the bot polls. No updates are waiting."),
    good("clock", "It agrees with that of 127.0.0.1#."),
    good("picture", "The bot has a picture."),
    good("database", "SQLite #, of this version; it answers in #ms."),
    good("keys", "They match the database."),
    good("disk", "#GB are free where the database is."),
    good("roles and modes", "There are none yet."),
    good("audit log", "It has no entry yet."),
    good("key file", "Only its owner can read it.", about="actionbot.keys"),
    good("DKIM key", "Only its owner can read it.", about="dkim.pem"),
    good("mail server", "Connected and logged in."),
    good("TLS", "#; the certificate of 127.0.0.1 expires in #."),
    {
        "what": "SPF",
        "well": "warning",
        "seen": "One record; lookups: 1 of 10.",
        "means": SEEN_FROM_HERE,
        "fix": HEADERS,
        "about": "send.river.example",
    },
    good("DKIM", "The record matches the key that signs.", about="send.river.example"),
    good("DKIM", "The record matches the key that signs.", about="river.example"),
    good(
        "DMARC",
        "The policy is quarantine, set at river.example.",
        means=f"Mail from send.river.example {PASSES}",
        about="send.river.example",
    ),
    good(
        "DMARC",
        "The policy is quarantine.",
        means=f"Mail from river.example {PASSES}",
        about="river.example",
    ),
    good(
        "MX",
        "mail.river.example.",
        means="Mail for send.river.example goes there. "
        "Have that server pass them to “actionbot bounce”. Then set [mail] bounce_command = true.",
        about="send.river.example",
    ),
    good(
        "MX",
        "mail.river.example.",
        means="Mail for river.example goes there.",
        about="river.example",
    ),
    good(
        "reverse name",
        "Not checked: the address that mail leaves from can't be seen from here.",
        means="The mail server on this machine needs a reverse name for that address.",
    ),
]


async def test_all_is_well(clinic: Clinic) -> None:
    assert told(await clinic.examined()) == HEALTHY


async def test_nothing_is_changed_and_nothing_sent(clinic: Clinic) -> None:
    before = sorted(str(path) for path in clinic.folder.rglob("*"))
    await clinic.examined()
    assert sorted(str(path) for path in clinic.folder.rglob("*")) == before
    assert (clinic.sink.mails, set(clinic.sink.verbs)) == ([], {"EHLO", "AUTH", "NOOP", "QUIT"})


async def test_all_is_broken(clinic: Clinic) -> None:
    """Each fault is told with its fix, and none of them hides another."""
    secret = "never-to-be-seen-by-anybody"
    clinic.sets(
        telegram={"token": f"123456:{secret}"},
        smtp={"url": clinic.sink.url.replace("secret", secret)},
        database={"url": f"postgresql://ann:{secret}@127.0.0.1:9/bot"},
        mail={"own_domains": ["members.example"]},
    )
    clinic.sink.always("AUTH", "535 5.7.8 no")
    (clinic.folder / "keys" / "actionbot.keys").chmod(0o640)
    (clinic.folder / "keys" / "dkim.pem").unlink()
    (clinic.folder / "campaigns" / "hong-kong" / "en.md").unlink()
    clinic.zone('send.river.example. 3600 IN TXT "v=spf1 +all"')
    found = await clinic.examined()
    assert [
        (each.subject, each.about, each.status.value)
        for each in found
        if each.status != Status.GOOD
    ] == [
        ("settings and campaigns", "actionbot.toml:9 mail.dkim_key", "bad"),
        ("settings and campaigns", "hong-kong/en.md", "bad"),
        ("token", "", "bad"),
        ("webhook", "", "warning"),
        ("picture", "", "warning"),
        ("database", "", "bad"),
        ("key file", "actionbot.keys", "bad"),
        ("DKIM key", "dkim.pem", "bad"),
        ("mail server", "", "bad"),
        ("SPF", "send.river.example", "bad"),
        ("DKIM", "send.river.example", "bad"),
        ("DKIM", "river.example", "bad"),
        ("DKIM", "members.example", "bad"),
        ("DMARC", "send.river.example", "warning"),
        ("DMARC", "river.example", "warning"),
        ("DMARC", "members.example", "warning"),
        ("MX", "send.river.example", "bad"),
        ("MX", "river.example", "bad"),
    ]
    assert [each.subject for each in found if each.status is Status.BAD and not each.fix] == []
    assert [each for each in found if secret in str(each)] == []


async def test_the_remarks_about_a_new_campaign_do_not_hide_the_rest(clinic: Clinic) -> None:
    create_campaign(clinic.folder / "campaigns", "river")
    (found,) = await clinic.found("settings and campaigns")
    assert found == Finding(
        "settings and campaigns", Status.WARNING, "Remarks: 14.", fix="Read them: actionbot check"
    )


async def test_where_every_server_is_silent_it_is_soon_over(clinic: Clinic) -> None:
    silent = Sink()
    hold = silent.hold("GREETING")
    server = await asyncio.start_server(silent.meet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    clinic.sets(
        telegram={"api": f"http://127.0.0.1:{port}"},
        smtp={"url": f"smtp+plain://127.0.0.1:{port}"},
        database={"url": f"postgresql://ann@127.0.0.1:{port}/bot?sslmode=disable"},
    )
    clinic.names.mute = True
    clinic.patience = 1
    before = time.monotonic()
    found = await clinic.examined()
    took = time.monotonic() - before
    hold.release()
    server.close()
    silent.hang_up()
    await silent.quiet()
    assert took < 10, "one after the other, it would be more than ten"
    seen = {each.subject: each.observed for each in found if each.status is Status.BAD}
    waited = "No answer within 1 seconds."
    assert {what for what, words in seen.items() if words == waited} == {
        *("token", "webhook", "clock", "picture", "database", "roles and modes"),
        *("mail server", "DNS", "SPF"),
        *("DKIM of send.river.example", "DKIM of river.example"),
        *("DMARC of send.river.example", "DMARC of river.example"),
        *("MX of send.river.example", "MX of river.example"),
    }
    assert [each.subject for each in found if each.status is Status.GOOD] == [
        *("settings and campaigns", "key file", "DKIM key", "reverse name")
    ]


async def test_a_timeout_is_for_servers_not_for_reading_files(clinic: Clinic) -> None:
    clinic.patience = 0.000_001
    (found,) = await clinic.found("settings and campaigns")
    assert found.status is Status.GOOD


async def test_a_look_that_breaks_hides_no_other(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise ValueError("with a secret")

    monkeypatch.setattr(return_path, "parse_smtp_url", breaks)
    found = await clinic.examined()
    assert found[-1] == Finding(
        "reverse name",
        Status.BAD,
        "This check failed unexpectedly (ValueError).",
        fix="Please report it: it is a bug.",
    )
    assert told(found[:-1]) == HEALTHY[:-1]


async def test_progress_is_told(clinic: Clinic) -> None:
    heard: list[tuple[int, int]] = []
    await run_checks(clinic.environment, clinic.tools, lambda done, of: heard.append((done, of)))
    assert heard == [(done, 18) for done in range(19)]


async def test_without_settings_only_that_is_told(clinic: Clinic) -> None:
    (clinic.folder / "actionbot.toml").unlink()
    (found,) = await clinic.examined()
    assert (found.status, found.observed, found.fix) == (
        Status.BAD,
        "There is no such file.",
        "Fix ACTIONBOT_CONFIG, or run: actionbot init",
    )


async def test_the_clock_of_the_looks_is_given(clinic: Clinic) -> None:
    clinic.clock = lambda: NOW
    (found,) = await clinic.found("clock")
    assert found.status is Status.BAD
