"""A supporter's journey: what each event leads to.

    any step ───────▶ idle choose welcome
    idle ───────────▶ address
    choose ─────────▶ address
    welcome ────────▶ name country at_risk address review
    name ───────────▶ country at_risk address review change
    country ────────▶ country_check at_risk address review name change
    country_check ──▶ country at_risk address review
    at_risk ────────▶ address review country
    address ────────▶ address_check at_risk code review country change
    address_check ──▶ address at_risk code review
    code ───────────▶ review at_risk address address_check bounced
    bounced ────────▶ address address_check code review at_risk
    review ─────────▶ sent own_words rewrite change at_risk address
    own_words ──────▶ review at_risk address
    rewrite ────────▶ review at_risk address
    change ─────────▶ name country address subject review
    subject ────────▶ review at_risk address change
    sent ───────────▶ review address

These are all ways there are; the tests read them here. Any step may also stay where it is. It goes
to idle when the journey ends: cancelled, erased, without a name, or nothing is open; to choose and
welcome when it begins. Forward is always the first answer that is missing, so a change needs no way
of its own, and what a campaign asks for anew is asked at the next step. A code is asked for only
when its mail was queued: from the address. Where the copy of a letter came back, the address is
asked for anew, from wherever nothing else is under way. Back is the table in `steps`; only Undo
leads back from sent to the review. Four asides (switch and resume over a step under way, language
over welcome, forget over any) lie over a step and give it back.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from conversations import staff_router
from conversations.broadcasts import composer
from conversations.core.buttons import journey as buttons
from conversations.core.buttons.packing import JOURNEY_ID_DIGITS, TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.effects.journey import MarkBlocked
from conversations.core.events import (
    AlbumEnded,
    BotBlocked,
    BotUnblocked,
    CodeBounced,
    CommandSent,
    CopyBounced,
    CountryQuestion,
    DomainQuestion,
    Event,
    ExternalAnswer,
    MediaSent,
    MessageEdited,
    PersistentButtonPressed,
    StartPressed,
    TextSent,
    TurnButtonPressed,
)
from conversations.core.fact_requests import (
    CodeAttempt,
    CountriesMatching,
    DomainAcceptsMail,
    Fact,
)
from conversations.core.facts import Deployment, Facts
from conversations.core.replies import (
    Ask,
    ClosePrompt,
    EditMessage,
    EditPrompt,
    Reply,
    Toast,
)
from conversations.core.turns import (
    again,
    amend,
    erase,
    remind,
    show,
    toast,
)
from conversations.journey import (
    bounced,
    commands,
    given,
    persistent_buttons,
    start,
    steps,
)
from conversations.journey.play import (
    IN_A_CAMPAIGN,
    address_in_play,
    code_in_play,
    wanted,
)
from conversations.journey.prompts import prompt
from conversations.model.journey import Aside, Journey, Step
from conversations.text.wording import (
    DEFAULT,
    match,
    offered,
    said_in_any,
)


def begin(chance: int, language: str) -> Journey:
    """Return the first journey of a chat, whose Telegram speaks `language`."""
    return Journey(id=f"{chance:032x}", language=match(language, offered()) or DEFAULT)


def advance(
    deployment: Deployment,
    journey: Journey,
    event: Event,
    facts: Facts,
    now: datetime,
    chance: int,
    loaded: Mapping[Fact[Any], Any] = MappingProxyType({}),
) -> Turn:
    """Return the answer to `event`. `chance` is 128 random bits.

    Raises FactMissing where an answer is needed that isn't in `loaded`.
    """
    context = replace(scene_of(deployment, journey, facts, now, chance), loaded=loaded)
    turn = staff_router.advance(context, event) or _answer(context, event)
    if composer.yields(turn):
        turn = replace(turn, journey=replace(turn.journey, composing=None, awaits=""))
    return numbered(context.journey, turn)


def open_question(context: Context) -> tuple[Reply, ...]:
    """Return the question or page that is open in the chat, to send it again.

    Raises FactMissing.
    """
    if context.facts.role and (page := composer.asked_again(context)):
        return page
    asked = prompt(context)
    return (ClosePrompt(), *asked) if context.journey.asked else asked


def scene_of(
    deployment: Deployment, journey: Journey, facts: Facts, now: datetime, chance: int
) -> Context:
    """Return the scene in the language that the person chose, or that their Telegram speaks."""
    language = facts.language or match(facts.profile_language, offered()) or DEFAULT
    return Context(deployment, replace(journey, language=language), facts, now, chance)


def _findings(context: Context, event: Event) -> ExternalAnswer | None:
    """Return what the event needs to know of the world. Raises FactMissing."""
    match asked := wanted(context.journey, event):
        case CountryQuestion(text):
            return ExternalAnswer(asked, countries=context.fact(CountriesMatching(text)))
        case DomainQuestion(domain):
            return ExternalAnswer(asked, takes_mail=context.fact(DomainAcceptsMail(domain)))
        case None:
            return None


def _with_code_check(context: Context, event: Event) -> Context:
    """Return the context with the verdict on a code that was typed. Raises FactMissing."""
    code = code_in_play(context.journey, event)
    address = address_in_play(context.journey, event)
    if not (code and address):
        return context
    check = context.fact(CodeAttempt(address, code))
    return replace(context, facts=replace(context.facts, code=check))


def _answer(context: Context, event: Event) -> Turn:
    journey, findings = context.journey, _findings(context, event)
    context = _with_code_check(context, event)
    match event:
        case BotBlocked():
            return Turn(journey, effects=(MarkBlocked(blocked=True),))
        case BotUnblocked():
            return Turn(journey, effects=(MarkBlocked(blocked=False),))
        case CodeBounced():
            return bounced.code(context)
        case CopyBounced(action):
            return bounced.copy(context, action)
        case PersistentButtonPressed(button):
            return persistent_buttons.pressed(context, button)
        case CommandSent(name):
            return commands.commanded(context, name)
        case AlbumEnded():
            return Turn(journey)
        case MessageEdited():
            return show(context, context.wording.say("other.edited"))
        case StartPressed(payload) if not code_in_play(journey, event):
            return start.started(context, payload)
        case TextSent(text) if said_in_any("words.stop", text):
            return commands.stopped(context)
        case TextSent(text) if said_in_any("words.who", text):
            return show(context, commands.help_text(context))
        case TurnButtonPressed(_, id_, turn) if not _is_open(journey, id_, turn):
            over = journey.step is Step.IDLE and not journey.aside
            return toast(context, "toast.over" if over else "toast.answered")
        case TurnButtonPressed(button) if journey.aside:
            return _beside(context, journey.aside, button)
        case _ if _is_closed(context):
            return start.closed(context)
        case TurnButtonPressed(button) if journey.step is Step.CHOOSE:
            return start.chosen(context, button)
        case TurnButtonPressed(button):
            return steps.pressed(context, button, findings)
        case StartPressed():
            return given.proof(context)
        case TextSent(text):
            return _said(context, text, findings)
        case MediaSent(kind):
            return _other(context, kind)


def numbered(before: Journey, turn: Turn) -> Turn:
    """Number the turn: what is said raises it, and an open prompt bears its number."""
    if all(isinstance(reply, Toast | EditMessage) for reply in turn.replies):
        return turn
    number = before.turn + 1
    asked = before.asked
    if any(isinstance(reply, Ask | EditPrompt) for reply in turn.replies):
        asked = number
    elif any(isinstance(reply, ClosePrompt) for reply in turn.replies):
        asked = 0
    return replace(turn, journey=replace(turn.journey, turn=number, asked=asked))


def _is_open(journey: Journey, id_: str, turn: int) -> bool:
    """Whether the prompt of `turn` of the journey `id_` is the one that is open."""
    shown, here = id_[:JOURNEY_ID_DIGITS], journey.id[:JOURNEY_ID_DIGITS]
    return turn > 0 and (turn, shown) == (journey.asked, here)


def _is_closed(context: Context) -> bool:
    """Whether the question is one of a campaign that takes no letters any more, or is gone."""
    journey = context.journey
    there = journey.campaign
    goes_on = (
        there in context.deployment.campaigns if journey.mends else context.takes_letters(there)
    )
    return journey.step in IN_A_CAMPAIGN and not goes_on


def _said(context: Context, text: str, findings: ExternalAnswer | None) -> Turn:
    if context.journey.aside is Aside.FORGET:
        return again(context, context.wording.say("choose.reminder"))
    context = context.within(_back_to_step(context.journey))
    if context.journey.step is Step.IDLE and context.open_campaigns:
        return start.offer(context, context.wording.say("idle.unknown"))
    return steps.said(context, text, findings)


def _other(context: Context, kind: str) -> Turn:
    key = "other.sticker" if kind == "sticker" else "other.any"
    return remind(context, context.wording.say(key))


def _beside(context: Context, aside: Aside, button: TurnButtonData | UnknownButton) -> Turn:
    """Answer a button of a question that lies over the step."""
    journey = _back_to_step(context.journey)
    step = context.within(journey)
    there = context.journey.aside_campaign
    match aside, button:
        case Aside.FORGET, buttons.EraseEverything():
            return erase(step)
        case Aside.SWITCH, buttons.SwitchCampaign() if context.takes_letters(there):
            return start.enter(step, there, context.journey.aside_source)
        case _ if _is_closed(context):
            return start.closed(step)
        case Aside.SWITCH, buttons.SwitchCampaign():
            return again(step, context.wording.say("campaign.closed"))
        case _, buttons.Stay():
            if journey.step in (Step.IDLE, Step.SENT):
                return replace(_settled(step), journey=journey)
            note = step.wording.say("forget.kept") if aside is Aside.FORGET else None
            return amend(step, journey.step, note=note)
        case Aside.RESUME, buttons.StartOver():
            return start.enter(step, journey.campaign, journey.source)
        case Aside.LANGUAGE, buttons.ReadOnIn(tag) if tag in offered():
            spoken = persistent_buttons.speak(step, tag)
            told = step.within(spoken.journey)
            return replace(amend(told, journey.step), effects=spoken.effects)
        case _:
            return toast(context, "toast.answered")


def _settled(context: Context) -> Turn:
    return Turn(context.journey, (ClosePrompt(context.wording.say("forget.kept")),))


def _back_to_step(journey: Journey) -> Journey:
    return replace(journey, aside=None, aside_campaign="", aside_source="")
