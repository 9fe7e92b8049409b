"""The router: which handler answers an event, and the states of a supporter's journey.

    any step ───────▶ idle choose welcome
    idle ───────────▶ address
    choose ─────────▶ address
    welcome ────────▶ warning name country at_risk own_before address own_after targets review
    warning ────────▶ name country at_risk own_before address own_after targets review
    name ───────────▶ warning country at_risk own_before address own_after targets review change
    country ────────▶ warning country_check at_risk own_before address own_after targets review
    country ────────▶ name change
    country_check ──▶ warning country at_risk own_before address own_after targets review
    at_risk ────────▶ warning own_before address own_after targets review country
    own_before ─────▶ warning at_risk address own_after targets review country change
    address ────────▶ warning at_risk address_check code own_before own_after targets review
    address ────────▶ country change
    address_check ──▶ warning at_risk own_before address code own_after targets review
    code ───────────▶ warning at_risk own_before own_after targets review address address_check
    code ───────────▶ bounced
    bounced ────────▶ warning at_risk own_before address address_check code own_after targets
    bounced ────────▶ review
    own_after ──────▶ warning at_risk own_before address targets review change
    targets ────────▶ warning at_risk country address review change own_before own_after
    review ─────────▶ warning at_risk sent own_before own_after change address targets
    own_words ──────▶ warning at_risk own_before own_after targets review address
    rewrite ────────▶ warning at_risk own_before own_after targets review address
    change ─────────▶ warning name country address subject own_words rewrite targets review
    change ─────────▶ own_before own_after
    subject ────────▶ warning at_risk own_before own_after targets review address change
    sent ───────────▶ review address

These are all transitions; the tests read them here. Any step may also stay where it is. The journey
returns to idle when it ends: cancelled, erased, without a name, or no campaign is open. It begins
at choose or welcome. Forward leads to the first question that is missing, so a change needs no
transition of its own, and what a campaign asks in addition is asked at the next step. In a campaign
with countries at risk, the warning comes before everything else, also where the list has grown
since. A country that was on the list when the warning was read, and comes back to it later, leads
to at_risk alone. The code is asked only where its mail was queued: from the address. If the copy of
a letter came back, the address is asked again, unless another letter is under way. Each question
declares where Back leads; only Undo leads back from sent to the review. Five asides (switch and
resume over a step under way, language over welcome, discreet over welcome and address, forget over
any) interrupt a step and return to it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from conversations import staff_entry
from conversations.core.buttons.journey import Back, Cancel, ReadOnIn
from conversations.core.buttons.packing import JOURNEY_ID_DIGITS, TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.effects.journey import MarkBlocked
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
from conversations.core.fact_requests import Fact
from conversations.core.facts import Deployment, Facts
from conversations.core.replies import (
    Ask,
    ClosePrompt,
    EditMessage,
    EditPrompt,
    Reply,
    Toast,
)
from conversations.core.turns import show, toast
from conversations.journey import commands, language_choice, start
from conversations.journey.flow import asides, misunderstood, persistent_buttons, typed_buttons
from conversations.journey.flow.transitions import (
    amend,
    ask_again,
    cancel,
    current_question,
    remind,
    repeat_question,
)
from conversations.journey.letters import copy_requests
from conversations.journey.questions.proof.bounced import code_bounced
from conversations.journey.questions.proof.code import check_code, code_in_link
from conversations.model.campaigns import spoken
from conversations.model.journey import UNDER_WAY, Aside, Journey, Step


def begin(chance: int, language: str) -> Journey:
    """Return the first journey of a chat. `language` is that of the person's Telegram."""
    return Journey(id=f"{chance:032x}", language=spoken.choose((language,), None))


def advance(
    deployment: Deployment,
    journey: Journey,
    event: Event,
    facts: Facts,
    now: datetime,
    chance: int,
    loaded: Mapping[Fact[Any], Any],
) -> Turn:
    """Return the answer to `event`. `chance` is 128 random bits.

    Raises FactMissing where a fact is needed that isn't in `loaded` and must be loaded before.
    """
    context = context_of(deployment, journey, facts, now, chance, loaded)
    is_for_staff = staff_entry.may_answer(context, event)
    turn = staff_entry.answer(context, event) if is_for_staff else None
    if turn is None:
        turn = _answer(context, event)
        if turn.journey.panel:
            turn = replace(turn, journey=replace(turn.journey, panel=""))
    if is_for_staff:
        turn = staff_entry.without_old_input(turn)
    return _numbered(context.journey, turn)


def open_question(context: Context) -> tuple[Journey, tuple[Reply, ...]]:
    """Return the question or page that is open in the chat, to send it again, and the journey.

    Raises FactMissing.
    """
    if context.facts.role and (page := staff_entry.open_page(context)):
        return context.journey, page
    return repeat_question(context)


def context_of(
    deployment: Deployment,
    journey: Journey,
    facts: Facts,
    now: datetime,
    chance: int,
    loaded: Mapping[Fact[Any], Any],
) -> Context:
    """Return the context, in the language that the person chose, or else their Telegram's."""
    context = Context(deployment, journey, facts, now, chance, loaded)
    language = context.language_in(journey.campaign)
    if language == journey.language:
        return context
    return context.within(replace(journey, language=language))


def presses_open_question(journey: Journey, event: Event) -> bool:
    """Whether `event` is the press of a button below the question that is open."""
    return isinstance(event, TurnButtonPressed) and _is_open(journey, event.journey, event.turn)


def _answer(context: Context, event: Event) -> Turn:
    """Return the answer of the supporter's journey. Raises FactMissing."""
    journey = context.journey
    match event:
        case BotBlocked():
            return Turn(journey, effects=(MarkBlocked(blocked=True),))
        case BotUnblocked():
            return Turn(journey, effects=(MarkBlocked(blocked=False),))
        case CodeBounced():
            return code_bounced(context)
        case CopyBounced(action):
            return copy_requests.copy_bounced(context, action)
        case PersistentButtonPressed(button):
            return persistent_buttons.pressed(context, button)
        case CommandSent(name):
            return commands.answer(context, name)
        case MessageEdited():
            return show(context, context.wording.say("other.edited"))
        case StartPressed(payload) if not code_in_link(journey, event):
            return start.answer(context, payload)
        case TextSent(text) if context.means("words.stop", text):
            return commands.end_updates(context)
        case TextSent(text) if context.means("words.who", text):
            return show(context, commands.help_text(context))
        case _:
            return misunderstood.counted(context, event, _answer_to_question(context, event))


def _answer_to_question(context: Context, event: Event) -> Turn:
    """Return the answer to an event that is meant for the open question."""
    journey = context.journey
    match event:
        case TurnButtonPressed(_, id_, turn) if not _is_open(journey, id_, turn):
            return toast(context, _why_not_open(journey, id_))
        case TurnButtonPressed(button) if journey.aside:
            return asides.pressed(context, journey.aside, button)
        case _ if start.is_closed(context):
            return start.say_closed(context)
        case TurnButtonPressed(button):
            return _pressed(context, button)
        case StartPressed():
            return check_code(context, code_in_link(journey, event))
        case TextSent(text):
            return _typed(context, text)
        case MediaSent(kind):
            key = "other.sticker" if kind == "sticker" else "other.any"
            return remind(context, context.wording.say(key))
        case _:
            return Turn(journey)


def _numbered(before: Journey, turn: Turn) -> Turn:
    """Number the turn: every new message raises the number, and an open prompt has its number."""
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
    return turn == journey.asked > 0 and _is_of(journey, id_)


def _is_of(journey: Journey, id_: str) -> bool:
    """Whether a button with the journey id `id_` belongs to this journey."""
    return id_[:JOURNEY_ID_DIGITS] == journey.id[:JOURNEY_ID_DIGITS]


def _why_not_open(journey: Journey, id_: str) -> str:
    """Return the key of the text that says why a button of the journey `id_` does nothing."""
    if journey.step is Step.IDLE and not journey.aside:
        return "toast.over"
    asks_another = journey.step in UNDER_WAY and journey.asked > 0
    return "toast.earlier" if asks_another and _is_of(journey, id_) else "toast.answered"


def _pressed(context: Context, button: TurnButtonData | UnknownButton) -> Turn:
    """Answer a button of the open question."""
    question = current_question(context)
    if turn := question.pressed(context, button):
        return turn
    match button:
        case Back() if step := question.back_to(context):
            return amend(context, step)
        case Cancel():
            return cancel(context, pressed=True)
        case _:
            return toast(context, "toast.answered")


def _typed(context: Context, text: str) -> Turn:
    """Answer a text, which is meant for the step even while a question interrupts it."""
    if context.journey.aside is Aside.FORGET:
        if context.means("words.cancel", text):
            return commands.answer(context, "cancel")
        return ask_again(context, context.wording.say("choose.reminder"))
    if context.journey.aside is Aside.LANGUAGE and (tag := language_choice.typed(context, text)):
        chosen = asides.pressed(context, Aside.LANGUAGE, ReadOnIn(tag))
        return typed_buttons.in_new_messages(chosen)
    context = context.within(context.journey.without_aside())
    if turn := typed_buttons.answer_word(context, text):
        return turn
    if button := typed_buttons.button_typed(context, text):
        return typed_buttons.in_new_messages(_pressed(context, button.data))
    question = current_question(context)
    if turn := question.typed(context, text):
        return _without_closing(context.journey, turn)
    reminder = context.wording.say(question.reminder)
    return show(context, reminder) if question.shows_letter else ask_again(context, reminder)


def _without_closing(before: Journey, turn: Turn) -> Turn:
    """Leave the buttons of a question that a typed answer settled, if another question follows.

    They would be refused anyway, and removing them is one more call of the Bot API.
    """
    asks_another = any(isinstance(reply, Ask) for reply in turn.replies)
    if not asks_another or turn.journey.place == before.place:
        return turn
    return replace(turn, replies=tuple(each for each in turn.replies if each != ClosePrompt()))
