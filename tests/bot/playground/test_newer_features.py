"""Features of newer versions of the Bot API: button styles, local times, profile photos."""

from typing import Any

import pytest

from bot.playground.telegram import Person
from bot.playground.telegram.state import BOT_ID
from tests.bot.playground.api_client import ApiClient, bad_request


def green(style: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "Send", "callback_data": "s", "style": style}]]}


@pytest.mark.parametrize("style", ["success", "danger", "primary"])
async def test_the_styles_of_buttons(api: ApiClient, maria: Person, style: str) -> None:
    await api.send(maria, "Send it?", reply_markup=green(style))
    assert maria.chat()[-1]["keyboard"][0][0]["style"] == style


async def test_an_unknown_style_is_refused(api: ApiClient, maria: Person) -> None:
    answer = await api.send(maria, "Send it?", reply_markup=green("purple"))
    assert answer == bad_request("can't parse keyboard button: invalid button style specified")


@pytest.mark.parametrize("form", ["t", "T", "d", "D", "Dt", "wDT", "w", "r", ""])
async def test_a_time_that_each_reader_sees_in_their_own_zone(
    api: ApiClient, maria: Person, form: str
) -> None:
    text = f'At <b><tg-time unix="1647531900" format="{form}">15:45 UTC</tg-time></b>.'
    said = await api.send(maria, text, parse_mode="HTML")
    assert said["text"] == "At 15:45 UTC."
    assert {"type": "date_time", "offset": 3, "length": 9, "unix_time": 1647531900} | {
        "date_time_format": form
    } in said["entities"]
    assert "<tg-time" in maria.chat()[-1]["html"]


@pytest.mark.parametrize("attributes", ['format="t"', 'unix="x"', 'unix="1" format="tD"'])
async def test_a_broken_time_is_refused(api: ApiClient, maria: Person, attributes: str) -> None:
    answer = await api.send(maria, f"<tg-time {attributes}>now</tg-time>", parse_mode="HTML")
    assert answer[1].startswith("Bad Request: can't parse entities: Invalid date-time")


async def test_profile_photos(api: ApiClient) -> None:
    assert await api("getUserProfilePhotos", user_id=BOT_ID) == {
        "total_count": 0,
        "photos": [],
    }
    answer = await api("setMyProfilePhoto", photo={"type": "static", "photo": "attach://x"})
    assert answer == bad_request("profile photo must be uploaded as a file")
