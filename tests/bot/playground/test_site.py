"""The page's server: it serves its own page, and refuses other pages in the same browser."""

from base64 import b64encode
from collections.abc import AsyncIterator
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import aiosmtplib
import orjson
import pytest
import pytest_asyncio

from bot.playground.inbox import Inbox, ReceivedEmail
from bot.playground.site import Site
from bot.playground.telegram import TelegramState
from conversations.model.mistakes import Mistake


class Browser:
    def __init__(
        self, site: Site, telegram: TelegramState, inbox: Inbox, answers: list[tuple[int, str]]
    ) -> None:
        self.site, self.telegram, self.inbox, self.answers = site, telegram, inbox, answers
        self.session = aiohttp.ClientSession()

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        async with self.session.get(self.site.url + path, headers=headers) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await (answer.json() if is_json else answer.text())

    async def post(self, path: str, **how: Any) -> int:
        async with self.session.post(self.site.url + path, **how) as answer:
            return answer.status


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    telegram = TelegramState()
    maria = telegram.add_person(1001, "Maria", "Silva")
    answers: list[tuple[int, str]] = []

    async def answer(mail: ReceivedEmail, text: str) -> None:
        answers.append((mail.id, text))

    async with (
        Inbox() as inbox,
        Site(telegram, [maria], inbox, Path("campaigns"), 0) as site,
    ):
        site.on_reply(answer)
        browser = Browser(site, telegram, inbox, answers)
        yield browser
        await browser.session.close()


async def test_the_page_loads_nothing_from_elsewhere(browser: Browser) -> None:
    async with browser.session.get(browser.site.url) as answer:
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "<title>actionbot playground</title>" in await answer.text()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
async def test_other_pages_are_refused(browser: Browser, headers: dict[str, str]) -> None:
    assert (await browser.get("/api/state", **headers))[0] == 403
    assert await browser.post("/api/keys", json={"on": True}, headers=headers) == 403
    assert browser.site.show_keys is False


async def test_a_form_of_another_page_does_nothing(browser: Browser) -> None:
    assert await browser.post("/api/people/1001/start", data={"payload": ""}) == 415
    assert await browser.post("/api/people/1001/start", json={"payload": ""}) == 200


@pytest.mark.parametrize(
    ("deed", "body"),
    [
        ("1001/fly", {}),
        ("7/start", {"payload": ""}),
        ("Maria/start", {"payload": ""}),
        ("1001/start", {"payload": "no link holds this"}),
        ("1001/press", {"message_id": 99, "data": "x"}),
        ("1001/say", {}),
        ("1001/say", ["text"]),
    ],
)
async def test_impossible_actions_are_refused(browser: Browser, deed: str, body: Any) -> None:
    assert await browser.post(f"/api/people/{deed}", json=body) == 400


async def test_email_is_shown_and_can_be_replied_to(browser: Browser) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@send.example", "b@mail.example", "香港"
    mail.set_content("Hello\n")
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=browser.inbox.port, start_tls=False)
    _, state = await browser.get("/api/state")
    (shown,) = state["mail"]
    assert (shown["from"], shown["to"], shown["subject"], shown["text"]) == (
        "a@send.example",
        "b@mail.example",
        "香港",
        "Hello\n",
    )
    status, raw = await browser.get("/api/mail/1/raw")
    assert (status, "From: a@send.example" in raw) == (200, True)
    assert await browser.post("/api/mail/1/reply", json={"text": "This wasn’t me"}) == 200
    assert browser.answers == [(1, "This wasn’t me")]


@pytest.mark.parametrize("number", ["0", "1", "-1", "x", "²"])
async def test_an_unknown_email_is_not_found(browser: Browser, number: str) -> None:
    assert (await browser.get(f"/api/mail/{number}/raw"))[0] == 404


async def test_grave_mistakes_are_told(browser: Browser) -> None:
    grave = Mistake("It is closed before it opens.", "Change closes.", "hong-kong/campaign.toml")
    browser.site.show_mistakes((grave,))
    _, state = await browser.get("/api/state")
    assert state["mistakes"] == [
        {
            "where": "hong-kong/campaign.toml",
            "problem": "It is closed before it opens.",
            "fix": "Change closes.",
        }
    ]


def file(kind: str, name: str = "a.bin", content: bytes = b"\x89PNG") -> dict[str, str]:
    return {"kind": kind, "name": name, "content": b64encode(content).decode()}


async def test_files_are_sent_as_telegram_sends_them(browser: Browser) -> None:
    kinds = ("photo", "video", "document", "voice", "animation")
    body = {"caption": "Look", "files": [file(kind, f"{kind}.bin") for kind in kinds]}
    assert await browser.post("/api/people/1001/files", json=body) == 200
    _, state = await browser.get("/api/state")
    shown = state["people"][0]["chat"]
    assert [each["text"] for each in shown] == ["Look", "", "", "", ""]
    assert [each["kind"] or "photo" for each in shown] == [*kinds]
    assert [each["name"] for each in shown[1:]] == [f"{kind}.bin" for kind in kinds[1:]]
    sent = browser.telegram.people[1001].messages.values()
    albums = [each.get("media_group_id") for each in sent]
    assert albums[0] == albums[1] and albums[0]
    assert albums[2:] == [None] * 3
    async with browser.session.get(f"{browser.site.url}/api/files/{shown[0]['photo']}") as picture:
        assert (picture.content_type, await picture.read()) == ("image/png", b"\x89PNG")


@pytest.mark.parametrize(
    "files",
    [[], "photo", [file("photo")] * 11, [file("sticker")], [{**file("photo"), "content": "§"}]],
)
async def test_files_that_cannot_be_sent(browser: Browser, files: Any) -> None:
    assert await browser.post("/api/people/1001/files", json={"files": files}) == 400
    assert browser.telegram.people[1001].messages == {}


async def test_a_file_may_have_twenty_megabytes(browser: Browser) -> None:
    headers = {"Content-Type": "application/json"}
    for megabytes, status in ((20, 200), (22, 413)):
        files = [file("document", content=bytes(megabytes * 1024 * 1024))]
        body = BytesIO(orjson.dumps({"files": files}))
        sent = await browser.post("/api/people/1001/files", data=body, headers=headers)
        assert sent == status


async def test_a_voice_message_may_be_passed_on(browser: Browser) -> None:
    assert await browser.post("/api/people/1001/other", json={"kind": "voice"}) == 200
    (sent,) = browser.telegram.people[1001].messages.values()
    assert sent["voice"]["file_id"] in browser.telegram.files
