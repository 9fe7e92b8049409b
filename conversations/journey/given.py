"""What is given in answer to a question: taken, doubted, or kindly refused."""

from dataclasses import replace

from conversations.core.buttons import journey as buttons
from conversations.core.context import Context, Turn
from conversations.core.events import ExternalAnswer
from conversations.core.facts import CodeVerdict
from conversations.core.replies import PersistentButton
from conversations.core.turns import (
    again,
    ask,
    forward,
    rest,
    toast,
)
from conversations.journey import codes, letter_review, welcome
from conversations.model.journey import Step
from conversations.text import countries
from conversations.text.typed_answers import (
    NAME_MOST,
    OWN_WORDS_MOST,
    Address,
    AddressProblem,
    CodeProblem,
    NameProblem,
    OwnWordsProblem,
    read_address,
    read_code,
    read_name,
    read_own_words,
    read_rewritten,
    read_subject,
    suggest,
)


def name(context: Context, text: str, *, pressed: bool = False) -> Turn:
    """Take a name."""
    name = read_name(text)
    if isinstance(name, NameProblem):
        return again(context, context.wording.say(f"name.problem.{name}", most=NAME_MOST))
    settle = context.wording.say("name.settled", name=name) if pressed else None
    return forward(context, replace(context.journey.answers, name=name), settle=settle)


def country(context: Context, findings: ExternalAnswer | None) -> Turn:
    """Take the country that was typed, ask which is meant, or ask again."""
    found = findings.countries if findings and findings.countries else countries.CountryMatches()
    if found.exact:
        return live_in(context, found.codes[0])
    if not found.codes:
        context = without_candidates(context)
        note = context.wording.say("country.unknown")
        return ask(context, Step.COUNTRY, note=note)
    answers = replace(context.journey.answers, candidates=found.codes)
    return ask(context.within(replace(context.journey, answers=answers)), Step.COUNTRY_CHECK)


def proposed(context: Context) -> Turn:
    """Take the country that was proposed, if it was but one."""
    candidates = context.journey.answers.candidates
    if len(candidates) == 1:
        return live_in(context, candidates[0], pressed=True)
    return again(context, context.wording.say("choose.reminder"))


def live_in(context: Context, country: str, *, pressed: bool = False) -> Turn:
    """Take a country by its code."""
    answers = context.journey.answers
    same = country == answers.country
    accepted = answers.risk_accepted and same
    given = replace(answers, country=country, candidates=(), risk_accepted=accepted)
    name = countries.name(country, context.journey.language)
    settle = context.wording.say("country.settled", country=name) if pressed else None
    return forward(context, given, settle=settle)


def without_candidates(context: Context) -> Context:
    """Return the scene without the countries that were proposed."""
    answers = replace(context.journey.answers, candidates=())
    return context.within(replace(context.journey, answers=answers))


def without_name(context: Context) -> Turn:
    """End the journey, and offer to share the campaign instead."""
    link = welcome.share(context.deployment.username, context.campaign, context.wording)
    text = context.wording.say("risk.without", share=context.texts.share)
    clear = PersistentButton(context.wording.label("button.clear"), buttons.ClearMessages())
    return rest(context, text, ((link,), (clear,)))


def address(
    context: Context, text: str, findings: ExternalAnswer | None, *, pressed: bool = False
) -> Turn:
    """Take an address that was typed, or ask whether another was meant."""
    address = read_address(text)
    if isinstance(address, AddressProblem):
        note = context.wording.say(f"address.problem.{address}")
        return ask(context, Step.ADDRESS, note=note)
    meant = suggest(address)
    if meant is not None and not pressed:
        answers = replace(context.journey.answers, typed=str(address), suggested=str(meant))
        context = context.within(replace(context.journey, answers=answers))
        return ask(context, Step.ADDRESS_CHECK)
    return confirmed(context, str(address), findings, pressed=pressed)


def confirmed(
    context: Context, text: str, findings: ExternalAnswer | None, *, pressed: bool = False
) -> Turn:
    """Take the address, and mail a code to it unless it was proved already."""
    wording, facts, former = context.wording, context.facts, context.journey.answers
    domain = text.rpartition("@")[2]
    if findings is not None and findings.takes_mail is False:
        return ask(context, Step.ADDRESS, note=wording.say("address.no_mail", domain=domain))
    if facts.disowned:
        return disowned(context)
    proved = former.proved and former.address == text
    kept = facts.details
    remembered = kept is not None and kept.proved and kept.address == text
    answers = replace(former, address=text, typed="", suggested="", proved=proved or remembered)
    settle = wording.say("address.settled", address=text) if pressed else None
    trusted = context.campaign.allow_letters_in_other_peoples_names and not context.journey.mends
    needless = answers.proved or trusted
    if context.journey.mends and answers.proved and context.address_taken:
        return taken(context.within(replace(context.journey, answers=answers)))
    if needless or facts.code_pending:
        return forward(context, answers, mailed=True, settle=settle)
    if facts.code_wait:
        minutes = -(-facts.code_wait // 60)
        note = wording.say("code.too_many", count=minutes)
        return ask(context, Step.ADDRESS, note=note)
    moved = context.within(replace(context.journey, answers=answers))
    effects = (codes.queue(moved, text),)
    return forward(moved, answers, mailed=True, settle=settle, effects=effects)


def disowned(context: Context) -> Turn:
    """Ask for another address: the owner of this one wants no mail of ours."""
    answers = replace(context.journey.answers, address="", typed="", suggested="", proved=False)
    context = context.within(replace(context.journey, answers=answers))
    return ask(context, Step.ADDRESS, note=context.wording.say("address.disowned"))


def code(context: Context, text: str, findings: ExternalAnswer | None) -> Turn:
    """Answer what was typed where a code is awaited: a code, or another address."""
    code = read_code(text)
    if isinstance(code, CodeProblem):
        if isinstance(read_address(text), Address):
            return address(context, text, findings)
        return again(context, context.wording.say(f"code.{code}"))
    return proof(context)


def proof(context: Context) -> Turn:
    """Answer a code by what the tables say of it."""
    check, wording = context.facts.code, context.wording
    if context.facts.disowned:
        return disowned(context)
    if check is None or check.verdict is CodeVerdict.NONE:
        return again(context, wording.say("code.none"))
    if check.verdict is CodeVerdict.WRONG:
        return again(context, wording.say("code.wrong", count=check.left))
    if check.verdict is not CodeVerdict.RIGHT:
        return again(context, wording.say(f"code.{check.verdict}"))
    if context.address_taken:
        return taken(context)
    return forward(context, replace(context.journey.answers, proved=True))


def taken(context: Context) -> Turn:
    """Tell, after the address was proved, that it has acted; another one may be given."""
    note = context.wording.say("address.taken", address=context.journey.answers.address)
    answers = replace(context.journey.answers, address="", proved=False)
    return ask(context.within(replace(context.journey, answers=answers)), Step.ADDRESS, note=note)


def own_words(context: Context, text: str) -> Turn:
    """Put the supporter's own words into the letter."""
    words = read_own_words(text)
    if isinstance(words, OwnWordsProblem):
        return again(
            context, context.wording.say(f"own_words.problem.{words}", most=OWN_WORDS_MOST)
        )
    return forward(context, replace(context.journey.answers, own_words=words))


def rewrite(context: Context, text: str) -> Turn:
    """Take the letter as the supporter rewrote it."""
    letter = read_rewritten(text)
    if isinstance(letter, OwnWordsProblem):
        return again(context, context.wording.say(f"rewrite.problem.{letter}"))
    return forward(context, replace(context.journey.answers, rewritten=letter))


def subject(context: Context, text: str) -> Turn:
    """Take a subject that was typed."""
    subject = read_subject(text)
    if isinstance(subject, OwnWordsProblem):
        return again(context, context.wording.say(f"subject.problem.{subject}"))
    return forward(context, replace(context.journey.answers, subject=subject))


def subject_chosen(context: Context, number: int) -> Turn:
    """Take one of the proposed subjects."""
    answers = context.journey.answers
    choices = letter_review.changeable(context.campaign, answers, context.journey.language)
    if not 0 <= number < len(choices):
        return toast(context, "toast.answered")
    return forward(context, replace(answers, subject=choices[number]))
