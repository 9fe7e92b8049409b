"""What is the code that was mailed to you?"""

from dataclasses import replace

from conversations.core.buttons.journey import (
    Cancel,
    CodeNotThere,
    GoTo,
    OtherAddress,
    ResendCode,
    ShowLetter,
)
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.events import Event, StartPressed
from conversations.core.fact_requests import CodeAttempt
from conversations.core.facts import CodeVerdict
from conversations.core.replies import Ask, EditPrompt, Keyboard, Reply
from conversations.core.turns import show, toast
from conversations.journey import codes
from conversations.journey.discreet import wrote_before_clearing
from conversations.journey.flow.question import QUESTIONS, Question
from conversations.journey.flow.step_numbers import number
from conversations.journey.flow.transitions import amend, ask_again, end_as_cleared, forward
from conversations.journey.letters import letter_review
from conversations.journey.questions.proof.address import (
    address_facts,
    canonical_form,
    is_taken,
    next_code,
    refuse_disowned,
    refuse_taken,
    take_address,
)
from conversations.model.journey import Journey, Step
from conversations.model.stats.funnel import FunnelStage
from conversations.text.html import Html
from conversations.text.typed.addresses import Address, read_address, readable
from conversations.text.typed.codes import CodeProblem, read_code
from conversations.text.wording import raw


class CodeQuestion(Question):
    """Ask for the code, which proves that the address is the supporter's."""

    step = Step.CODE
    back = Step.ADDRESS
    stage = FunnelStage.ADDRESS
    reminder = "code.reminder"
    adds_reminder = True

    def is_missing(self, context: Context) -> bool:
        """Return whether the address must be proved and was not."""
        allowed = context.campaign.allow_letters_in_other_peoples_names
        is_trusted = allowed and not context.journey.corrects
        return not context.journey.answers.proved and not is_trusted

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Return where the code went; `note` takes the place of these words."""
        key = "code.ask_discreet" if context.journey.is_discreet else "code.ask"

        def text(context: Context) -> Html:
            return context.wording.say(
                key,
                step=raw(number(context, Step.CODE)),
                address=readable(context.journey.answers.address),
                organisation=context.campaign.organisation,
                mailbox=context.deployment.mailbox,
            )

        help_me = context.press("button.not_there", CodeNotThere())
        rows: Keyboard = ((help_me,), *context.ways_out())
        return (Ask(note or context.with_original(text, key), rows),)

    def other_buttons(self, context: Context) -> Keyboard:
        """Return what helps if the code has not arrived, or works no longer."""
        press = context.press
        see: Keyboard = ((press("button.see_mine", ShowLetter()),),)
        back, cancel = press("button.back", GoTo(Step.CODE)), press("button.cancel", Cancel())
        return (
            (press("button.resend", ResendCode()),),
            (press("button.other_address", OtherAddress()),),
            *(() if context.journey.corrects else see),
            (back, cancel),
        )

    def typed(self, context: Context, text: str) -> Turn:
        """Take the code, or another address."""
        code = read_code(text)
        if not isinstance(code, CodeProblem):
            return check_code(context, code)
        if isinstance(read_address(text), Address):
            return take_address(context, text)
        return ask_again(context, context.say_with_original(f"code.{code}"))

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Help if the code has not arrived, or show the letter."""
        match button:
            case ShowLetter():
                letter, _ = letter_review.present(context)
                return show(context, letter)
            case CodeNotThere():
                return _help(context)
            case ResendCode():
                return _resend(context)
            case OtherAddress():
                return amend(context, Step.ADDRESS)
            case GoTo(Step.CODE):
                return amend(context, Step.CODE)
            case _:
                return None


def code_in_link(journey: Journey, event: Event) -> str:
    """Return the code in a deep link if the journey waits for a code, else ""."""
    match event:
        case StartPressed(payload) if journey.step is Step.CODE and codes.is_link(payload):
            code = read_code(payload.removeprefix(codes.LINK_PREFIX))
            return "" if isinstance(code, CodeProblem) else code
        case _:
            return ""


def check_code(context: Context, code: str) -> Turn:
    """Answer a code by the verdict on it. Raises FactMissing."""
    wording, address = context.wording, context.journey.answers.address
    facts = address_facts(context, address)
    if facts.disowned:
        return refuse_disowned(context)
    check = context.fact(CodeAttempt(canonical_form(address), code))
    match check.verdict:
        case CodeVerdict.WRONG:
            return ask_again(context, wording.say("code.wrong", count=check.left))
        case CodeVerdict.RIGHT if wrote_before_clearing(context):
            return end_as_cleared(context)
        case CodeVerdict.RIGHT if is_taken(context, facts):
            proved = replace(context.journey.answers, proved=True)
            return refuse_taken(context.within(replace(context.journey, answers=proved)))
        case CodeVerdict.RIGHT:
            return forward(context, replace(context.journey.answers, proved=True))
        case verdict:  # the text names the button that mails a new code
            return _with_help(context, ask_again(context, wording.say(f"code.{verdict}")))


def _help(context: Context) -> Turn:
    note = context.say_with_original(
        "code.not_there",
        address=readable(context.journey.answers.address),
        mailbox=context.deployment.mailbox,
        organisation=context.campaign.organisation,
    )
    return _with_help(context, amend(context, Step.CODE, note=note))


def _with_help(context: Context, turn: Turn) -> Turn:
    """Return the turn with the buttons that help in place of those of the question."""
    *before, last = turn.replies
    if not isinstance(last, Ask | EditPrompt):
        return turn
    asked = replace(last, keyboard=QUESTIONS[Step.CODE].other_buttons(context))
    return replace(turn, replies=(*before, asked))


def _resend(context: Context) -> Turn:
    address = context.journey.answers.address
    facts = address_facts(context, address)
    if facts.disowned:
        return refuse_disowned(context)
    wait = next_code(context, address).seconds
    if codes.minutes(wait) > codes.MAX_MINUTES_SHOWN:
        return toast(context, "toast.code_hours", alert=True, count=codes.hours(wait))
    if wait > codes.RESEND_PAUSE:
        return toast(context, "toast.code_limit", alert=True, count=codes.minutes(wait))
    if wait:
        return toast(context, "toast.code_wait", count=wait)
    note = context.say_with_original("code.again", address=readable(address))
    return amend(context, Step.CODE, note=note, effects=(codes.queue(context, address),))
