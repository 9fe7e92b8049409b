"""Who plays at random: seven times in ten as the bot hopes, three times in ten as it fears."""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from conversations.core.buttons import journey as buttons
from conversations.core.buttons import persistent
from conversations.core.buttons.packing import (
    PersistentButtonData,
    TurnButtonData,
    UnknownButton,
    unpack_persistent,
)
from conversations.core.context import Turn
from conversations.core.events import (
    BotBlocked,
    BotUnblocked,
    CodeBounced,
    CommandSent,
    CopyBounced,
    Event,
    MediaSent,
    MessageEdited,
    PersistentButtonPressed,
    StartPressed,
    TextSent,
    TurnButtonPressed,
)
from conversations.core.facts import CodeVerdict, CopyState
from conversations.core.replies import (
    Ask,
    ClosePrompt,
    EditMessage,
    EditPrompt,
    PersistentButton,
    Say,
    TurnButton,
)
from conversations.journey.commands import NAMES
from conversations.model.journey import UNDER_WAY, Step
from conversations.model.letters.delivery import LetterState
from tests.conversations.play import Chat
from tests.conversations.world import CAMPAIGNS, MARIA, change, doubt_this
from tests.domains import GMIAL, HOTMIAL

FITTING_SHARE = 0.7

OWN_ANSWERS = ("Owl 3", "owl", "1000-001", "yes", "no", "skip", "An <i>owl</i> {name}", "𠮷" * 150)

FITTING = {
    Step.NAME: ("Maria Silva", "陳大文", "علی\u200cرضا", "𠮷" * 50, "I’m Maria.", "yes", "Back"),
    Step.COUNTRY: ("Portugal", "portgual", "Congo", "香港", "Brazil", "Schweiz", "Hong Kong"),
    Step.COUNTRY_CHECK: ("Portugal", "Congo", "Chian", "yes", "No."),
    Step.ADDRESS: (
        MARIA,
        f"maria@{GMIAL}",
        "maria at mail dot example",
        f"{'m' * 64}@{'a' * 60}.example",
        "返回",
    ),
    Step.ADDRESS_CHECK: (MARIA, f"maria@{HOTMIAL}", "Yes!", "no", "No, keep mine"),
    Step.OWN_BEFORE: OWN_ANSWERS,
    Step.OWN_AFTER: OWN_ANSWERS,
    Step.OWN_WORDS: ("I swim here.", "<b>&amp; {demands}", "𠮷" * 250),
    Step.REWRITE: ("Let it flow.\n\nPlease.", "𠮷" * 1500, "&<>" * 900, "𠮷" * 3000),
    Step.BOUNCED: (MARIA, f"maria@{GMIAL}"),
    Step.TARGETS: ("Office 1", "office", "Nobody", "*"),
    Step.SUBJECT: ("Water", "<i>&", "𠮷" * 50),
}

ODD = (
    "",
    " ",
    "\u202e\u2066\x00",
    "{name.__class__}{0}%s",
    "<b>bold</i>",
    "x" * 4096,
    "12345",
    "0000 0000",
    "https://spam.example",
    "stop",
    "退訂",
    "who are you",
    "٠١٢٣٤٥٦٧",
    MARIA,
    "🙂" * 50,
)

ODD_STANDING = (
    "undo",
    "undo:",
    f"copy:{'0' * 32}",
    f"correct:{'0' * 32}",
    "correct:",
    f"undo:{'0' * 32}",
    "updates:river:this",
    "updates:gone:this",
    "updates:*:all",
    f"remember:{'0' * 32}:yes",
    "remember::",
    "details:no",
    "unsubscribe",
    "lang:zh-Hant",
    "lang:en",
    "lang:xx",
    "clear",
    "unknown",
    ":::",
)

ODD_PRESSES = (
    buttons.SendLetter(),
    buttons.Back(),
    buttons.ChooseCountry("XX"),
    buttons.ChooseSubject(9),
    buttons.ReadOnIn("xx"),
    buttons.ChooseCampaign("gone"),
    buttons.SwitchCampaign(),
    UnknownButton(),
)

ODD_PAYLOADS = (
    "",
    "gone",
    "river__bridge",
    "hong-kong__spam",
    "c_00000000",
    "c_",
    "__",
    "c_x",
    "_",
)

_RARE = (
    buttons.AskDiscreet,
    buttons.Cancel,
    buttons.EraseEverything,
    buttons.HideAddress,
    buttons.TakePartUnnamed,
    buttons.ShowLanguages,
    buttons.ShowMore,
    buttons.ShowLetter,
    buttons.ShowSafety,
    buttons.Stay,
)
_SOUGHT = tuple(
    buttons.GoTo(step) for step in (Step.OWN_WORDS, Step.REWRITE, Step.CHANGE, Step.SUBJECT)
)


def _odd_standing() -> list[PersistentButtonData | UnknownButton]:
    return [unpack_persistent(f"s:{each}") for each in ODD_STANDING]


@dataclass
class Person:
    """Somebody at random. What was seen of the chat is what may be pressed."""

    random: Random
    chat: Chat
    presses: list[TurnButtonData] = field(default_factory=list)
    former: list[TurnButtonPressed] = field(default_factory=list)
    standing: list[PersistentButtonData] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    goes_back: float = 0.0
    """How often this person presses Back where it is offered, before anything else."""

    def copied(self, random: Random) -> "Person":
        """Return this person and their chat as they stand, who go on by another chance."""
        seen: dict[str, Any] = {
            name: list(getattr(self, name)) for name in ("presses", "former", "standing", "log")
        }
        return replace(self, random=random, chat=self.chat.copied(), **seen)

    def next(self) -> Event:
        """Return what this person does now; the world may change before it."""
        fits = self.random.random() < FITTING_SHARE
        if not fits and self.random.random() < 0.4:
            self.changes_the_world()
        event = self._fitting() if fits else self._hostile()
        self.log.append(f"chat.happens({event!r})")
        return event

    def changes_the_world(self) -> None:
        """Let something change around the chat."""
        self.log.append(f"# the world: {change(self.random, self.chat)}")

    def doubts_the_answers(self) -> None:
        """Let the campaign need something else than what was answered."""
        self.log.append("# the world: doubt_this")
        doubt_this(self.random, self.chat)

    def sees(self, turn: Turn) -> None:
        """Look at the answer."""
        journey = turn.journey
        for reply in turn.replies:
            match reply:
                case Ask(keyboard=keyboard) | EditPrompt(keyboard=keyboard):
                    shown = [
                        each for row in keyboard for each in row if isinstance(each, TurnButton)
                    ]
                    self.presses = [each.data for each in shown]
                    asked = [
                        TurnButtonPressed(each, journey.id, journey.asked) for each in self.presses
                    ]
                    self.former = [*self.former, *asked][-40:]
                case Say(keyboard=keyboard) | EditMessage(keyboard=keyboard):
                    each_row = [each for row in keyboard for each in row]
                    seen = [each.data for each in each_row if isinstance(each, PersistentButton)]
                    self.standing = [*self.standing, *seen][-12:]
                case ClosePrompt():
                    self.presses = []
                case _:
                    pass
        if journey.action:
            action = journey.action
            self.standing += [persistent.UndoSend(action), persistent.RequestCopy(action)]

    # --- as hoped -------------------------------------------------------------------------------

    def _fitting(self) -> Event:
        random, journey = self.random, self.chat.journey
        texts = self._texts()
        if journey.step is Step.CODE and random.random() < 0.2:
            return CodeBounced()
        if copy := self._copy():
            return copy
        if buttons.Back() in self.presses and random.random() < self.goes_back:
            return TurnButtonPressed(buttons.Back(), journey.id, journey.asked)
        if journey.asked and self.presses and (not texts or random.random() < 0.5):
            often = [value for value in self.presses if not isinstance(value, _RARE)]
            often += [value for value in often if value in _SOUGHT] * 3
            value = random.choice(often if often and random.random() < 0.95 else self.presses)
            return TurnButtonPressed(value, journey.id, journey.asked)
        if texts and journey.asked:
            return TextSent(random.choice(texts))
        if self.standing and random.random() < 0.5:
            return PersistentButtonPressed(random.choice(self.standing))
        if random.random() < 0.2:
            return StartPressed()
        return StartPressed(f"{random.choice(CAMPAIGNS).slug}{random.choice(('', '__bridge'))}")

    def _copy(self) -> Event | None:
        """Ask for a copy of a letter that has left, let it come back, fix that."""
        if self.random.random() < 0.5:
            return None
        for acted in self.chat.facts.acted.values():
            match acted.copy:
                case CopyState.KEPT:
                    self.chat.change(acted.action, state=LetterState.ACCEPTED)
                    self.log.append("# the world: the letter is accepted")
                    return PersistentButtonPressed(persistent.RequestCopy(acted.action))
                case CopyState.ASKED:
                    return CopyBounced(acted.action)
                case CopyState.TOLD if self.chat.journey.step not in UNDER_WAY:
                    fix = PersistentButtonPressed(persistent.CorrectCopyAddress(acted.action))
                    return self.random.choice((fix, fix, StartPressed()))
                case _:
                    pass
        return None

    def _texts(self) -> tuple[str, ...]:
        journey = self.chat.journey
        if journey.aside:
            return ()
        if journey.step is Step.CODE:
            return (self.chat.code,) if self.chat.code else ()
        return FITTING.get(journey.step, ())

    # --- as feared ------------------------------------------------------------------------------

    def _hostile(self) -> Event:
        random = self.random
        self.chat.late = random.random() < 0.1
        self.chat.takes_mail = random.choice((True, True, False, None))
        if random.random() < 0.3:
            self.chat.verdict = random.choice(tuple(CodeVerdict))
        return random.choice(
            (
                self._another_button,
                self._old_button,
                lambda: PersistentButtonPressed(random.choice((*_odd_standing(), *self.standing))),
                lambda: CommandSent(random.choice((*NAMES, "stop", "language", "nonsense"))),
                lambda: TextSent(random.choice(ODD)),
                lambda: TextSent(random.choice(random.choice(tuple(FITTING.values())))),
                lambda: StartPressed(
                    random.choice((*ODD_PAYLOADS, *(each.slug for each in CAMPAIGNS)))
                ),
                lambda: StartPressed(f"c_{self.chat.code}"),
                lambda: MediaSent(random.choice(("sticker", "voice", "forwarded"))),
                MessageEdited,
                CodeBounced,
                lambda: CopyBounced(random.choice((*self.chat.asked_copies, "0" * 32))),
                random.choice((BotBlocked, BotUnblocked)),
            )
        )()

    def _another_button(self) -> Event:
        """Press a button of this turn that another step has."""
        pressed = [each.button for each in self.former] or [buttons.SendLetter()]
        journey = self.chat.journey
        return TurnButtonPressed(
            self.random.choice((*pressed, *ODD_PRESSES)), journey.id, journey.asked
        )

    def _old_button(self) -> Event:
        if not self.former or self.random.random() < 0.2:
            return TurnButtonPressed(
                buttons.SendLetter(), "f" * 32, self.random.choice((0, self.chat.journey.asked))
            )
        return self.random.choice(self.former)
