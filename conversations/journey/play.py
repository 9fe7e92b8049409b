"""What an event turns on: which answer is missing, what the world must be asked, which code."""

from conversations.core.buttons.journey import TakeSuggestedAddress, TakeTypedAddress, UseAddress
from conversations.core.context import Context
from conversations.core.events import (
    CountryQuestion,
    DomainQuestion,
    Event,
    ExternalQuestion,
    StartPressed,
    TextSent,
    TurnButtonPressed,
)
from conversations.model.journey import Answers, Journey, Step
from conversations.text.typed_answers import (
    Address,
    canonical,
    read_address,
    read_code,
)
from conversations.text.wording import said_in_any

CODE_LINK = "c_"
"""Begins the deep link of a code mail. No campaign's slug holds an underscore."""


# No country's name is longer, in any language; what is typed may have 4096 characters.
_LONGEST_NAME = 100


UNDER_WAY = frozenset(Step) - {Step.IDLE, Step.CHOOSE, Step.WELCOME, Step.SENT}
"""The steps at which something was given that would be lost."""

IN_A_CAMPAIGN = UNDER_WAY | {Step.WELCOME}
"""The steps whose questions are a campaign's."""


def missing(context: Context) -> Step:
    """Return the step of the first answer that is missing; REVIEW where none is."""
    answers, campaign = context.journey.answers, context.campaign
    if context.journey.mends:
        return _missing_to_mend(answers)
    if not answers.name:
        return Step.NAME
    if not answers.country:
        return Step.COUNTRY
    if answers.country in campaign.at_risk and not answers.risk_accepted:
        return Step.AT_RISK
    if not answers.address:
        return Step.ADDRESS
    if answers.proved or campaign.allow_letters_in_other_peoples_names:
        return Step.REVIEW
    return Step.CODE


def _missing_to_mend(answers: Answers) -> Step:
    """Return what is missing where a copy waits for the right address: it must be proved."""
    if not answers.address:
        return Step.ADDRESS
    return Step.REVIEW if answers.proved else Step.CODE


def wanted(journey: Journey, event: Event) -> ExternalQuestion | None:
    """Return what must be known of the world before `event` can be answered."""
    match event:
        case TextSent(text) if journey.step in (Step.COUNTRY, Step.COUNTRY_CHECK):
            return CountryQuestion(text[:_LONGEST_NAME])
        case TextSent() | TurnButtonPressed() if address := _given(journey, event):
            return DomainQuestion(address.domain)
        case _:
            return None


def address_in_play(journey: Journey, event: Event) -> str:
    """Return the canonical address that `event` is about, or "" where it is about none."""
    address = _given(journey, event)
    if address is None and journey.answers.address:
        # It was read when it was given.
        local, _, domain = journey.answers.address.rpartition("@")
        address = Address(local, domain)
    return canonical(address) if address else ""


def code_in_play(journey: Journey, event: Event) -> str:
    """Return the eight digits that were typed, or came with a link, where a code is awaited."""
    if journey.step is not Step.CODE:
        return ""
    match event:
        case TextSent(text):
            return _digits(text)
        case StartPressed(payload) if payload.startswith(CODE_LINK):
            return _digits(payload.removeprefix(CODE_LINK))
        case _:
            return ""


def _given(journey: Journey, event: Event) -> Address | None:
    """Return the address that `event` gives, as an answer or by taking what was proposed."""
    answers = journey.answers
    match journey.step, event:
        case Step.ADDRESS_CHECK, TextSent(text) if said_in_any("words.yes", text):
            return _read(answers.suggested)
        case Step.ADDRESS_CHECK, TextSent(text) if said_in_any("words.no", text):
            return _read(answers.typed)
        case ((Step.ADDRESS | Step.ADDRESS_CHECK | Step.CODE | Step.BOUNCED), TextSent(text)):
            return _read(text)
        case Step.ADDRESS, TurnButtonPressed(UseAddress()):
            return _read(answers.address)
        case Step.ADDRESS_CHECK, TurnButtonPressed(TakeSuggestedAddress()):
            return _read(answers.suggested)
        case Step.ADDRESS_CHECK, TurnButtonPressed(TakeTypedAddress()):
            return _read(answers.typed)
        case _:
            return None


def _read(text: str) -> Address | None:
    address = read_address(text)
    return address if isinstance(address, Address) else None


def _digits(text: str) -> str:
    code = read_code(text)
    return code if len(code) == len("12345678") and code.isdigit() else ""
