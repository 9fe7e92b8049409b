"""What people send besides text, and the albums that a bot sends on."""

from typing import Any

from bot.playground.telegram import Person
from tests.bot.playground.api_client import ApiClient, bad_request, keyboard

WRONG_NUMBER = bad_request("wrong number of messages in media group")


def of(kind: str, file_id: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "media": file_id, **more}


async def test_an_album_can_be_sent_by_its_file_ids(api: ApiClient, maria: Person) -> None:
    photo = maria.send_file("photo", b"1", "One", album="a")
    video = maria.send_file("video", b"2", album="a")
    assert (photo["media_group_id"], photo["caption"]) == ("a", "One")
    bold = {"type": "bold", "offset": 0, "length": 3}
    media = [
        of("photo", photo["photo"][-1]["file_id"], caption="One", caption_entities=[bold]),
        of("video", video["video"]["file_id"]),
    ]
    first, second = await api("sendMediaGroup", chat_id=maria.id, media=media)
    assert first["caption_entities"] == [bold]
    assert first["photo"][0]["file_id"] == photo["photo"][0]["file_id"]
    assert first["media_group_id"] == second["media_group_id"]


async def test_an_album_has_no_buttons(api: ApiClient, maria: Person) -> None:
    files = [maria.send_file("photo", b"1")["photo"][0]["file_id"] for _ in "ab"]
    media = [of("photo", file_id) for file_id in files]
    markup = keyboard({"text": "Yes", "callback_data": "y"})
    sent = await api("sendMediaGroup", chat_id=maria.id, media=media, reply_markup=markup)
    assert ["reply_markup" in message for message in sent] == [False, False]


async def test_invalid_albums_are_refused(api: ApiClient, maria: Person) -> None:
    photo = maria.send_file("photo", b"1")["photo"][0]["file_id"]
    voice = maria.send_file("voice", b"1")["voice"]["file_id"]
    file = maria.send_file("document", b"1")["document"]["file_id"]
    for media in ([], [of("photo", photo)], [of("photo", photo)] * 11):
        assert await api("sendMediaGroup", chat_id=maria.id, media=media) == WRONG_NUMBER
    for other in (of("voice", voice), of("document", file)):
        refused = await api("sendMediaGroup", chat_id=maria.id, media=[of("photo", photo), other])
        assert refused == bad_request("media of these types can't be in one group")
    strange = [of("photo", "from-another-bot")] * 2
    refused = await api("sendMediaGroup", chat_id=maria.id, media=strange)
    assert refused == bad_request("wrong file identifier/HTTP URL specified")


async def test_an_animation_has_a_document_too(maria: Person) -> None:
    sent = maria.send_file("animation", b"1")
    assert sent["document"] == sent["animation"]
