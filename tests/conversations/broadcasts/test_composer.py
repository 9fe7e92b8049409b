"""A campaigner composes a broadcast at random: every transition is in the diagram."""

import json
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from conversations.broadcasts import composer
from conversations.broadcasts.draft_context import DraftContext
from conversations.core.context import Turn
from conversations.core.effects import Effect
from conversations.core.effects.admin import SaveStaffName
from conversations.core.effects.broadcasts import (
    ConfirmBroadcast,
    DiscardDraft,
    RequestApproval,
    SaveDraft,
    SaveTimezone,
)
from conversations.core.events import (
    CommandSent,
    Event,
    MediaSent,
    PersistentButtonPressed,
    TextSent,
)
from conversations.core.replies import Ask, EditMessage, PersistentButton, Preview, Say, Toast
from conversations.model.broadcast import Media, Part
from conversations.model.journey import dump, load
from conversations.model.staff_inputs import DraftPage
from tests.conversations.broadcasts.drafts import (
    HELLO,
    Tables,
    answers,
    draft_of,
    packed,
    press,
    seen_by,
)

NOTHING = "nothing"

FORWARD = re.compile(r"later|confirm|cost|send")

Taken = tuple[str, str]


def diagram() -> set[Taken]:
    """Read the transitions from the diagram that stands on top of the composer."""
    taken: set[Taken] = set()
    for line in (composer.__doc__ or "").splitlines():
        if found := re.fullmatch(r"    (\w+) ─+▶ ([a-z ]+)", line):
            taken |= {(found[1], to) for to in found[2].split()}
    return taken


@dataclass
class Olga:
    """Somebody who composes at random; the tables are a few fields."""

    random: Random
    at: DraftContext = field(default_factory=lambda: draft_of(None))
    buttons: list[str] = field(default_factory=list)
    sent: int = 0
    turns: int = 0

    @property
    def page(self) -> str:
        composing = self.at.context.journey.composing
        return composing.page.value if composing else NOTHING

    def goes_on(self) -> Taken:
        before, event = self.page, self._event()
        self.turns += 1
        journey = load(json.loads(json.dumps(dump(self.at.context.journey))))
        context = replace(self.at.context, journey=journey, chance=self.turns * 2**100 + 1)
        turn = answers(replace(self.at, context=context), event)
        if turn is None:
            return before, before
        self._check(event, turn)
        self.at = replace(self.at, context=context.within(turn.journey))
        for effect in turn.effects:
            self._apply(effect)
        shown = [each.keyboard for each in turn.replies if isinstance(each, Say | EditMessage)]
        if shown and not self._is_note(turn):
            rows = [button for row in shown[-1] for button in row]
            self.buttons = [packed(each) for each in rows if isinstance(each, PersistentButton)]
        return before, self.page

    def _event(self) -> Event:
        if self.page == NOTHING:
            self.buttons = []
            return CommandSent("broadcast")
        if self.buttons and self.random.random() < 0.6:
            forward = [each for each in self.buttons if FORWARD.search(each)]
            hurries = forward and self.random.random() < 0.5
            return press(self.random.choice(forward if hurries else self.buttons))
        typed = {
            DraftPage.LINK: ("Read https://a.example", "nothing"),
            DraftPage.ZONE: ("UTC+8", "Atlantis"),
            DraftPage.LATER: ("tomorrow 18:00", "2019-01-01 10:00", "whenever"),
        }.get(DraftPage(self.page), ("Good news", "x" * 4097))
        if self.random.random() < 0.8:
            return TextSent(self.random.choice(typed))
        part = Part(Media.PHOTO, "They answered", file_id="f")
        return self.random.choice((MediaSent("photo", part), MediaSent("sticker"), ODD))

    @staticmethod
    def _is_note(turn: Turn) -> bool:
        last = turn.replies[-1]
        return isinstance(last, Say) and not last.keyboard

    def _check(self, event: Event, turn: Turn) -> None:
        for reply in turn.replies:
            assert not isinstance(reply, Ask), "the supporter's question stays as it stood"
            if isinstance(reply, Toast | EditMessage):
                assert isinstance(event, PersistentButtonPressed)
            if isinstance(reply, Say | EditMessage):
                for each in (button for row in reply.keyboard for button in row):
                    assert isinstance(each, PersistentButton)
                    assert len(f"s:{packed(each)}".encode()) <= 64
        assert turn.replies, "everything is answered"

    def _apply(self, effect: Effect) -> None:
        match effect:
            case SaveDraft(draft, token):
                self.at = replace(self.at, saved=draft, token=token)
            case DiscardDraft() | ConfirmBroadcast():
                confirms = isinstance(effect, ConfirmBroadcast)
                assert not confirms or effect.token == self.at.token  # type: ignore[union-attr]
                self.sent += confirms
                self.at = replace(self.at, saved=None, token="")
            case SaveTimezone(zone):
                assert isinstance(self.at.context.loaded, Tables)
                self.at.context.loaded.zone = zone
            case SaveStaffName():
                pass
            case RequestApproval(broadcast):
                assert self.at.saved is not None
                assert broadcast == self.at.saved.id
            case _:
                raise AssertionError(effect)


ODD = press("draft:abababababab:go:nowhere")


def test_the_diagram_is_the_code() -> None:
    seen: set[Taken] = set()
    sent = 0
    for seed in range(100):
        paid, zone = seed % 2 == 0, "UTC" if seed % 3 else ""
        olga = Olga(Random(seed), draft_of(None, paid=paid, zone=zone))  # noqa: S311 - the seed is the point
        for _ in range(60):
            seen.add(olga.goes_on())
            if olga.page in ("confirm", "cost") and olga.random.random() < 0.3:
                context = replace(olga.at.context, now=olga.at.context.now + timedelta(days=2))
                olga.at = replace(olga.at, context=context)
            if olga.random.random() < 0.01:  # a letter's question takes the floor
                journey = replace(olga.at.context.journey, composing=None)
                olga.at = replace(olga.at, context=olga.at.context.within(journey))
        sent += olga.sent
    assert {(one, other) for one, other in seen if one != other} == diagram()
    assert sent > 50


def test_after_a_crash_the_composer_asks_what_it_asked() -> None:
    shown = composer.open_page(seen_by(draft_of().at(DraftPage.PANEL)))
    assert [type(each) for each in shown] == [Preview, Say]
    empty = draft_of(replace(HELLO, versions={})).at(DraftPage.CONTENT)
    (asked,) = composer.open_page(seen_by(empty))
    assert isinstance(asked, Say)
    assert asked.text.startswith("<b>Send me the update</b>")
