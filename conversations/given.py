"""What is given in answer to a question: taken, doubted, or kindly refused."""

from dataclasses import replace

from conversations import codes, countries, reviewing, welcoming
from conversations.answers import (
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
from conversations.events import Findings
from conversations.journey import Step
from conversations.known import CodeVerdict
from conversations.moves import again, ask, erase, forward, rest, toast
from conversations.replies import Standing
from conversations.scene import Scene, Turn


def name(scene: Scene, text: str, *, pressed: bool = False) -> Turn:
    """Take a name."""
    name = read_name(text)
    if isinstance(name, NameProblem):
        return again(scene, scene.wording.say(f"name.problem.{name}", most=NAME_MOST))
    settle = scene.wording.say("name.settled", name=name) if pressed else None
    return forward(scene, replace(scene.journey.answers, name=name), settle=settle)


def country(scene: Scene, findings: Findings | None) -> Turn:
    """Take the country that was typed, ask which is meant, or ask again."""
    found = findings.countries if findings and findings.countries else countries.Found()
    if found.exact:
        return live_in(scene, found.codes[0])
    if not found.codes:
        scene = without_candidates(scene)
        note = scene.wording.say("country.unknown")
        return ask(scene, Step.COUNTRY, note=note)
    answers = replace(scene.journey.answers, candidates=found.codes)
    return ask(scene.within(replace(scene.journey, answers=answers)), Step.COUNTRY_CHECK)


def proposed(scene: Scene) -> Turn:
    """Take the country that was proposed, if it was but one."""
    candidates = scene.journey.answers.candidates
    if len(candidates) == 1:
        return live_in(scene, candidates[0], pressed=True)
    return again(scene, scene.wording.say("choose.reminder"))


def live_in(scene: Scene, country: str, *, pressed: bool = False) -> Turn:
    """Take a country by its code."""
    answers = scene.journey.answers
    same = country == answers.country
    accepted = answers.risk_accepted and same
    given = replace(answers, country=country, candidates=(), risk_accepted=accepted)
    name = countries.name(country, scene.journey.language)
    settle = scene.wording.say("country.settled", country=name) if pressed else None
    return forward(scene, given, settle=settle)


def without_candidates(scene: Scene) -> Scene:
    """Return the scene without the countries that were proposed."""
    answers = replace(scene.journey.answers, candidates=())
    return scene.within(replace(scene.journey, answers=answers))


def at_risk(scene: Scene, choice: str) -> Turn:
    """Answer the choice under the warning."""
    if choice == "accept":
        return forward(scene, replace(scene.journey.answers, risk_accepted=True))
    if choice == "erase":
        return erase(scene)
    link = welcoming.share(scene.house.username, scene.campaign, scene.wording)
    text = scene.wording.say("risk.without", share=scene.texts.share)
    clear = Standing(scene.wording.label("button.clear"), "clear")
    return rest(scene, text, ((link,), (clear,)))


def address(scene: Scene, text: str, findings: Findings | None, *, pressed: bool = False) -> Turn:
    """Take an address that was typed, or ask whether another was meant."""
    address = read_address(text)
    if isinstance(address, AddressProblem):
        note = scene.wording.say(f"address.problem.{address}")
        return ask(scene, Step.ADDRESS, note=note)
    meant = suggest(address)
    if meant is not None and not pressed:
        answers = replace(scene.journey.answers, typed=str(address), suggested=str(meant))
        scene = scene.within(replace(scene.journey, answers=answers))
        return ask(scene, Step.ADDRESS_CHECK)
    return confirmed(scene, str(address), findings, pressed=pressed)


def confirmed(scene: Scene, text: str, findings: Findings | None, *, pressed: bool = False) -> Turn:
    """Take the address, and mail a code to it unless it was proved already."""
    wording, known, former = scene.wording, scene.known, scene.journey.answers
    domain = text.rpartition("@")[2]
    if findings is not None and findings.takes_mail is False:
        return ask(scene, Step.ADDRESS, note=wording.say("address.no_mail", domain=domain))
    if known.disowned:
        return disowned(scene)
    proved = former.proved and former.address == text
    kept = known.details
    remembered = kept is not None and kept.proved and kept.address == text
    answers = replace(former, address=text, typed="", suggested="", proved=proved or remembered)
    settle = wording.say("address.settled", address=text) if pressed else None
    trusted = scene.campaign.allow_letters_in_other_peoples_names and not scene.journey.mends
    needless = answers.proved or trusted
    if scene.journey.mends and answers.proved and scene.address_taken:
        return taken(scene.within(replace(scene.journey, answers=answers)))
    if needless or known.code_pending:
        return forward(scene, answers, mailed=True, settle=settle)
    if known.code_wait:
        minutes = -(-known.code_wait // 60)
        note = wording.say("code.too_many", count=minutes)
        return ask(scene, Step.ADDRESS, note=note)
    moved = scene.within(replace(scene.journey, answers=answers))
    effects = (codes.queue(moved, text),)
    return forward(moved, answers, mailed=True, settle=settle, effects=effects)


def disowned(scene: Scene) -> Turn:
    """Ask for another address: the owner of this one wants no mail of ours."""
    answers = replace(scene.journey.answers, address="", typed="", suggested="", proved=False)
    scene = scene.within(replace(scene.journey, answers=answers))
    return ask(scene, Step.ADDRESS, note=scene.wording.say("address.disowned"))


def code(scene: Scene, text: str, findings: Findings | None) -> Turn:
    """Answer what was typed where a code is awaited: a code, or another address."""
    code = read_code(text)
    if isinstance(code, CodeProblem):
        if isinstance(read_address(text), Address):
            return address(scene, text, findings)
        return again(scene, scene.wording.say(f"code.{code}"))
    return proof(scene)


def proof(scene: Scene) -> Turn:
    """Answer a code by what the tables say of it."""
    check, wording = scene.known.code, scene.wording
    if scene.known.disowned:
        return disowned(scene)
    if check is None or check.verdict is CodeVerdict.NONE:
        return again(scene, wording.say("code.none"))
    if check.verdict is CodeVerdict.WRONG:
        return again(scene, wording.say("code.wrong", count=check.left))
    if check.verdict is not CodeVerdict.RIGHT:
        return again(scene, wording.say(f"code.{check.verdict}"))
    if scene.address_taken:
        return taken(scene)
    return forward(scene, replace(scene.journey.answers, proved=True))


def taken(scene: Scene) -> Turn:
    """Tell, after the address was proved, that it has acted; another one may be given."""
    note = scene.wording.say("address.taken", address=scene.journey.answers.address)
    answers = replace(scene.journey.answers, address="", proved=False)
    return ask(scene.within(replace(scene.journey, answers=answers)), Step.ADDRESS, note=note)


def own_words(scene: Scene, text: str) -> Turn:
    """Put the supporter's own words into the letter."""
    words = read_own_words(text)
    if isinstance(words, OwnWordsProblem):
        return again(scene, scene.wording.say(f"own_words.problem.{words}", most=OWN_WORDS_MOST))
    return forward(scene, replace(scene.journey.answers, own_words=words))


def rewrite(scene: Scene, text: str) -> Turn:
    """Take the letter as the supporter rewrote it."""
    letter = read_rewritten(text)
    if isinstance(letter, OwnWordsProblem):
        return again(scene, scene.wording.say(f"rewrite.problem.{letter}"))
    return forward(scene, replace(scene.journey.answers, rewritten=letter))


def subject(scene: Scene, text: str) -> Turn:
    """Take a subject that was typed."""
    subject = read_subject(text)
    if isinstance(subject, OwnWordsProblem):
        return again(scene, scene.wording.say(f"subject.problem.{subject}"))
    return forward(scene, replace(scene.journey.answers, subject=subject))


def subject_chosen(scene: Scene, detail: str) -> Turn:
    """Take one of the proposed subjects."""
    answers = scene.journey.answers
    choices = reviewing.changeable(scene.campaign, answers, scene.journey.language)
    if not detail.isdecimal() or int(detail) >= len(choices):
        return toast(scene, "toast.answered")
    return forward(scene, replace(answers, subject=choices[int(detail)]))
