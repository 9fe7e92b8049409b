"""Files that a bot sends, by bare aiohttp."""

from io import BytesIO

import aiohttp

from bot.playground.telegram import Person
from tests.bot.playground.wire import Wire, bad


def picture(content: bytes = b"picture") -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("chat_id", "1001")
    form.add_field("caption", "<b>Look</b>")
    form.add_field("parse_mode", "HTML")
    form.add_field("photo", BytesIO(content), filename="p.png", content_type="image/png")
    return form


async def test_a_picture_and_its_file_id(wire: Wire, maria: Person) -> None:
    sent = await wire.raw("sendPhoto", wire.telegram.token, data=picture())
    assert sent["result"]["caption_entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    file_id = sent["result"]["photo"][0]["file_id"]
    again = await wire("sendPhoto", chat_id=1001, photo=file_id)
    assert again["photo"][0]["file_id"] == file_id
    foreign = await wire("sendPhoto", chat_id=1001, photo="77-" + file_id)
    assert foreign == bad("wrong file identifier/HTTP URL specified")
    assert await wire("sendPhoto", chat_id=1001) == bad("there is no photo")


async def test_a_caption_has_1024_characters(wire: Wire, maria: Person) -> None:
    sent = await wire.raw("sendPhoto", wire.telegram.token, data=picture())
    file_id = sent["result"]["photo"][0]["file_id"]
    long = await wire("sendPhoto", chat_id=1001, photo=file_id, caption="x" * 1025)
    assert long == bad("message caption is too long")
    where = {"chat_id": 1001, "message_id": sent["result"]["message_id"]}
    long = await wire("editMessageCaption", **where, caption="x" * 1025)
    assert long == bad("message caption is too long")
    most = await wire("editMessageCaption", **where, caption="x" * 1024)
    assert most["caption"] == "x" * 1024
    text = await wire("editMessageText", **where, text="x")
    assert text == bad("there is no text in the message to edit")


async def test_a_picture_has_10_megabytes(wire: Wire, maria: Person) -> None:
    sent = await wire.raw("sendPhoto", wire.telegram.token, data=picture(bytes(10 * 2**20 + 1)))
    assert sent["description"] == "Bad Request: too big for a photo"


async def test_a_file_is_fetched_with_its_bots_token(wire: Wire, maria: Person) -> None:
    sent = await wire.raw("sendPhoto", wire.telegram.token, data=picture())
    file_id = sent["result"]["photo"][0]["file_id"]
    path = (await wire("getFile", file_id=file_id))["file_path"]
    for token, status in ((wire.telegram.token, 200), ("1:wrong", 404)):
        async with wire.session.get(f"{wire.url}/file/bot{token}/{path}") as response:
            assert response.status == status
    assert await wire("getFile", file_id="77-x") == bad("invalid file_id")
