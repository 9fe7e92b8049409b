"""The page of the playground: chats and inbox, live.

It listens on this machine only, and answers only pages of its own: another page open in the same
browser must not chat here (Host and Origin are compared, and nothing of others is loaded).
"""

import asyncio
import secrets
from base64 import b64decode
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from bot.playground.inbox import Inbox, ReceivedEmail
from bot.playground.telegram import Person, TelegramState
from conversations.model.mistakes import Mistake

PAGE = Path(__file__).parent / "page"

_POLICY = (
    "default-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

_MAX_REQUEST_BYTES = 28 * 1024 * 1024
"""Bytes of a request: files of 20 MB, as base64."""

_ALBUM_GROUPS = {"photo": "seen", "video": "seen", "document": "document", "audio": "audio"}
"""What may stand in one album (Bot API, sendMediaGroup); the rest goes alone."""

_SINGLE_KINDS = ("animation", "voice")
_MAX_FILES = 10

Body = dict[str, Any]


class Site:
    """Serves the page. Use it as a context."""

    def __init__(
        self,
        telegram: TelegramState,
        people: Sequence[Person],
        inbox: Inbox,
        answer: Callable[[ReceivedEmail, str], Awaitable[None]],
        campaigns: Path,
        port: int,
    ) -> None:
        """Show the chats of `people` in `telegram`, and `inbox`; `answer` takes answers to mails.

        The page tells that the campaigns' files are in the folder `campaigns`.
        """
        self._telegram = telegram
        self._people = {person.id: person for person in people}
        self._inbox = inbox
        self._answer = answer
        self._campaigns = campaigns
        self._port = port
        self._listeners: set[asyncio.Queue[Body | None]] = set()
        self._runner: web.AppRunner | None = None
        self.show_keys = False
        self.mistakes: tuple[Mistake, ...] = ()
        self.url = ""

    async def __aenter__(self) -> "Site":
        """Start serving."""
        app = web.Application(middlewares=[_guarded], client_max_size=_MAX_REQUEST_BYTES)
        app.router.add_get("/", self._index)
        app.router.add_get("/api/state", self._state)
        app.router.add_get("/api/events", self._events)
        app.router.add_get("/api/files/{file}", self._file)
        app.router.add_get("/api/mail/{mail}/raw", self._raw)
        app.router.add_post("/api/mail/{mail}/answer", self._answer_mail)
        app.router.add_post("/api/keys", self._keys)
        app.router.add_post("/api/people/{person}/{deed}", self._deed)
        app.router.add_static("/", PAGE)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop serving: open pages are told that no more comes."""
        for listener in self._listeners:
            listener.put_nowait(None)
        if self._runner is not None:
            await self._runner.cleanup()

    def tell(self, event: Body) -> None:
        """Tell every open page."""
        for listener in self._listeners:
            listener.put_nowait(event)

    async def came(self, mail: ReceivedEmail) -> None:
        """Show a mail that came."""
        self.tell({"event": "mail", **mail.view()})

    def tell_mistakes(self, mistakes: tuple[Mistake, ...]) -> None:
        """Show what is wrong in the campaigns' files."""
        self.mistakes = mistakes
        self.tell({"event": "mistakes", "mistakes": self._mistakes()})

    # --- what the page asks ---------------------------------------------------------------------

    async def _index(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE / "index.html")

    async def _state(self, _: web.Request) -> web.Response:
        telegram = self._telegram
        return _json(
            {
                "bot": {
                    "username": telegram.username,
                    "name": telegram.me()["first_name"],
                    "campaigns": str(self._campaigns),
                },
                "show_keys": self.show_keys,
                "mistakes": self._mistakes(),
                "people": [_person(person) for person in self._people.values()],
                "mail": [mail.view() for mail in self._inbox.mails],
            }
        )

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **_HEADERS})
        await response.prepare(request)
        queue: asyncio.Queue[Body | None] = asyncio.Queue()
        self._listeners.add(queue)
        forwards = [
            asyncio.create_task(_forward(person, queue)) for person in self._people.values()
        ]
        try:
            # How soon a page tries again, in milliseconds, when the playground was away.
            await response.write(b"retry: 500\n\n")
            while (event := await queue.get()) is not None:
                await response.write(b"data: " + orjson.dumps(event) + b"\n\n")
        except ConnectionError:
            pass  # the page was closed
        finally:
            self._listeners.discard(queue)
            for forward in forwards:
                forward.cancel()
        return response

    async def _file(self, request: web.Request) -> web.Response:
        file = self._telegram.files.get(request.match_info["file"])
        if file is None:
            raise web.HTTPNotFound
        kind = "image/png" if file[0].startswith(b"\x89PNG") else "image/jpeg"
        return web.Response(body=file[0], content_type=kind)

    async def _raw(self, request: web.Request) -> web.Response:
        return web.Response(
            text=self._mail(request).raw.decode("utf-8", "replace"), content_type="text/plain"
        )

    async def _answer_mail(self, request: web.Request) -> web.Response:
        body = await _body(request)
        await self._answer(self._mail(request), str(body.get("text", "")))
        return _json({"ok": True})

    async def _keys(self, request: web.Request) -> web.Response:
        self.show_keys = bool((await _body(request)).get("on"))
        self.tell({"event": "keys", "show_keys": self.show_keys})
        return _json({"ok": True})

    async def _deed(self, request: web.Request) -> web.Response:
        body = await _body(request)
        try:
            person = self._people[int(request.match_info["person"])]
            _do(person, request.match_info["deed"], body)
        except (KeyError, ValueError, TypeError):
            return _json({"error": "That cannot be done here."}, status=400)
        return _json({"ok": True})

    def _mail(self, request: web.Request) -> ReceivedEmail:
        number = request.match_info["mail"]
        if not number.isdecimal() or not 1 <= int(number) <= len(self._inbox.mails):
            raise web.HTTPNotFound
        return self._inbox.mails[int(number) - 1]

    def _mistakes(self) -> list[Body]:
        return [
            {"where": mistake.where, "what": mistake.problem, "mend": mistake.fix}
            for mistake in self.mistakes
            if mistake.is_error
        ]


def _person(person: Person) -> Body:
    return {
        "id": person.id,
        "name": f"{person.first_name} {person.last_name}".strip(),
        "role": person.role,
        "language": person.language_code,
        "blocked": person.blocked,
        "commands": person.commands(),
        "keyboard": person.keys(),
        "chat": person.chat(),
    }


def _do(person: Person, deed: str, body: Body) -> None:
    """Do what a person does in their Telegram. KeyError for what is not known."""
    match deed:
        case "say":
            person.send(str(body["text"]))
        case "start":
            person.start(str(body.get("payload", "")))
        case "press":
            person.press(int(body["message_id"]), str(body["data"]))
        case "edit":
            person.edit(int(body["message_id"]), str(body["text"]))
        case "other":
            _send_other(person, str(body["kind"]))
        case "files":
            _send_files(person, body["files"], str(body.get("caption", "")))
        case "block":
            person.block(blocked=bool(body["blocked"]))
        case "clear":
            person.clear()
        case "language":
            person.speak(str(body["language"]))
        case _:
            raise KeyError(deed)


def _send_other(person: Person, kind: str) -> None:
    """Send what has no content here; a voice message is kept, since it may be passed on."""
    if kind == "voice":
        person.send_file(kind, b"")
    else:
        person.send_other(kind)


def _send_files(person: Person, files: list[Body], caption: str) -> None:
    """Send files, those that Telegram groups as albums; the first bears the caption."""
    if not 1 <= len(files) <= _MAX_FILES:
        raise ValueError("so many files cannot be sent")
    read = [
        (str(each["kind"]), str(each["name"]), b64decode(each["content"], validate=True))
        for each in files
    ]
    if unknown := {kind for kind, _, _ in read} - {*_ALBUM_GROUPS, *_SINGLE_KINDS}:
        raise ValueError(f"no such kind: {unknown}")
    for place, group in groupby(
        enumerate(read), key=lambda each: _ALBUM_GROUPS.get(each[1][0], each)
    ):
        some = [file for _, file in group]
        album = secrets.token_hex(8) if isinstance(place, str) and len(some) > 1 else ""
        for kind, name, content in some:
            person.send_file(kind, content, caption, album, name=name)
            caption = ""


async def _forward(person: Person, queue: asyncio.Queue[Body | None]) -> None:
    """Pass on what changes in a person's chat."""
    changes = person.watch()
    try:
        while True:
            queue.put_nowait({"person": person.id, **await changes.get()})
    finally:
        person.unwatch(changes)


@web.middleware
async def _guarded(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer this machine's own page alone (DNS rebinding, cross-site requests)."""
    host = request.host.rpartition(":")[0]
    origin = request.headers.get("Origin")
    foreign = origin is not None and origin != f"http://{request.host}"
    if host not in ("127.0.0.1", "localhost") or foreign:
        raise web.HTTPForbidden
    if request.method == "POST" and request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    response = await handler(request)
    if not response.prepared:
        response.headers.update(_HEADERS)
    return response


async def _body(request: web.Request) -> Body:
    try:
        body = orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError:
        raise web.HTTPBadRequest from None
    return body if isinstance(body, dict) else {}


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")
