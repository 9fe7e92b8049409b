"""The page of one bot: all its chats, and the inbox if there is one, updated live."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import orjson
from aiohttp import web

from bot.playground.inbox import Inbox, ReceivedEmail
from bot.playground.local_web import HEADERS, Body, json_response, read_json
from bot.playground.person_actions import act
from bot.playground.telegram import Person, TelegramState
from conversations.model.mistakes import Mistake

ASSETS = Path(__file__).parent / "page"

_MAX_WAIT = 60.0
"""How many seconds a request can wait for a text, at most."""

_DEFAULT_WAIT = 10.0

OnReply = Callable[[ReceivedEmail, str], Awaitable[object]]


class BotPage:
    """Answers the requests of a bot's page."""

    def __init__(
        self,
        telegram: TelegramState,
        people: Sequence[Person],
        inbox: Inbox | None = None,
        campaigns: str = "",
    ) -> None:
        """Show the chats of `people` with the bot, and all email in `inbox`.

        `campaigns` is the folder of the campaign files, which the page names.
        """
        self._telegram = telegram
        self._people = {person.id: person for person in people}
        self._inbox = inbox
        self._campaigns = campaigns
        self._on_reply: OnReply | None = None
        self._listeners: set[asyncio.Queue[Body | None]] = set()
        self.show_keys = False
        """Whether the bot writes each text's catalogue key before it."""
        self.mistakes: tuple[Mistake, ...] = ()
        if inbox is not None:
            inbox.on_mail(self.show_email)

    def close(self) -> None:
        """End the event streams of open pages."""
        for listener in self._listeners:
            listener.put_nowait(None)

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

    async def get_state(self, _: web.Request) -> web.Response:
        """Return everything that the page shows."""
        telegram, inbox = self._telegram, self._inbox
        return json_response(
            {
                "bot": {
                    "username": telegram.username,
                    "name": telegram.first_name,
                    "campaigns": self._campaigns,
                },
                "show_keys": self.show_keys,
                "mistakes": self._mistakes(),
                "people": [_person(person) for person in self._people.values()],
                "mail": None if inbox is None else [mail.view() for mail in inbox.mails],
            }
        )

    async def get_events(self, request: web.Request) -> web.StreamResponse:
        """Send events until the page is closed."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **HEADERS})
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

    async def get_chat(self, request: web.Request) -> web.Response:
        """Return a person's chat, once a message or a button has `text`; for tests of bots.

        After `seconds` it is returned as it is, and `found` is false.
        """
        try:
            person = self._people[int(request.match_info["person"])]
            seconds = float(request.query.get("seconds", _DEFAULT_WAIT))
        except (KeyError, ValueError):
            return _impossible()
        wanted, found = request.query.get("text", ""), True
        try:
            await person.until(lambda one: _shows(one, wanted), min(seconds, _MAX_WAIT))
        except TimeoutError:
            found = False
        return json_response({"found": found, "chat": person.chat(), "toasts": person.toasts})

    async def get_file(self, request: web.Request) -> web.Response:
        """Return a picture in a chat."""
        file = self._telegram.files.get(request.match_info["file"])
        if file is None:
            raise web.HTTPNotFound
        kind = "image/png" if file[0].startswith(b"\x89PNG") else "image/jpeg"
        return web.Response(body=file[0], content_type=kind)

    async def get_source(self, request: web.Request) -> web.Response:
        """Return an email as it was received."""
        return web.Response(
            text=self._mail(request).raw.decode("utf-8", "replace"), content_type="text/plain"
        )

    async def post_reply(self, request: web.Request) -> web.Response:
        """Reply to an email."""
        body = await read_json(request)
        if self._on_reply is not None:
            await self._on_reply(self._mail(request), str(body.get("text", "")))
        return json_response({"ok": True})

    async def post_keys(self, request: web.Request) -> web.Response:
        """Show or hide the keys of texts."""
        self.show_keys = bool((await read_json(request)).get("on"))
        self.notify({"event": "keys", "show_keys": self.show_keys})
        return json_response({"ok": True})

    async def post_action(self, request: web.Request) -> web.Response:
        """Let a person do something in Telegram."""
        body = await read_json(request)
        try:
            person = self._people[int(request.match_info["person"])]
            act(person, request.match_info["action"], body)
        except (KeyError, ValueError, TypeError):
            return _impossible()
        return json_response({"ok": True})

    def _mail(self, request: web.Request) -> ReceivedEmail:
        number = request.match_info["mail"]
        mails = self._inbox.mails if self._inbox is not None else []
        if not number.isdecimal() or not 1 <= int(number) <= len(mails):
            raise web.HTTPNotFound
        return mails[int(number) - 1]

    def _mistakes(self) -> list[Body]:
        return [
            {"where": mistake.where, "problem": mistake.problem, "fix": mistake.fix}
            for mistake in self.mistakes
            if mistake.is_error
        ]


Handler = Callable[[BotPage, web.Request], Awaitable[web.StreamResponse]]

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/api/state", BotPage.get_state),
    ("GET", "/api/events", BotPage.get_events),
    ("GET", "/api/people/{person}/chat", BotPage.get_chat),
    ("GET", "/api/files/{file}", BotPage.get_file),
    ("GET", "/api/mail/{mail}/raw", BotPage.get_source),
    ("POST", "/api/mail/{mail}/reply", BotPage.post_reply),
    ("POST", "/api/keys", BotPage.post_keys),
    ("POST", "/api/people/{person}/{action}", BotPage.post_action),
)
"""Method and path of each request, and who answers it."""


def add_routes(
    app: web.Application, find: Callable[[web.Request], BotPage], prefix: str = ""
) -> None:
    """Serve pages below `prefix`. `find` returns the page of a request. Raises HTTPNotFound."""

    def answer_with(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await handler(find(request), request)

        return answer

    async def index(request: web.Request) -> web.FileResponse:
        find(request)
        return web.FileResponse(ASSETS / "index.html")

    for method, path, handler in ROUTES:
        app.router.add_route(method, f"{prefix}{path}", answer_with(handler))
    app.router.add_get(f"{prefix}/", index)
    app.router.add_get(f"{prefix}/{{asset}}", get_asset)


async def get_asset(request: web.Request) -> web.FileResponse:
    """Return a file that pages load: a script, a style sheet or the icon."""
    name = request.match_info["asset"]
    if name not in {file.name for file in ASSETS.iterdir()}:
        raise web.HTTPNotFound
    return web.FileResponse(ASSETS / name)


def _impossible() -> web.Response:
    return json_response({"error": "That is not possible here."}, status=400)


def _shows(person: Person, text: str) -> bool:
    return any(
        text in words
        for message in person.chat()
        for words in (message["text"], *(key["text"] for row in message["keyboard"] for key in row))
    )


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
