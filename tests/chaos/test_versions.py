"""A campaign is edited, published and restored on two processes that are killed meanwhile.

A supporter is half-way through a letter. Every screen is of one version, Send agrees to what was
shown, and each version is published once.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, func, select

from bot.playground.telegram import Person
from bot.playground.telegram.person import buttons
from conversations.folder.campaign_files import CampaignFiles, read_folder
from conversations.folder.loading import load_files
from conversations.folder.packed_files import content_hash, pack
from conversations.model.campaigns.versions import VersionOrigin
from storage.campaigns import drafts, versions
from storage.crypto.vault import Vault
from storage.schema.encryption import CONSENT_EVIDENCE
from storage.schema.tables import campaign_versions, consents
from tests.chaos.replicas import TIMEOUT, Replicas, replicas
from tests.chaos.supporter import Stuck, Supporter
from tests.chaos.telegram import Point
from tests.stage import SAMPLES

SLUG = "hong-kong"
WORDS = ("Amber", "Birch")
"""A word in every text of the first version, and in every text of the second one."""

TEXTS = {
    ("The first message", "Title"): "Rights for Hong Kong. {word}",
    ("The letter", "Demands"): "Please withdraw the bill. {word}",
    ("Consent and privacy", "Consent"): (
        "{{transfer}} {{sender}} {{answers}} By pressing **Send in my name** you explicitly"
        " consent. You can withdraw this under /mydata. [Privacy policy]({{privacy_policy}}) {word}"
    ),
    ("Consent and privacy", "Contact"): "{{contact}}. A person reads it. {word}",
}
"""The texts that are edited, by the buttons that lead to them."""

OTHERS = ("zh-Hant", "zh-Hans", "es", "fr", "pt", "ru", "ar")
"""The other languages of the sample campaign."""

SEND = "Send in my name"
TARGET = "chief-executive@government-hk.example"
POINTS = (Point.CLAIMED, Point.COMMITTED, Point.SENT)


def first_version() -> CampaignFiles:
    """Return the sample campaign in English, with the first word in its texts."""
    content = dict(read_folder(SAMPLES / SLUG).content)
    for name in [name for name in content if name.endswith(".md") and name != "en.md"]:
        del content[name]
    settings, texts = content["campaign.toml"].decode(), content["en.md"].decode()
    kept = [
        line
        for line in settings.split("\n")
        if not line.startswith(("accept_unreviewed", "languages", "undo_seconds"))
        and not any(line.startswith(f"{tag} = ") for tag in OTHERS)
    ]
    first = kept.index('organisation = "Open Letters Hong Kong"')
    kept[first:first] = ['languages = ["en"]', "undo_seconds = 0"]
    targets = kept.index('id = "chief-executive"')
    kept[targets:targets] = ['languages = ["en"]']
    for (_, heading), text in TEXTS.items():
        before, mark, rest = texts.partition(f"# {heading}\n\n")
        assert mark
        end = rest.find("\n\n#")
        texts = f"{before}{mark}{text.format(word=WORDS[0])}{rest[end:]}"
    content |= {"campaign.toml": "\n".join(kept).encode(), "en.md": texts.encode()}
    files = CampaignFiles(SLUG, content)
    loaded = load_files(files)
    assert loaded.campaign is not None, loaded.mistakes
    return files


@contextmanager
def stuck(person: Person, what: str) -> Iterator[None]:
    """Raise Stuck with the end of the chat if time is over."""
    try:
        yield
    except TimeoutError:
        shown = [(each["text"][:300], labels_of(each)) for each in person.chat()[-8:]]
        raise Stuck(f"waited in vain for “{what}”: {shown}") from None


def labels_of(message: dict[str, Any]) -> list[str]:
    """Return the labels of the buttons below a message."""
    return [button["text"] for row in message["keyboard"] for button in row]


class Admin:
    """An admin, who presses only what is below the last /campaigns."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self._since = 0

    async def opens(self, *labels: str) -> None:
        """Send /campaigns, and press buttons one after the other."""
        self._since = self.person.send("/campaigns")["message_id"]
        await self.presses(*labels)

    async def presses(self, *labels: str) -> None:
        for label in labels:
            self.press(label, await self.waits_for(label))

    def press(self, label: str, message: int) -> None:
        self.person.press(message, label)

    async def waits_for(self, label: str) -> int:
        """Wait for a button, and return its message."""
        with stuck(self.person, label):
            await self.person.until(lambda _: self._with(label) is not None, TIMEOUT)
        message = self._with(label)
        assert message is not None
        return message

    async def goes_to(self, group: str, part: str) -> None:
        """Open a text, so that the next message replaces it."""
        await self.opens("Edit", "Texts", group, part)
        with stuck(self.person, part):
            await self.person.until(lambda _: self._hears("Send me the new text"), TIMEOUT)

    def _hears(self, words: str) -> bool:
        return any(words in each["text"] for each in self._heard())

    def _heard(self) -> list[dict[str, Any]]:
        said = (each for each in self.person.chat() if not each["mine"])
        return [each for each in said if each["message_id"] > self._since]

    def _with(self, label: str) -> int | None:
        for number, message in reversed(self.person.messages.items()):
            if number > self._since and any(each["text"] == label for each in buttons(message)):
                return number
        return None


@dataclass
class Play:
    """The admin, a supporter, and the processes, which are killed at one point."""

    stage: Replicas
    admin: Admin
    supporter: Supporter
    point: Point

    async def edits_all(self, word: str) -> None:
        """Edit each text; a process is killed over one of them."""
        fatal = self.stage.chance.choice(list(TEXTS))
        for place, text in TEXTS.items():
            before = await self.stage.read(self.draft)
            await self.admin.goes_to(*place)

            def types(typed: str = text.format(word=word)) -> None:
                self.admin.person.send(typed)

            def is_saved(connection: Connection, former: object = before) -> bool:
                return self.draft(connection) != former

            if place == fatal:
                await self.dies_over(types, is_saved)
                await self.stage.restart()
            else:
                types()
                await self.stage.waits_until(is_saved)

    async def publishes(self) -> None:
        """Publish the draft, over which a process is killed."""
        await self.admin.opens("Edit", "Publish…")
        await self._makes_a_version("Yes, publish")

    async def restores(self, number: int) -> None:
        """Restore a version, over which a process is killed."""
        await self.admin.opens("More…", "Versions", str(number), "Restore this version", "Publish…")
        await self._makes_a_version("Yes, publish")

    async def _makes_a_version(self, label: str) -> None:
        before = await self.stage.read(published)
        message = await self.admin.waits_for(label)
        await self.dies_over(
            lambda: self.admin.press(label, message), lambda c: published(c) != before
        )

    async def dies_over(
        self, act: Callable[[], None], happened: Callable[[Connection], object]
    ) -> None:
        """Act, and wait until the process has been killed over it and it has happened."""
        await self.stage.arm(self.point)
        act()
        await asyncio.wait_for(self.stage.victim.dead.wait(), TIMEOUT)
        await self.stage.waits_until(happened)

    async def is_shown_again(self, word: str) -> None:
        """Let the supporter press Send: the letter of another version is shown."""
        shown = len(self.supporter.person.messages)
        await self.supporter.presses(SEND)
        with stuck(self.supporter.person, word):
            await self.supporter.person.until(
                lambda person: len(person.messages) > shown and word in self.review, TIMEOUT
            )

    @property
    def review(self) -> str:
        """The last message that the supporter can agree to."""
        chat = self.supporter.person.chat()
        offered = [each["text"] for each in chat if SEND in labels_of(each)]
        return str(offered[-1]) if offered else ""

    def draft(self, connection: Connection) -> str:
        """Return the digest of the draft; "" if there is none."""
        found = drafts.find(connection, self.stage.vault, SLUG)
        return found.digest if found else ""


def published(connection: Connection) -> int:
    """Return how many versions there are."""
    return int(connection.execute(select(func.count()).select_from(campaign_versions)).scalar_one())


def mixtures(person: Person) -> list[str]:
    """Return the messages of the bot that have texts of several versions."""
    said = (each["text"] for each in person.chat() if not each["mine"])
    return [each for each in said if sum(word in each for word in WORDS) > 1]


def agreed_versions(connection: Connection, vault: Vault) -> list[str]:
    """Return the digest of the campaign's version in each consent to send."""
    rows = connection.execute(select(consents).where(consents.c.kind == "send")).all()
    return [
        orjson.loads(
            vault.decrypt(row.encrypted_evidence, CONSENT_EVIDENCE, row=row.consent_id.encode())
        )["version"]
        for row in rows
    ]


@pytest.mark.parametrize("point", POINTS, ids=["claimed", "committed", "sent"])
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_nobody_sees_a_mixture_of_versions(
    database_url: str, tmp_path: Path, point: Point
) -> None:
    first, second = WORDS
    async with replicas(database_url, tmp_path, POINTS.index(point)) as stage:
        files = first_version()
        await stage.seed(files)
        await stage.restart()
        play = Play(stage, Admin(stage.admin), stage.add_supporter(), point)
        await play.supporter.comes_to_the_review()
        await play.edits_all(second)
        draft = await stage.read(play.draft)
        assert second not in play.review
        await play.publishes()
        await play.is_shown_again(second)
        await stage.restart()
        await play.restores(1)
        await play.is_shown_again(first)
        await stage.restart()
        await play.supporter.presses(SEND)
        await play.supporter.sees("status.accepted")

        found = await stage.read(lambda c: versions.history(c, stage.vault, SLUG))
        assert [(each.number, each.base, each.origin) for each in found] == [
            (3, 2, VersionOrigin.CHAT),
            (2, 1, VersionOrigin.CHAT),
            (1, 0, VersionOrigin.COMMAND),
        ]
        assert [each.content_hash for each in found] == [
            found[2].content_hash,
            draft,
            content_hash(pack(files)),
        ]
        assert await stage.read(play.draft) == ""
        assert mixtures(play.supporter.person) == []
        (letter,) = [each for each in stage.sink.mails if each.recipient == TARGET]
        assert [word in letter.content.decode() for word in WORDS] == [True, False]
        campaign = load_files(files).campaign
        assert campaign is not None
        agreed = await stage.read(lambda c: agreed_versions(c, stage.vault))
        assert agreed == [campaign.version]
