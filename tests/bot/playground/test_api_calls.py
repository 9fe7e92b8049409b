"""How methods are called (Bot API, "Making requests")."""

from bot.playground.telegram import Person
from tests.bot.playground.api_client import ApiClient, bad_request


async def test_a_wrong_token_and_an_unknown_method(api: ApiClient) -> None:
    unauthorized = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await api.raw("getMe", "1:wrong") == unauthorized
    assert await api("sendDice", chat_id=1) == (404, "Not Found: method not found")


async def test_a_refusal_has_the_matching_http_status(api: ApiClient) -> None:
    async with api.session.get(f"{api.url}/bot{api.telegram.token}/sendDice") as response:
        assert (response.status, response.content_type) == (404, "application/json")


async def test_parameters_can_be_json_a_form_or_a_query(api: ApiClient, maria: Person) -> None:
    token = api.telegram.token
    form = await api.raw("sendMessage", token, data={"chat_id": "1001", "text": "A form"})
    query = await api.raw("SENDMESSAGE?chat_id=1001&text=A+query", token)
    assert [form["result"]["text"], query["result"]["text"]] == ["A form", "A query"]


async def test_a_form_contains_objects_as_json(api: ApiClient, maria: Person) -> None:
    form = {"chat_id": "1001", "text": "x", "reply_markup": '{"inline_keyboard":[[]]}'}
    sent = await api.raw("sendMessage", api.telegram.token, data=form)
    assert sent["result"]["reply_markup"] == {"inline_keyboard": []}
    broken = await api.raw("sendMessage", api.telegram.token, data={**form, "reply_markup": "{"})
    assert broken["description"] == "Bad Request: can't parse reply_markup JSON object"


async def test_invalid_requests_are_refused(api: ApiClient, maria: Person) -> None:
    token = api.telegram.token
    for body in (b"{", b"[1]"):
        answer = await api.raw(
            "sendMessage", token, data=body, headers={"Content-Type": "application/json"}
        )
        assert answer["description"] == "Bad Request: can't parse request"
    part = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\r\n--x--\r\n'
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await api.raw("sendMessage", token, data=part, headers=form)
    assert answer["description"] == "Bad Request: strings must be encoded in UTF-8"
    assert await api("sendMessage", text="x") == bad_request("chat_id is empty")
    assert await api("getUpdates", limit="many") == bad_request("invalid limit specified")


async def test_too_many_messages_are_refused_for_a_while(api: ApiClient, maria: Person) -> None:
    answers = [await api.send(maria, f"{number}") for number in range(30)]
    assert all("message_id" in answer for answer in answers)
    once_more = {"chat_id": maria.id, "text": "31"}
    assert await api.raw("sendMessage", api.telegram.token, json=once_more) == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    api.clock.tick(seconds=0.5)
    assert [len(await api.send(maria, f"{number}")) > 2 for number in range(16)] == [True] * 15 + [
        False
    ]


async def test_edits_count_for_the_rate_limit(api: ApiClient, maria: Person) -> None:
    said = await api.send(maria)
    where = {"chat_id": maria.id, "message_id": said["message_id"]}
    edits = [await api("editMessageText", **where, text=f"{number}") for number in range(30)]
    assert edits[29] == (429, "Too Many Requests: retry after 1")


async def test_the_rate_limit_can_be_switched_off(api: ApiClient, maria: Person) -> None:
    api.telegram.flood = False
    answers = [await api.send(maria, f"{number}") for number in range(40)]
    assert [answer["text"] for answer in answers] == [f"{number}" for number in range(40)]
