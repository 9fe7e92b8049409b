"""What alerts say to admins: what happened, what it means, and what can be done about it."""

from dataclasses import replace

from conversations.core.alerts import NEED_RESPONSE, AlertFacts, AlertKind, Forgery, UpdatesTrouble
from conversations.core.buttons.admin import (
    BouncesSeenButton,
    ComplaintsSeenButton,
    DisputedSeenButton,
    DropUncertainButton,
    ForwardsSeenButton,
    OtherFailuresSeenButton,
    ResumeCampaignButton,
    SendAgainButton,
    ShowPausedButton,
    StatusAction,
    StatusButton,
    TakeAlertButton,
    TryServerButton,
)
from conversations.core.counts import counted
from conversations.core.facts import Deployment
from conversations.core.replies import Keyboard, PersistentButton, Say
from conversations.model.letters.server_reply import ReplyMeaning, ServerReply
from conversations.text.html import Html, plain
from conversations.text.wording import Wording

_SEEN_BUTTONS = {
    AlertKind.BOUNCED: BouncesSeenButton,
    AlertKind.DISPUTED: DisputedSeenButton,
    AlertKind.FORWARDS: ForwardsSeenButton,
    AlertKind.OTHER_FAILURES: OtherFailuresSeenButton,
    AlertKind.COMPLAINTS: ComplaintsSeenButton,
}
"""The buttons that end alerts which count letters."""


def alert(deployment: Deployment, language: str, facts: AlertFacts) -> Say:
    """Return an alert, who takes care of it, and its buttons until it is over."""
    wording = deployment.staff_wording(language)
    message = _alert(deployment, language, facts)
    if facts.ended is not None or facts.kind not in NEED_RESPONSE:
        return message
    if facts.holder is None:
        take = PersistentButton(wording.label("button.got_it"), TakeAlertButton(facts.id))
        return replace(message, keyboard=((take,), *message.keyboard))
    key = "alert.held_mine" if facts.holder.mine else "alert.held"
    name, time = facts.holder.name or "…", wording.clock(facts.holder.since)
    held = wording.say(key, name=name, at=time)
    return replace(message, text=Html(f"{message.text}\n\n{held}"))


def by_mail(deployment: Deployment, language: str, kind: AlertKind, text: Html) -> tuple[str, str]:
    """Return the subject and the text of the mail that says what an alert says."""
    label = deployment.staff_wording(language).label
    name, bot = label(f"alert.name_{kind}"), deployment.username
    return (
        label("alert.mail_subject", name=name, bot=bot),
        label("alert.mail_text", text=plain(text), bot=bot),
    )


def full(deployment: Deployment, language: str, *, over: bool) -> Say:
    """Return the alert that the database is full, which the database cannot store."""
    wording = deployment.staff_wording(language)
    return Say(wording.say("alert.full_over" if over else "alert.full_now"))


def _alert(deployment: Deployment, language: str, facts: AlertFacts) -> Say:
    wording = deployment.staff_wording(language)
    values: dict[str, str | int] = {
        "title": deployment.title(facts.about, language),
        "at": wording.moment(facts.since),
        "said": reply_sentence(wording, facts.reply),
        "waiting": counted(facts.waiting),
    }
    if facts.ended is not None:
        return Say(wording.say(f"alert.{facts.kind}_over", **values))
    return Say(_text(wording, facts, values), _buttons(wording, facts))


def _text(wording: Wording, facts: AlertFacts, values: dict[str, str | int]) -> Html:
    match facts.kind:
        case AlertKind.DOUBTFUL:
            return wording.say("alert.doubtful", count=facts.held, **values)
        case AlertKind.REFUSED | AlertKind.SLOW | AlertKind.LIMITED | AlertKind.FORWARDS:
            return wording.say(f"alert.{facts.kind}", **values)
        case kind if kind in _SEEN_BUTTONS:
            return wording.say(f"alert.{facts.kind}", count=facts.letters, **values)
        case AlertKind.SERVER:
            return wording.say(f"alert.server_{_server_problem(facts)}", **values)
        case AlertKind.SURGE | AlertKind.LULL | AlertKind.RETURNS | AlertKind.REFUSALS:
            found = {"count": facts.letters, "usual": facts.usual}
            return wording.say(f"alert.{facts.kind}", **found, **values)
        case AlertKind.UPDATES:
            return wording.say(f"alert.updates_{_updates_trouble(facts)}", **values)
        case AlertKind.TAMPERED:
            forged = [each for each in Forgery if each in facts.detail.split()]
            names = [wording.label(f"authority.{each}") for each in forged]
            return wording.say("alert.tampered", what=", ".join(names), **values)
        case AlertKind.LATE if facts.detail:
            return wording.say("alert.late_catching", **values)
        case simple:
            count = facts.letters
            return wording.say(f"alert.{simple}", what=facts.detail, count=count, **values)


def _buttons(wording: Wording, facts: AlertFacts) -> Keyboard:
    match facts.kind:
        case AlertKind.REFUSED:
            return refused_buttons(wording, facts)
        case AlertKind.DOUBTFUL:
            again, leave = SendAgainButton(facts.about), DropUncertainButton(facts.about)
            return (
                (PersistentButton(wording.label("button.send_again"), again),),
                (PersistentButton(wording.label("button.leave"), leave),),
            )
        case kind if kind in _SEEN_BUTTONS:
            seen = _SEEN_BUTTONS[kind](facts.about)
            return ((PersistentButton(wording.label("button.seen"), seen),),)
        case AlertKind.SERVER:
            pause = StatusButton(StatusAction.ASK_PAUSE_BELOW)
            return (
                (
                    PersistentButton(wording.label("button.try_now"), TryServerButton()),
                    PersistentButton(wording.label("button.all_pause"), pause),
                ),
            )
        case _:
            return ()


def refused_buttons(wording: Wording, facts: AlertFacts) -> Keyboard:
    """Return the buttons for a campaign that paused itself."""
    resume, show = ResumeCampaignButton(facts.about), ShowPausedButton(facts.about)
    return (
        (
            PersistentButton(wording.label("button.resume"), resume),
            PersistentButton(wording.label("button.show"), show),
        ),
    )


def reply_sentence(wording: Wording, reply: ServerReply) -> str:
    """Return what a mail server's reply means, with its codes: never the server's own words."""
    what = wording.label(f"reply.{reply.meaning or ReplyMeaning.REFUSED}")
    codes = " ".join(str(each) for each in (reply.code, reply.status) if each)
    if not codes:
        return wording.label("reply.sentence", what=what)
    return wording.label("reply.sentence_coded", what=what, codes=codes)


def _updates_trouble(facts: AlertFacts) -> UpdatesTrouble:
    known = {str(trouble): trouble for trouble in UpdatesTrouble}
    return known.get(facts.detail, UpdatesTrouble.AWAY)


def _server_problem(facts: AlertFacts) -> str:
    if facts.reply.meaning is ReplyMeaning.LOGIN:
        return "login"
    return "refuses" if facts.reply.code else "away"
