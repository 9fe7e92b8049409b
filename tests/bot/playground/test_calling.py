"""How methods are called (Bot API, "Making requests"), by bare aiohttp."""

from bot.playground.telegram import Person
from tests.bot.playground.wire import Wire, bad


async def test_a_wrong_token_and_an_unknown_method(wire: Wire) -> None:
    unauthorized = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await wire.raw("getMe", "1:wrong") == unauthorized
    assert await wire("sendDice", chat_id=1) == (404, "Not Found")


async def test_a_refusal_is_a_status_of_http_too(wire: Wire) -> None:
    async with wire.session.get(f"{wire.url}/bot{wire.telegram.token}/sendDice") as response:
        assert (response.status, response.content_type) == (404, "application/json")


async def test_parameters_come_as_json_as_a_form_and_in_the_query(
    wire: Wire, maria: Person
) -> None:
    token = wire.telegram.token
    form = await wire.raw("sendMessage", token, data={"chat_id": "1001", "text": "A form"})
    query = await wire.raw("SENDMESSAGE?chat_id=1001&text=A+query", token)
    assert [form["result"]["text"], query["result"]["text"]] == ["A form", "A query"]


async def test_a_form_carries_objects_as_json(wire: Wire, maria: Person) -> None:
    form = {"chat_id": "1001", "text": "x", "reply_markup": '{"inline_keyboard":[[]]}'}
    sent = await wire.raw("sendMessage", wire.telegram.token, data=form)
    assert sent["result"]["reply_markup"] == {"inline_keyboard": []}
    broken = await wire.raw("sendMessage", wire.telegram.token, data={**form, "reply_markup": "{"})
    assert broken["description"] == "Bad Request: can't parse reply_markup JSON object"


async def test_what_cannot_be_read_is_refused(wire: Wire, maria: Person) -> None:
    token = wire.telegram.token
    for body in (b"{", b"[1]"):
        answer = await wire.raw(
            "sendMessage", token, data=body, headers={"Content-Type": "application/json"}
        )
        assert answer["description"] == "Bad Request: can't parse request"
    part = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\r\n--x--\r\n'
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await wire.raw("sendMessage", token, data=part, headers=form)
    assert answer["description"] == "Bad Request: strings must be encoded in UTF-8"
    assert await wire("sendMessage", text="x") == bad("chat_id is empty")
    assert await wire("getUpdates", limit="many") == bad("invalid limit specified")


async def test_a_flood_is_refused_until_the_bucket_fills(wire: Wire, maria: Person) -> None:
    answers = [await wire.says(maria, f"{number}") for number in range(30)]
    assert all("message_id" in answer for answer in answers)
    once_more = {"chat_id": maria.id, "text": "31"}
    assert await wire.raw("sendMessage", wire.telegram.token, json=once_more) == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    wire.clock.tick(seconds=0.5)
    assert [len(await wire.says(maria, f"{number}")) > 2 for number in range(16)] == [True] * 15 + [
        False
    ]


async def test_edits_count_in_the_flood(wire: Wire, maria: Person) -> None:
    said = await wire.says(maria)
    where = {"chat_id": maria.id, "message_id": said["message_id"]}
    edits = [await wire("editMessageText", **where, text=f"{number}") for number in range(30)]
    assert edits[29] == (429, "Too Many Requests: retry after 1")


async def test_the_flood_can_be_let_in(wire: Wire, maria: Person) -> None:
    wire.telegram.flood = False
    answers = [await wire.says(maria, f"{number}") for number in range(40)]
    assert [answer["text"] for answer in answers] == [f"{number}" for number in range(40)]
