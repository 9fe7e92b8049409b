"""Serves the playground's page: all chats and the inbox, updated live.

The server listens on this machine only. Host and Origin of each request are checked, so that no
other page in the same browser can chat here, and the page loads nothing from elsewhere.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from bot.playground.inbox import Inbox, ReceivedEmail
from bot.playground.person_actions import act
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
"""Enough for files of 20 MB as base64."""

Body = dict[str, Any]
OnReply = Callable[[ReceivedEmail, str], Awaitable[object]]


class Site:
    """Serves the page, as an async context manager."""

    def __init__(
        self,
        telegram: TelegramState,
        people: Sequence[Person],
        inbox: Inbox,
        campaigns: Path,
        port: int,
    ) -> None:
        """Show the chats of `people` and all email in `inbox`.

        The page says that the campaign files are in the folder `campaigns`. Port 0 picks a free
        one.
        """
        self._telegram = telegram
        self._people = {person.id: person for person in people}
        self._inbox = inbox
        self._campaigns = campaigns
        self._port = port
        self._on_reply: OnReply | None = None
        self._listeners: set[asyncio.Queue[Body | None]] = set()
        self._runner: web.AppRunner | None = None
        self.show_keys = False
        """Whether the bot writes each text's catalogue key before it."""
        self.mistakes: tuple[Mistake, ...] = ()
        self.url = ""
        inbox.on_mail(self.show_email)

    async def __aenter__(self) -> "Site":
        """Start serving."""
        app = web.Application(middlewares=[_refuse_other_pages], client_max_size=_MAX_REQUEST_BYTES)
        app.router.add_get("/", self._get_index)
        app.router.add_get("/api/state", self._get_state)
        app.router.add_get("/api/events", self._get_events)
        app.router.add_get("/api/files/{file}", self._get_file)
        app.router.add_get("/api/mail/{mail}/raw", self._get_source)
        app.router.add_post("/api/mail/{mail}/reply", self._post_reply)
        app.router.add_post("/api/keys", self._post_keys)
        app.router.add_post("/api/people/{person}/{action}", self._post_action)
        app.router.add_static("/", PAGE)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop serving, and end the event streams of open pages."""
        for listener in self._listeners:
            listener.put_nowait(None)
        if self._runner is not None:
            await self._runner.cleanup()

    def on_reply(self, callback: OnReply) -> None:
        """Call `callback` with each reply to an email: the email, and the reply's text."""
        self._on_reply = callback

    def notify(self, event: Body) -> None:
        """Send an event to every open page."""
        for listener in self._listeners:
            listener.put_nowait(event)

    async def show_email(self, mail: ReceivedEmail) -> None:
        """Show an email in the inbox."""
        self.notify({"event": "mail", **mail.view()})

    def show_mistakes(self, mistakes: tuple[Mistake, ...]) -> None:
        """Show the mistakes in the campaign files."""
        self.mistakes = mistakes
        self.notify({"event": "mistakes", "mistakes": self._mistakes()})

    # --- requests of the page -------------------------------------------------------------------

    async def _get_index(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE / "index.html")

    async def _get_state(self, _: web.Request) -> web.Response:
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

    async def _get_events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **_HEADERS})
        await response.prepare(request)
        queue: asyncio.Queue[Body | None] = asyncio.Queue()
        self._listeners.add(queue)
        forwards = [
            asyncio.create_task(_forward(person, queue)) for person in self._people.values()
        ]
        try:
            # The page reconnects after so many milliseconds when the playground has restarted.
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

    async def _get_file(self, request: web.Request) -> web.Response:
        file = self._telegram.files.get(request.match_info["file"])
        if file is None:
            raise web.HTTPNotFound
        kind = "image/png" if file[0].startswith(b"\x89PNG") else "image/jpeg"
        return web.Response(body=file[0], content_type=kind)

    async def _get_source(self, request: web.Request) -> web.Response:
        return web.Response(
            text=self._mail(request).raw.decode("utf-8", "replace"), content_type="text/plain"
        )

    async def _post_reply(self, request: web.Request) -> web.Response:
        body = await _body(request)
        if self._on_reply is not None:
            await self._on_reply(self._mail(request), str(body.get("text", "")))
        return _json({"ok": True})

    async def _post_keys(self, request: web.Request) -> web.Response:
        self.show_keys = bool((await _body(request)).get("on"))
        self.notify({"event": "keys", "show_keys": self.show_keys})
        return _json({"ok": True})

    async def _post_action(self, request: web.Request) -> web.Response:
        body = await _body(request)
        try:
            person = self._people[int(request.match_info["person"])]
            act(person, request.match_info["action"], body)
        except (KeyError, ValueError, TypeError):
            return _json({"error": "That is not possible here."}, status=400)
        return _json({"ok": True})

    def _mail(self, request: web.Request) -> ReceivedEmail:
        number = request.match_info["mail"]
        if not number.isdecimal() or not 1 <= int(number) <= len(self._inbox.mails):
            raise web.HTTPNotFound
        return self._inbox.mails[int(number) - 1]

    def _mistakes(self) -> list[Body]:
        return [
            {"where": mistake.where, "problem": mistake.problem, "fix": mistake.fix}
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


async def _forward(person: Person, queue: asyncio.Queue[Body | None]) -> None:
    """Copy the events of a person's chat into the queue of a page."""
    events = person.watch()
    try:
        while True:
            queue.put_nowait({"person": person.id, **await events.get()})
    finally:
        person.unwatch(events)


@web.middleware
async def _refuse_other_pages(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer only our own page: no cross-site request, and no DNS rebinding."""
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
