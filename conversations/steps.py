"""What an answer to each step's question leads to."""

from collections.abc import Callable
from dataclasses import replace

from conversations import codes, countries, given, reviewing, welcoming
from conversations.events import Findings
from conversations.identity import filled
from conversations.journey import Aside, Step
from conversations.moves import again, amend, aside, ask, forward, rest, show, toast
from conversations.play import missing
from conversations.rich import Html
from conversations.scene import Scene, Turn
from conversations.sending import send
from conversations.wording import said_in_any

REMINDERS = {Step.WELCOME: "welcome.reminder", Step.AT_RISK: "risk.reminder"}
"""What is told to someone who types where only a button answers."""


def said(scene: Scene, text: str, findings: Findings | None) -> Turn:
    """Answer a text that was typed for the step that is asked."""
    match scene.journey.step:
        case Step.NAME:
            return given.name(scene, text)
        case Step.COUNTRY_CHECK if said_in_any("words.no", text):
            return ask(given.without_candidates(scene), Step.COUNTRY)
        case Step.COUNTRY_CHECK if said_in_any("words.yes", text):
            return given.proposed(scene)
        case Step.COUNTRY | Step.COUNTRY_CHECK:
            return given.country(scene, findings)
        case Step.ADDRESS_CHECK if said_in_any("words.yes", text):
            return given.confirmed(scene, scene.journey.answers.suggested, findings, pressed=True)
        case Step.ADDRESS_CHECK if said_in_any("words.no", text):
            return given.confirmed(scene, scene.journey.answers.typed, findings, pressed=True)
        case Step.ADDRESS | Step.ADDRESS_CHECK | Step.BOUNCED:
            return given.address(scene, text, findings)
        case Step.CODE:
            return given.code(scene, text, findings)
        case Step.OWN_WORDS:
            return given.own_words(scene, text)
        case Step.REWRITE:
            return given.rewrite(scene, text)
        case Step.SUBJECT if reviewing.may_type_subject(scene.campaign):
            return given.subject(scene, text)
        case Step.IDLE | Step.SENT:
            return _small_talk(scene)
        case Step.REVIEW | Step.CHANGE as step:
            return show(scene, scene.wording.say(f"{step}.reminder"))
        case step:
            return again(scene, scene.wording.say(REMINDERS.get(step, "choose.reminder")))


def pressed(scene: Scene, value: str, findings: Findings | None) -> Turn:
    """Answer a button of the open prompt."""
    step, answers = scene.journey.step, scene.journey.answers
    name, _, detail = value.partition(":")
    match step, name:
        case _, "back":
            return _back(scene)
        case _, "cancel":
            return rest(scene, scene.wording.say("cancel.done"), pressed=True)
        case Step.NAME, "use":
            return given.name(scene, answers.name or scene.known.profile_name, pressed=True)
        case ((Step.COUNTRY | Step.COUNTRY_CHECK), "country") if detail in countries.all_codes():
            return given.live_in(scene, detail, pressed=True)
        case Step.COUNTRY_CHECK, "another":
            return amend(given.without_candidates(scene), Step.COUNTRY)
        case Step.AT_RISK, ("accept" | "without" | "erase"):
            return given.at_risk(scene, name)
        case Step.ADDRESS, "keep":
            return given.address(scene, answers.address, findings, pressed=True)
        case Step.ADDRESS_CHECK, ("yes" | "mine"):
            text = answers.suggested if name == "yes" else answers.typed
            return given.confirmed(scene, text, findings, pressed=True)
        case _ if (step, name) in _PRESSES:
            return _PRESSES[step, name](scene)
        case Step.SUBJECT, "subject":
            return given.subject_chosen(scene, detail)
        case _:
            return toast(scene, "toast.answered")


# --- buttons ------------------------------------------------------------------------------------


def _write(scene: Scene) -> Turn:
    return forward(scene, scene.journey.answers)


def _reuse(scene: Scene) -> Turn:
    details = scene.known.details
    if details is None:
        return toast(scene, "toast.forgotten")
    given = replace(
        scene.journey.answers,
        name=details.name,
        country=details.country,
        address=details.address,
        proved=details.proved,
    )
    return forward(scene, given)


def _more(scene: Scene) -> Turn:
    more = scene.texts.more or Html("")
    return ask(scene, Step.WELCOME, note=filled(more, scene.campaign, scene.wording))


def _example(scene: Scene) -> Turn:
    return ask(scene, Step.WELCOME, note=welcoming.example(scene))


def _safe(scene: Scene) -> Turn:
    text = filled(scene.texts.safety, scene.campaign, scene.wording)
    return ask(scene, Step.WELCOME, note=text)


def _see_mine(scene: Scene) -> Turn:
    shown, _ = reviewing.present(scene)
    return show(scene, shown)


def _not_there(scene: Scene) -> Turn:
    note = scene.wording.say(
        "code.not_there",
        address=scene.journey.answers.address,
        mailbox=scene.house.mailbox,
        organisation=scene.campaign.organisation,
    )
    return amend(scene, Step.CODE, note=note)


def _resend(scene: Scene) -> Turn:
    if scene.known.disowned:
        return given.disowned(scene)
    wait = scene.known.code_wait
    if wait > codes.PAUSE:
        return toast(scene, "toast.code_limit", alert=True, count=-(-wait // 60))
    if wait:
        return toast(scene, "toast.code_wait", count=wait)
    address = scene.journey.answers.address
    note = scene.wording.say("code.again", address=address)
    return amend(scene, Step.CODE, note=note, effects=(codes.queue(scene, address),))


def _other_address(scene: Scene) -> Turn:
    return amend(scene, Step.ADDRESS)


def _original(scene: Scene) -> Turn:
    return forward(scene, replace(scene.journey.answers, rewritten=None))


def _remove_own_words(scene: Scene) -> Turn:
    return forward(scene, replace(scene.journey.answers, own_words=""))


def _to(step: Step) -> Callable[[Scene], Turn]:
    def go(scene: Scene) -> Turn:
        return ask(scene, step)

    return go


def _change(scene: Scene) -> Turn:
    return amend(scene, Step.CHANGE)


def _language(scene: Scene) -> Turn:
    return aside(scene, Aside.LANGUAGE, pressed=True)


_PRESSES: dict[tuple[Step, str], Callable[[Scene], Turn]] = {
    (Step.WELCOME, "write"): _write,
    (Step.WELCOME, "reuse"): _reuse,
    (Step.WELCOME, "more"): _more,
    (Step.WELCOME, "see"): _example,
    (Step.WELCOME, "safe"): _safe,
    (Step.WELCOME, "language"): _language,
    (Step.CODE, "see"): _see_mine,
    (Step.CODE, "not_there"): _not_there,
    (Step.CODE, "resend"): _resend,
    (Step.CODE, "other"): _other_address,
    (Step.BOUNCED, "mend"): _other_address,
    (Step.REVIEW, "send"): send,
    (Step.REVIEW, "own_words"): _to(Step.OWN_WORDS),
    (Step.REVIEW, "rewrite"): _to(Step.REWRITE),
    (Step.REVIEW, "change"): _change,
    (Step.CHANGE, "name"): _to(Step.NAME),
    (Step.CHANGE, "country"): _to(Step.COUNTRY),
    (Step.CHANGE, "address"): _to(Step.ADDRESS),
    (Step.CHANGE, "subject"): _to(Step.SUBJECT),
    (Step.OWN_WORDS, "remove"): _remove_own_words,
    (Step.REWRITE, "original"): _original,
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


def _back(scene: Scene) -> Turn:
    """Go one question back; to the review, where nothing is missing any more."""
    step = scene.journey.step
    if step not in _BACK or (step is Step.ADDRESS and scene.journey.mends):
        return toast(scene, "toast.answered")
    asked = (Step.NAME, Step.COUNTRY, Step.ADDRESS)
    whole = scene.journey.reviewed is not None and missing(scene) is Step.REVIEW
    return amend(scene, Step.CHANGE if step in asked and whole else _BACK[step])


def _small_talk(scene: Scene) -> Turn:
    campaigns = scene.house.campaigns
    here = campaigns.get(scene.journey.campaign)
    told = [here, *scene.open_campaigns, *campaigns.values()]
    contact = next((each.contact for each in told if each), scene.house.mailbox)
    return show(scene, scene.wording.say("idle.reminder", contact=contact))
