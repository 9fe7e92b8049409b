"""A supporter's journey: what each event leads to.

    idle ── /start ──┬─ several are open ─▶ choose ─┐
     ▲               └─ one, or a link ─────────────┴─▶ welcome ─▶ name ─▶ country ⇄ country_check
     │                                                     │                  │
     │                                      details are    │                  ├─▶ at_risk
     │                                      remembered     ▼                  ▼
     │           change ⇄ review ◀── code ◀─────────────────── address ⇄ address_check
     │     ⇅       ⇅  (own_words, rewrite)
     │   subject   │
     └── cancel, forget, without a name          sent ◀── send ── review ◀── undo ── sent

Forward is always the first answer that is missing, so a change needs no way of its own. Back is the
table in `steps`. Four asides (switch, forget, resume, language) lie over a step and give it back.
"""

from dataclasses import replace
from datetime import datetime

from conversations import commands, given, standing, starting, steps
from conversations.effects import MarkBlocked
from conversations.events import (
    Blocked,
    Commanded,
    Edited,
    Event,
    Findings,
    Pressed,
    PressedStanding,
    Said,
    SentOther,
    Started,
    Unblocked,
)
from conversations.journey import Aside, Journey, Step
from conversations.known import House, Known
from conversations.moves import again, amend, erase, show, toast
from conversations.play import UNDER_WAY, code_in_play
from conversations.replies import Amend, Ask, Replace, Settle, Toast
from conversations.scene import Scene, Turn
from conversations.wording import DEFAULT, match, offered, said_in_any

ID = 16
"""How many digits of a journey's id its buttons carry: they have 64 bytes for everything."""


def begin(chance: int, language: str) -> Journey:
    """Return the first journey of a chat, whose Telegram speaks `language`."""
    return Journey(id=f"{chance:032x}", language=match(language, offered()) or DEFAULT)


def advance(
    house: House,
    journey: Journey,
    event: Event,
    known: Known,
    now: datetime,
    chance: int,
    findings: Findings | None = None,
) -> Turn:
    """Return the answer to `event`. `chance` is 128 random bits, `findings` what was `wanted`."""
    language = known.language or match(known.profile_language, offered()) or DEFAULT
    scene = Scene(house, replace(journey, language=language), known, now, chance)
    return _numbered(scene.journey, _answer(scene, event, findings))


def _answer(scene: Scene, event: Event, findings: Findings | None) -> Turn:
    match event:
        case Blocked():
            return Turn(scene.journey, effects=(MarkBlocked(blocked=True),))
        case Unblocked():
            return Turn(scene.journey, effects=(MarkBlocked(blocked=False),))
        case PressedStanding(action):
            return standing.pressed(scene, action)
        case Started(payload) if code_in_play(scene.journey, event):
            return given.proof(scene)
        case Started(payload):
            return starting.started(scene, payload)
        case _ if scene.journey.step in UNDER_WAY and not _is_open(scene):
            return starting.closed(scene)
        case Commanded(name):
            return commands.commanded(scene, name)
        case Pressed(value, id_, turn):
            if turn != scene.journey.asked or scene.journey.id[:ID] != id_[:ID] or not turn:
                return toast(scene, "toast.answered")
            if scene.journey.aside:
                return _beside(scene, scene.journey.aside, value)
            return _pressed(scene, value, findings)
        case Said(text):
            return _said(scene, text, findings)
        case SentOther(kind):
            return _other(scene, kind)
        case Edited():
            return show(scene, scene.wording.say("other.edited"))


def _numbered(before: Journey, turn: Turn) -> Turn:
    """Number the turn: what is said raises it, and an open prompt bears its number."""
    if all(isinstance(reply, Toast | Replace) for reply in turn.replies):
        return turn
    number = before.turn + 1
    asked = before.asked
    if any(isinstance(reply, Ask | Amend) for reply in turn.replies):
        asked = number
    elif any(isinstance(reply, Settle) for reply in turn.replies):
        asked = 0
    return replace(turn, journey=replace(turn.journey, turn=number, asked=asked))


def _is_open(scene: Scene) -> bool:
    campaign = scene.house.campaigns.get(scene.journey.campaign)
    return campaign is not None and campaign.is_open(scene.now)


def _pressed(scene: Scene, value: str, findings: Findings | None) -> Turn:
    if scene.journey.step is Step.CHOOSE:
        return starting.chosen(scene, value.removeprefix("campaign:"))
    if scene.journey.step is Step.WELCOME and not _is_open(scene):
        return starting.closed(scene)
    return steps.pressed(scene, value, findings)


def _said(scene: Scene, text: str, findings: Findings | None) -> Turn:
    if said_in_any("words.stop", text):
        return commands.stopped(scene)
    if said_in_any("words.who", text):
        return show(scene, commands.help_text(scene))
    if scene.journey.aside is Aside.FORGET:
        return again(scene, scene.wording.say("choose.reminder"))
    scene = scene.within(_back_to_step(scene.journey))
    if scene.journey.step is Step.IDLE and scene.open_campaigns:
        return starting.offer(scene, scene.wording.say("idle.unknown"))
    return steps.said(scene, text, findings)


def _other(scene: Scene, kind: str) -> Turn:
    key = "other.sticker" if kind == "sticker" else "other.any"
    return again(scene, scene.wording.say(key))


def _beside(scene: Scene, aside: Aside, value: str) -> Turn:
    """Answer a button of a question that lies over the step."""
    journey = _back_to_step(scene.journey)
    step = scene.within(journey)
    match aside, value.partition(":"):
        case _, ("stay", _, _):
            if journey.step in (Step.IDLE, Step.SENT):
                return replace(_settled(step), journey=journey)
            return amend(step, journey.step)
        case Aside.SWITCH, ("switch", _, _):
            former = scene.journey
            return starting.enter(step, former.aside_campaign, former.aside_source)
        case Aside.RESUME, ("restart", _, _):
            return starting.enter(step, journey.campaign, journey.source)
        case Aside.FORGET, ("erase", _, _):
            return erase(step)
        case Aside.LANGUAGE, ("lang", _, tag) if tag in offered():
            spoken = standing.speak(step, tag)
            told = step.within(spoken.journey)
            return replace(amend(told, journey.step), effects=spoken.effects)
        case _:
            return toast(scene, "toast.answered")


def _settled(scene: Scene) -> Turn:
    return Turn(scene.journey, (Settle(scene.wording.say("forget.kept")),))


def _back_to_step(journey: Journey) -> Journey:
    return replace(journey, aside=None, aside_campaign="", aside_source="")
