"""The one message that shows how a letter fares."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from conversations.core.buttons import journey as buttons
from conversations.core.facts import Deployment
from conversations.core.replies import Keyboard, PersistentButton, Say
from conversations.journey.share import share_button
from conversations.model.delivery import GAVE_UP_TEXT, LetterState
from conversations.model.identity import filled
from conversations.text.html import Html
from conversations.text.wording import Wording, raw

_SOON = timedelta(minutes=10)

# What an enhanced status code is about (RFC 3463, 3.2 and 3.8).
_SUBJECT = re.compile(r"(?<![\d.])5\.(\d)\.\d{1,3}(?![\d.])")
_REASONS = {"1": "mailbox", "7": "policy"}


@dataclass(frozen=True)
class StatusFacts:
    """What the tables say of a letter. `changed` is when its state did.

    `smtp_code` and `smtp_text` are what its mail server said last, None and "" where none was
    asked; `given_up` tells that a letter of an unknown fate is not sent again, `held` that an admin
    decides whether it is; `paused` that the letters of its campaign wait for an admin; `closed`
    that an admin closed it; `stuck` that our own mail server takes nothing now; `copy` that its
    supporter may ask for a copy. `test` tells that it goes to the test address, not to `target`,
    which is a target's id.
    """

    action: str
    campaign: str
    state: LetterState
    not_before: datetime
    changed: datetime
    number: int | None = None
    smtp_code: int | None = None
    smtp_text: str = ""
    given_up: bool = False
    held: bool = False
    paused: bool = False
    stuck: bool = False
    closed: bool = False
    test: bool = False
    target: str = ""
    copy: bool = False


def status(deployment: Deployment, language: str, facts: StatusFacts) -> Say:
    """Return the words and the buttons for how the letter fares now."""
    wording = Wording(language, deployment.show_keys)
    shown = _of_state(deployment, wording, facts)
    if not facts.test:
        return shown
    mark = wording.say("test.status", target=_target(deployment, wording, facts))
    return replace(shown, text=Html(f"{mark}\n\n{shown.text}"))


def _target(deployment: Deployment, wording: Wording, facts: StatusFacts) -> str:
    """Return what the target is called; its id, where the campaign does not have it any more."""
    campaign = deployment.campaigns.get(facts.campaign)
    named = {target.id: target for target in (campaign.targets if campaign else ())}
    target = named.get(facts.target)
    return target.name_in(wording.language) if target else facts.target


def _of_state(deployment: Deployment, wording: Wording, facts: StatusFacts) -> Say:
    undo = ((PersistentButton(wording.label("button.undo"), buttons.UndoSend(facts.action)),),)
    match facts.state:
        case LetterState.QUEUED | LetterState.DEFERRED if facts.paused or _is_held_up(facts):
            return Say(wording.say("status.paused"), undo)
        case LetterState.QUEUED | LetterState.DEFERRED if facts.stuck and _is_soon(facts):
            return Say(wording.say("status.stuck"), undo)
        case LetterState.QUEUED:
            return _queued(wording, facts, undo)
        case LetterState.SENDING:
            return Say(wording.say("status.sending"))
        case LetterState.DEFERRED:
            at = _when(wording, facts)
            return Say(wording.say("status.deferred", at=at), undo)
        case LetterState.ACCEPTED:
            return _accepted(deployment, wording, facts)
        case LetterState.FAILED | LetterState.BOUNCED:
            return Say(_turned_away(deployment, wording, facts))
        case LetterState.UNKNOWN:
            key = "held" if facts.held else "lost" if facts.given_up else "unknown"
            return Say(wording.say(f"status.{key}"))
        case LetterState.CANCELLED:
            return Say(wording.say("status.withdrawn" if facts.closed else "status.cancelled"))


def _is_held_up(facts: StatusFacts) -> bool:
    """Whether it is put off by nobody's server: it waits for the end of the test mode of all."""
    return facts.state is LetterState.DEFERRED and facts.smtp_code is None


def _is_soon(facts: StatusFacts) -> bool:
    """Whether its time has come, or comes in minutes."""
    return facts.not_before - facts.changed < _SOON


def _queued(wording: Wording, facts: StatusFacts, undo: Keyboard) -> Say:
    wait = facts.not_before - facts.changed
    if wait <= timedelta(0):
        return Say(wording.say("status.sending"))
    if _is_soon(facts):
        return Say(wording.say("status.queued", count=round(wait.total_seconds())), undo)
    return Say(wording.say("status.scheduled", at=_when(wording, facts)), undo)


def _when(wording: Wording, facts: StatusFacts) -> str:
    """Return the time of day at which it is tried, with the day where that is not today."""
    at, today = facts.not_before, facts.changed.date()
    clock = wording.clock(at)
    return clock if at.date() == today else f"{wording.day(at.date())}, {clock}"


def _turned_away(deployment: Deployment, wording: Wording, facts: StatusFacts) -> Html:
    """Say why in plain words: a mail server's own are no help to a supporter."""
    campaign = deployment.campaigns.get(facts.campaign)
    contact = campaign.contact if campaign else deployment.mailbox
    if facts.state is LetterState.FAILED and facts.smtp_code is None:
        key = "expired" if facts.smtp_text == GAVE_UP_TEXT else "broken"
        return wording.say(f"status.{key}", contact=contact)
    found = _SUBJECT.search(facts.smtp_text)
    reason = wording.say(f"reason.{_REASONS.get(found[1] if found else '', 'other')}")
    return wording.say(f"status.{facts.state}", reason=raw(reason), contact=contact)


def _accepted(deployment: Deployment, wording: Wording, facts: StatusFacts) -> Say:
    campaign = deployment.campaigns.get(facts.campaign)
    at = wording.clock(facts.changed)
    shown = campaign is not None and (facts.number or 0) >= campaign.show_counter_from
    if facts.number and shown:
        text = wording.say("status.accepted_number", at=at, number=facts.number)
    else:
        text = wording.say("status.accepted", at=at)
    clear = (PersistentButton(wording.label("button.clear"), buttons.ClearMessages()),)
    if campaign is None or facts.test:
        return Say(text, (clear,))
    thanks = filled(campaign.text(wording.language).thanks, campaign, wording)
    link = share_button(deployment.username, campaign, wording)
    copy = ((PersistentButton(wording.label("button.copy"), buttons.RequestCopy(facts.action)),),)
    return Say(Html(f"{text}\n\n{thanks}"), ((link,), *(copy if facts.copy else ()), clear))
