"""What is your email address?"""

from dataclasses import replace

from conversations.core.buttons.journey import AskDiscreet, Cancel, HideAddress, UseAddress
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.fact_requests import AddressInUse, DomainAcceptsMail, NextCode
from conversations.core.facts import AddressFacts, CodeWait
from conversations.core.replies import Ask, Keyboard, Reply
from conversations.journey import codes, discreet
from conversations.journey.flow import own_questions
from conversations.journey.flow.question import Question, with_note
from conversations.journey.flow.step_numbers import number
from conversations.journey.flow.transitions import amend, ask, forward, interrupt
from conversations.journey.questions.country import country_said_back
from conversations.model.journey import Answers, Aside, Place, Step
from conversations.model.letters import identity
from conversations.model.stats.funnel import FunnelStage
from conversations.text.html import Html
from conversations.text.typed.address_guesses import guess_address, suggest
from conversations.text.typed.addresses import (
    Address,
    AddressProblem,
    canonical,
    is_certain,
    read_address,
    readable,
)
from conversations.text.wording import raw


class AddressQuestion(Question):
    """Ask for the supporter's email address, to which the target may answer."""

    step = Step.ADDRESS
    back = Step.COUNTRY
    change_button = "button.address"
    stage = FunnelStage.COUNTRY

    def is_missing(self, context: Context) -> bool:
        """Return whether no address was given."""
        return not context.journey.answers.address

    def back_to(self, context: Context) -> Place | None:
        """Return the question before; there is none where only the address is corrected."""
        if context.journey.corrects:
            return None
        back = super().back_to(context)
        before = own_questions.places(context, Step.OWN_BEFORE)
        return before[-1] if before and back is Step.COUNTRY else back

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Repeat the country, propose the address that was given before, and say who sees it."""
        wording, address = context.wording, context.journey.answers.address
        if context.journey.corrects:
            text = wording.say("copy.address")
            return (Ask(with_note(note, text), ((context.press("button.cancel", Cancel()),),)),)
        hidden = context.journey.answers.hides_address
        answers = wording.say(f"answers.{identity.answers(context.campaign, hidden=hidden)}")
        use = context.press("button.use", UseAddress(), name=readable(address))
        keep = ((use,),) if address else ()
        step = number(context, self.step)
        text = wording.say("address.ask", step=raw(step), answers=raw(answers))
        if self.back_to(context) is Step.COUNTRY:
            note = note or country_said_back(context)
        choices = (*keep, *hiding(context), *discreet.offer(context))
        return (Ask(with_note(note, text), (*choices, *context.ways_out())),)

    def typed(self, context: Context, text: str) -> Turn:
        """Take the address that was typed, or ask whether another was meant."""
        address = context.journey.answers.address
        if address and context.means("words.yes", text):
            return take_address(context, address, pressed=True)
        return take_address(context, text)

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Keep the address that was given before."""
        match button:
            case UseAddress():
                return take_address(context, context.journey.answers.address, pressed=True)
            case AskDiscreet():
                return interrupt(context, Aside.DISCREET, pressed=True)
            case HideAddress(hide):
                return amend(hide_address(context, hide=hide), Step.ADDRESS)
            case _:
                return None


def hiding(context: Context) -> Keyboard:
    """Return the button that hides the address from the target, or shows it again.

    There is none where the target does not see it anyway.
    """
    if not identity.shows_address(context.campaign) or context.journey.corrects:
        return ()
    is_hidden = context.journey.answers.hides_address
    key = "button.show_address" if is_hidden else "button.hide_address"
    return ((context.press(key, HideAddress(hide=not is_hidden)),),)


def hide_address(context: Context, *, hide: bool) -> Context:
    """Return the context in which the target does not see the address, or sees it again."""
    hides = hide and identity.shows_address(context.campaign)
    return _with(context, replace(context.journey.answers, hides_address=hides))


def address_facts(context: Context, address: str) -> AddressFacts:
    """Return what is stored about an address that was read before. Raises FactMissing."""
    return context.fact(AddressInUse(canonical_form(address), context.journey.campaign))


def next_code(context: Context, address: str) -> CodeWait:
    """Return when a code may be mailed to an address that was read before. Raises FactMissing."""
    return context.fact(NextCode(canonical_form(address)))


def canonical_form(address: str) -> str:
    """Return the canonical form of an address that was read before."""
    local, _, domain = address.rpartition("@")
    return canonical(Address(local, domain))


def is_taken(context: Context, address: AddressFacts) -> bool:
    """Whether another person used the address, which only tests may use again."""
    is_test = context.tests(context.journey.campaign) and not context.journey.corrects
    return address.taken and not is_test


def take_address(context: Context, text: str, *, pressed: bool = False) -> Turn:
    """Take the address in `text`, or ask whether another was meant."""
    address = read_address(text)
    if isinstance(address, AddressProblem):
        is_one = address is not AddressProblem.SEVERAL
        guessed = guess_address(text) if is_one else None
        if guessed is not None:
            return _check(context, guessed)
        note = context.wording.say(f"address.problem.{address}")
        return ask(context, Step.ADDRESS, note=note)
    if pressed:
        return confirm_address(context, str(address), pressed=True)
    if not is_certain(text):
        return _check(context, guess_address(text) or address)
    suggested = suggest(address)
    if suggested is not None:
        return _check(context, suggested, typed=str(address))
    return confirm_address(context, str(address))


def _check(context: Context, suggested: Address, *, typed: str = "") -> Turn:
    """Ask whether `suggested` was meant; `typed` is the address as it was typed, if it was one."""
    answers = replace(context.journey.answers, typed=typed, suggested=str(suggested))
    return ask(_with(context, answers), Step.ADDRESS_CHECK)


def confirm_address(context: Context, address: str, *, pressed: bool = False) -> Turn:
    """Take an address, and mail a code to it unless it was proved already. Raises FactMissing."""
    wording = context.wording
    domain = address.rpartition("@")[2]
    if context.fact(DomainAcceptsMail(domain)) is False:
        note = wording.say("address.no_mail", domain=readable(domain))
        return ask(context, Step.ADDRESS, note=note)
    facts = address_facts(context, address)
    if facts.disowned:
        return refuse_disowned(context)
    answers = _with_address(context, address)
    shown = readable(address)
    closing_text = wording.say("address.settled", address=shown) if pressed else None
    corrects_copy = bool(context.journey.corrects)
    if corrects_copy and answers.proved and is_taken(context, facts):
        return refuse_taken(_with(context, answers))
    is_trusted = context.campaign.allow_letters_in_other_peoples_names and not corrects_copy
    if answers.proved or is_trusted or (wait := next_code(context, address)).is_pending:
        return forward(context, answers, mailed=True, closing_text=closing_text)
    if wait.seconds:
        return ask(context, Step.ADDRESS, note=_say_wait(context, wait))
    context = _with(context, answers)
    mail = (codes.queue(context, address),)
    return forward(context, answers, mailed=True, closing_text=closing_text, effects=mail)


def _say_wait(context: Context, wait: CodeWait) -> Html:
    """Say when the next code can be sent, and whether other people's requests are the reason."""
    minutes = codes.minutes(wait.seconds)
    if wait.is_busy:
        return context.wording.say("code.busy", count=minutes)
    if minutes > codes.MAX_MINUTES_SHOWN:
        return context.wording.say("code.too_many_hours", count=codes.hours(wait.seconds))
    return context.wording.say("code.too_many", count=minutes)


def refuse_disowned(context: Context) -> Turn:
    """Ask for another address: the owner of this one wants no mail from us."""
    answers = replace(context.journey.answers, address="", typed="", suggested="", proved=False)
    note = context.wording.say("address.disowned")
    return ask(_with(context, answers), Step.ADDRESS, note=note)


def refuse_taken(context: Context) -> Turn:
    """Ask for another address: another person has already written with this one.

    Say so only after the supporter proved that the address is theirs.
    """
    address, proved = context.journey.answers.address, context.journey.answers.proved
    key = "address.taken" if proved else "address.unusable"
    note = context.wording.say(key, address=readable(address))
    answers = replace(context.journey.answers, address="", proved=False)
    return ask(_with(context, answers), Step.ADDRESS, note=note)


def _with_address(context: Context, address: str) -> Answers:
    """Return the answers with this address, which counts as proved if it was proved before."""
    answers, details = context.journey.answers, context.facts.details
    was_proved = answers.proved and answers.address == address
    is_remembered = details is not None and details.proved and details.address == address
    proved = was_proved or is_remembered
    return replace(answers, address=address, typed="", suggested="", proved=proved)


def _with(context: Context, answers: Answers) -> Context:
    return context.within(replace(context.journey, answers=answers))
