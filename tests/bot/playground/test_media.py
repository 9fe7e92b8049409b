"""Files and other contents that people send: the bot can parse all of them."""

import pytest

from bot.playground.telegram import Person
from bot.telegram.updates.inbound import IncomingUpdate, read
from conversations.core.events import MediaSent
from tests.bot.playground.api_client import ApiClient

FILES = ("photo", "document", "video", "animation", "audio", "voice")
OTHERS = ("sticker", "location", "contact")


async def sent(api: ApiClient) -> MediaSent:
    update = read((await api("getUpdates"))[-1])
    assert isinstance(update, IncomingUpdate)
    assert isinstance(update.event, MediaSent)
    return update.event


@pytest.mark.parametrize("kind", FILES)
async def test_a_file_can_be_sent_on(api: ApiClient, maria: Person, kind: str) -> None:
    maria.send_file(kind, b"content", "Look")
    event = await sent(api)
    assert event.kind == kind
    assert event.part is not None
    assert (event.part.media, event.part.text) == (kind, "Look")


@pytest.mark.parametrize("kind", (*FILES, *OTHERS))
async def test_the_kind_of_other_content_is_known(api: ApiClient, maria: Person, kind: str) -> None:
    maria.send_other(kind)
    assert (await sent(api)).kind == kind
