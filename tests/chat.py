"""A supporter's chat with the bot, for dialogue tests.

The fixtures in `tests/stories/conftest.py` provide `stage` (the bot and all around it), `maria` (a
supporter) and `olga` (a campaigner). A dialogue test reads like the conversation:

    async def test_maria_corrects_her_name(stage: Stage, maria: Chat) -> None:
        await maria.starts("hong-kong")               # opens the campaign's link
        await maria.presses("Write the letter", "Continue")       # presses a button by its label
        maria.hears("What’s your name?…")             # all that the bot said; “…”: any ending
        await maria.says("Maria Silva", "Portugal")   # types two messages
        await maria.presses("Back", "Back")
        maria.hears("✎ What’s your name?…")           # the bot edited its last message
        assert maria.buttons == [["Use “Maria Silva”"], ["Back", "Cancel"]]
        await stage.later(minutes=5)                  # moves the clock, and sends due mail
        assert stage.mails_to("maria@mail.example") == []
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bot.playground.telegram import Person
from conversations.core.buttons.packing import unpack_turn

if TYPE_CHECKING:
    from tests.stage import Stage

CODE = re.compile(r"\d{4} \d{4}")


class Chat:
    """One person's chat with the bot. `hears` checks what the bot said since their last action."""

    def __init__(self, stage: "Stage", person: Person) -> None:
        self.stage, self.person = stage, person
        self._changes = person.watch()
        self._texts: dict[int, str] = {}

    async def starts(self, payload: str = "") -> None:
        """Press Start, or open a link with this start parameter."""
        self._forget_heard()
        self.person.start(payload)
        await self.stage.answer_updates()

    async def says(self, *texts: str) -> None:
        """Type messages; the bot answers each one before the next."""
        self._forget_heard()
        for text in texts:
            self.person.send(text)
            await self.stage.answer_updates()

    async def presses(self, *labels: str) -> None:
        """Press buttons by their labels, the newest button with that label each time."""
        for label in labels:
            self._forget_heard()
            self.person.press(self._with(label), label)
            await self.stage.answer_updates()

    async def turns_to(self, label: str) -> None:
        """Turn the pages of a panel until it has the button, and press it."""
        while label not in self.all_buttons:
            turn_label = r"🌐 \d+/\d+ …|More…"
            *_, turn = (each for each in self.all_buttons if re.fullmatch(turn_label, each))
            await self.presses(turn)
        await self.presses(label)

    async def presses_again(self, message: int, data: str) -> None:
        """Press an old button by its message and callback data, even if it is no longer shown."""
        self._forget_heard()
        self.stage.telegram.press(self.person, self.person.messages[message], data)
        await self.stage.answer_updates()

    async def presses_at_once(self, *labels: str) -> None:
        """Press several buttons before the bot answers."""
        self._forget_heard()
        for message, label in [(self._with(label), label) for label in labels]:
            self.person.press(message, label)
        await self.stage.answer_updates()

    async def sends(self, *kinds: str) -> None:
        """Send messages that are not text, such as a “sticker”."""
        self._forget_heard()
        for kind in kinds:
            self.person.send_other(kind)
            await self.stage.answer_updates()

    async def sends_file(self, kind: str, caption: str = "", album: str = "") -> None:
        """Send a file, such as a “photo”; files with the same `album` form an album."""
        self._forget_heard()
        self.person.send_file(kind, b"a file", caption, album)
        await self.stage.answer_updates()

    async def sends_document(self, name: str, content: bytes) -> None:
        """Send a file with this content."""
        self._forget_heard()
        self.person.send_file("document", content, name=name)
        await self.stage.answer_updates()

    async def forwards(self, text: str) -> None:
        """Forward a message that another person wrote."""
        self._forget_heard()
        self.person.forward(text)
        await self.stage.answer_updates()

    async def receives(self, **content: Any) -> None:
        """Get a service message of Telegram, with these fields (Bot API, Message)."""
        self._forget_heard()
        self.person.report(**content)
        await self.stage.answer_updates()

    async def edits(self, old: str, new: str) -> None:
        """Edit the last of this person's messages whose text is `old`."""
        self._forget_heard()
        mine = [message for message in self.person.chat() if message["text"] == old]
        self.person.edit(mine[-1]["message_id"], new)
        await self.stage.answer_updates()

    async def blocks(self, *, blocked: bool = True) -> None:
        """Block or unblock the bot."""
        self._forget_heard()
        self.person.block(blocked=blocked)
        await self.stage.answer_updates()

    async def types_the_code(self, *, wrong: bool = False) -> None:
        """Wait for the code mail, and type the code, or a wrong one."""
        await self.stage.send_mail()
        code = self.code()
        await self.says(str((int(code[:4]) + 1) % 10000).zfill(4) + code[4:] if wrong else code)

    def code(self) -> str:
        """Return the code from the last code mail."""
        subjects = [mail.message["Subject"] for mail in self.stage.inbox.mails]
        return [found[0] for subject in subjects if (found := CODE.search(str(subject)))][-1]

    def heard(self) -> list[str]:
        """Return what the bot said since this person's last action.

        That is “text”, “✎ edited text”, “✗ 7” if message 7 was deleted, or “(toast)”.
        """
        return list(self._read_changes())

    def hears(self, *expected: str) -> None:
        """Assert that `heard()` is exactly this; a text that ends in “…” is a prefix."""
        heard = self.heard()
        shown = "\n".join(repr(line) for line in heard)
        assert len(heard) == len(expected), f"heard:\n{shown}"
        for line, wanted in zip(heard, expected, strict=True):
            if wanted.endswith("…") and line != wanted:
                assert line.startswith(wanted[:-1]), f"heard:\n{shown}"
            else:
                assert line == wanted, f"heard:\n{shown}"

    @property
    def last(self) -> dict[str, Any]:
        """The last message of the bot, as it is shown now."""
        return [message for message in self.person.chat() if not message["mine"]][-1]

    @property
    def buttons(self) -> list[list[str]]:
        """The labels of the newest keyboard in the chat, by row."""
        keyboards = [message["keyboard"] for message in self.person.chat() if message["keyboard"]]
        return [[button["text"] for button in row] for row in keyboards[-1]] if keyboards else []

    @property
    def all_buttons(self) -> list[str]:
        """The labels of all buttons, but for those of questions that were answered by typing."""
        chat = self.person.chat()
        typed = max((at for at, message in enumerate(chat) if message["mine"]), default=-1)
        return [
            button["text"]
            for at, message in enumerate(chat)
            for row in message["keyboard"]
            for button in row
            if at > typed or unpack_turn(button.get("data", "")) is None
        ]

    def link(self, label: str) -> str:
        """Return the URL of the newest button with this label."""
        return next(
            str(button["url"])
            for message in reversed(self.person.chat())
            for row in message["keyboard"]
            for button in row
            if button["text"] == label
        )

    async def comes_to_the_review(
        self, campaign: str = "hong-kong", address: str = "maria@mail.example"
    ) -> None:
        """Answer all questions, until the review of the letter."""
        await self.starts(campaign)
        await self.presses("Write the letter")
        if any("Continue" in row for row in self.buttons):
            await self.presses("Continue")  # after the warning about countries at risk
        await self.says("Maria Silva", "Portugal", address)
        await self.types_the_code()

    async def sends_the_letter(self, **how: str) -> None:
        """Go through the whole journey, until the letter is sent."""
        await self.comes_to_the_review(**how)
        await self.presses("Send in my name")
        await self.stage.later(seconds=31)

    def _with(self, label: str) -> int:
        for message in reversed(self.person.chat()):
            if any(button["text"] == label for row in message["keyboard"] for button in row):
                return int(message["message_id"])
        raise AssertionError(f"no button “{label}” among {self.all_buttons}")

    def _forget_heard(self) -> None:
        for _ in self._read_changes():
            pass

    def _read_changes(self) -> Iterator[str]:
        while not self._changes.empty():
            change = self._changes.get_nowait()
            match change["event"]:
                case "message":
                    self._texts[change["message_id"]] = change["text"]
                    if not change["mine"]:
                        yield change["text"]
                case "edited" if not change["mine"]:
                    if self._texts.get(change["message_id"]) != change["text"]:
                        yield f"✎ {change['text']}"
                    self._texts[change["message_id"]] = change["text"]
                case "deleted":
                    yield f"✗ {change['message_id']}"
                case "toast" if change["text"]:
                    yield f"({change['text']})"
