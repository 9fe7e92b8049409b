"""What an answer to each step's question leads to."""

from collections.abc import Callable
from dataclasses import replace

from conversations.core.buttons import journey as buttons
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.events import ExternalAnswer
from conversations.core.turns import (
    again,
    amend,
    aside,
    ask,
    erase,
    forward,
    rest,
    show,
    toast,
)
from conversations.journey import (
    codes,
    given,
    letter_review,
    welcome,
)
from conversations.journey.play import missing
from conversations.journey.send import send
from conversations.model.identity import filled
from conversations.model.journey import Aside, Step
from conversations.text import countries
from conversations.text.html import Html
from conversations.text.wording import said_in_any

REMINDERS = {Step.WELCOME: "welcome.reminder", Step.AT_RISK: "risk.reminder"}
"""What is told to someone who types where only a button answers."""


def said(context: Context, text: str, findings: ExternalAnswer | None) -> Turn:
    """Answer a text that was typed for the step that is asked."""
    match context.journey.step:
        case Step.NAME:
            return given.name(context, text)
        case Step.COUNTRY_CHECK if said_in_any("words.no", text):
            return ask(given.without_candidates(context), Step.COUNTRY)
        case Step.COUNTRY_CHECK if said_in_any("words.yes", text):
            return given.proposed(context)
        case Step.COUNTRY | Step.COUNTRY_CHECK:
            return given.country(context, findings)
        case Step.ADDRESS_CHECK if said_in_any("words.yes", text):
            return given.confirmed(
                context, context.journey.answers.suggested, findings, pressed=True
            )
        case Step.ADDRESS_CHECK if said_in_any("words.no", text):
            return given.confirmed(context, context.journey.answers.typed, findings, pressed=True)
        case Step.ADDRESS | Step.ADDRESS_CHECK | Step.BOUNCED:
            return given.address(context, text, findings)
        case Step.CODE:
            return given.code(context, text, findings)
        case Step.OWN_WORDS:
            return given.own_words(context, text)
        case Step.REWRITE:
            return given.rewrite(context, text)
        case Step.SUBJECT if letter_review.may_type_subject(context.campaign):
            return given.subject(context, text)
        case Step.IDLE | Step.SENT:
            return _small_talk(context)
        case Step.REVIEW | Step.CHANGE as step:
            return show(context, context.wording.say(f"{step}.reminder"))
        case step:
            return again(context, context.wording.say(REMINDERS.get(step, "choose.reminder")))


def pressed(
    context: Context, button: TurnButtonData | UnknownButton, findings: ExternalAnswer | None
) -> Turn:
    """Answer a button of the open prompt."""
    step, answers = context.journey.step, context.journey.answers
    match step, button:
        case _, buttons.Back():
            return _back(context)
        case _, buttons.Cancel():
            return rest(context, context.wording.say("cancel.done"), pressed=True)
        case Step.NAME, buttons.UseName():
            return given.name(context, answers.name or context.facts.profile_name, pressed=True)
        case ((Step.COUNTRY | Step.COUNTRY_CHECK), buttons.ChooseCountry(country)) if (
            country in countries.all_codes()
        ):
            return given.live_in(context, country, pressed=True)
        case Step.COUNTRY_CHECK, buttons.OtherCountry():
            return amend(given.without_candidates(context), Step.COUNTRY)
        case Step.AT_RISK, buttons.AcceptRisk():
            return forward(context, replace(answers, risk_accepted=True))
        case Step.AT_RISK, buttons.TakePartUnnamed():
            return given.without_name(context)
        case Step.AT_RISK, buttons.EraseEverything():
            return erase(context)
        case Step.ADDRESS, buttons.UseAddress():
            return given.address(context, answers.address, findings, pressed=True)
        case Step.ADDRESS_CHECK, buttons.TakeSuggestedAddress():
            return given.confirmed(context, answers.suggested, findings, pressed=True)
        case Step.ADDRESS_CHECK, buttons.TakeTypedAddress():
            return given.confirmed(context, answers.typed, findings, pressed=True)
        case Step.REVIEW, buttons.GoTo(Step.CHANGE):
            return amend(context, Step.CHANGE)
        case _, buttons.GoTo(to) if (step, to) in _WAYS:
            return ask(context, to)
        case Step.SUBJECT, buttons.ChooseSubject(number):
            return given.subject_chosen(context, number)
        case _ if (step, type(button)) in _PRESSES:
            return _PRESSES[step, type(button)](context)
        case _:
            return toast(context, "toast.answered")


# --- buttons ------------------------------------------------------------------------------------


def _write(context: Context) -> Turn:
    return forward(context, context.journey.answers)


def _reuse(context: Context) -> Turn:
    details = context.facts.details
    if details is None:
        return toast(context, "toast.forgotten")
    given = replace(
        context.journey.answers,
        name=details.name,
        country=details.country,
        address=details.address,
        proved=details.proved,
    )
    return forward(context, given)


def _more(context: Context) -> Turn:
    more = context.texts.more or Html("")
    return ask(context, Step.WELCOME, note=filled(more, context.campaign, context.wording))


def _example(context: Context) -> Turn:
    return ask(context, Step.WELCOME, note=welcome.example(context))


def _safe(context: Context) -> Turn:
    text = filled(context.texts.safety, context.campaign, context.wording)
    return ask(context, Step.WELCOME, note=text)


def _see_mine(context: Context) -> Turn:
    shown, _ = letter_review.present(context)
    return show(context, shown)


def _not_there(context: Context) -> Turn:
    note = context.wording.say(
        "code.not_there",
        address=context.journey.answers.address,
        mailbox=context.deployment.mailbox,
        organisation=context.campaign.organisation,
    )
    return amend(context, Step.CODE, note=note)


def _resend(context: Context) -> Turn:
    if context.facts.disowned:
        return given.disowned(context)
    wait = context.facts.code_wait
    if wait > codes.PAUSE:
        return toast(context, "toast.code_limit", alert=True, count=-(-wait // 60))
    if wait:
        return toast(context, "toast.code_wait", count=wait)
    address = context.journey.answers.address
    note = context.wording.say("code.again", address=address)
    return amend(context, Step.CODE, note=note, effects=(codes.queue(context, address),))


def _other_address(context: Context) -> Turn:
    return amend(context, Step.ADDRESS)


def _original(context: Context) -> Turn:
    return forward(context, replace(context.journey.answers, rewritten=None))


def _remove_own_words(context: Context) -> Turn:
    return forward(context, replace(context.journey.answers, own_words=""))


def _language(context: Context) -> Turn:
    return aside(context, Aside.LANGUAGE, pressed=True)


_PRESSES: dict[tuple[Step, type[TurnButtonData | UnknownButton]], Callable[[Context], Turn]] = {
    (Step.WELCOME, buttons.WriteLetter): _write,
    (Step.WELCOME, buttons.ReuseDetails): _reuse,
    (Step.WELCOME, buttons.ShowMore): _more,
    (Step.WELCOME, buttons.ShowLetter): _example,
    (Step.WELCOME, buttons.ShowSafety): _safe,
    (Step.WELCOME, buttons.ShowLanguages): _language,
    (Step.CODE, buttons.ShowLetter): _see_mine,
    (Step.CODE, buttons.CodeNotThere): _not_there,
    (Step.CODE, buttons.ResendCode): _resend,
    (Step.CODE, buttons.OtherAddress): _other_address,
    (Step.BOUNCED, buttons.OtherAddress): _other_address,
    (Step.REVIEW, buttons.SendLetter): send,
    (Step.OWN_WORDS, buttons.RemoveOwnWords): _remove_own_words,
    (Step.REWRITE, buttons.RestoreLetter): _original,
}

_WAYS = {
    (Step.REVIEW, Step.OWN_WORDS),
    (Step.REVIEW, Step.REWRITE),
    (Step.CHANGE, Step.NAME),
    (Step.CHANGE, Step.COUNTRY),
    (Step.CHANGE, Step.ADDRESS),
    (Step.CHANGE, Step.SUBJECT),
}

_BACK = {
    Step.NAME: Step.WELCOME,
    Step.COUNTRY: Step.NAME,
    Step.COUNTRY_CHECK: Step.COUNTRY,
    Step.AT_RISK: Step.COUNTRY,
    Step.ADDRESS: Step.COUNTRY,
    Step.ADDRESS_CHECK: Step.ADDRESS,
    Step.CODE: Step.ADDRESS,
    Step.BOUNCED: Step.ADDRESS,
    Step.CHANGE: Step.REVIEW,
    Step.OWN_WORDS: Step.REVIEW,
    Step.REWRITE: Step.REVIEW,
    Step.SUBJECT: Step.CHANGE,
}


def _back(context: Context) -> Turn:
    """Go one question back; to the review, where nothing is missing any more."""
    step = context.journey.step
    if step not in _BACK or (step is Step.ADDRESS and context.journey.mends):
        return toast(context, "toast.answered")
    asked = (Step.NAME, Step.COUNTRY, Step.ADDRESS)
    whole = context.journey.reviewed is not None and missing(context) is Step.REVIEW
    return amend(context, Step.CHANGE if step in asked and whole else _BACK[step])


def _small_talk(context: Context) -> Turn:
    campaigns = context.deployment.campaigns
    here = campaigns.get(context.journey.campaign)
    told = [here, *context.open_campaigns, *campaigns.values()]
    contact = next((each.contact for each in told if each), context.deployment.mailbox)
    return show(context, context.wording.say("idle.reminder", contact=contact))
