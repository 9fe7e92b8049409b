"""Files that a bot sends."""

from io import BytesIO

import aiohttp

from bot.playground.telegram import Person
from tests.bot.playground.api_client import ApiClient, bad_request


def picture(content: bytes = b"picture") -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("chat_id", "1001")
    form.add_field("caption", "<b>Look</b>")
    form.add_field("parse_mode", "HTML")
    form.add_field("photo", BytesIO(content), filename="p.png", content_type="image/png")
    return form


async def test_a_picture_and_its_file_id(api: ApiClient, maria: Person) -> None:
    sent = await api.raw("sendPhoto", api.telegram.token, data=picture())
    assert sent["result"]["caption_entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    file_id = sent["result"]["photo"][0]["file_id"]
    again = await api("sendPhoto", chat_id=1001, photo=file_id)
    assert again["photo"][0]["file_id"] == file_id
    foreign = await api("sendPhoto", chat_id=1001, photo="77-" + file_id)
    assert foreign == bad_request("wrong file identifier/HTTP URL specified")
    assert await api("sendPhoto", chat_id=1001) == bad_request("there is no photo")


async def test_a_caption_has_1024_characters(api: ApiClient, maria: Person) -> None:
    sent = await api.raw("sendPhoto", api.telegram.token, data=picture())
    file_id = sent["result"]["photo"][0]["file_id"]
    long = await api("sendPhoto", chat_id=1001, photo=file_id, caption="x" * 1025)
    assert long == bad_request("message caption is too long")
    where = {"chat_id": 1001, "message_id": sent["result"]["message_id"]}
    long = await api("editMessageCaption", **where, caption="x" * 1025)
    assert long == bad_request("message caption is too long")
    most = await api("editMessageCaption", **where, caption="x" * 1024)
    assert most["caption"] == "x" * 1024
    text = await api("editMessageText", **where, text="x")
    assert text == bad_request("there is no text in the message to edit")


async def test_a_picture_has_10_megabytes(api: ApiClient, maria: Person) -> None:
    sent = await api.raw("sendPhoto", api.telegram.token, data=picture(bytes(10 * 2**20 + 1)))
    assert sent["description"] == "Bad Request: too big for a photo"


async def test_a_file_can_be_downloaded_with_its_bots_token(api: ApiClient, maria: Person) -> None:
    sent = await api.raw("sendPhoto", api.telegram.token, data=picture())
    file_id = sent["result"]["photo"][0]["file_id"]
    path = (await api("getFile", file_id=file_id))["file_path"]
    for token, status in ((api.telegram.token, 200), ("1:wrong", 404)):
        async with api.session.get(f"{api.url}/file/bot{token}/{path}") as response:
            assert response.status == status
    assert await api("getFile", file_id="77-x") == bad_request("invalid file_id")
