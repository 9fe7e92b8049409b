"""The one message that shows how a letter fares."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from conversations import welcoming
from conversations.delivery import LetterState
from conversations.identity import filled
from conversations.known import House
from conversations.replies import Keyboard, Show, Standing
from conversations.rich import Html
from conversations.wording import Wording

_SOON = timedelta(minutes=10)


@dataclass(frozen=True)
class StatusFacts:
    """What the tables say of a letter. `changed` is when its state did; `smtp_text` is plain."""

    action: str
    campaign: str
    state: LetterState
    not_before: datetime
    changed: datetime
    number: int | None = None
    smtp_text: str = ""


def status(house: House, language: str, facts: StatusFacts) -> Show:
    """Return the words and the buttons for how the letter fares now."""
    wording = Wording(language, house.show_keys)
    undo = ((Standing(wording.label("button.undo"), f"undo:{facts.action}"),),)
    match facts.state:
        case LetterState.QUEUED:
            return _queued(wording, facts, undo)
        case LetterState.SENDING:
            return Show(wording.say("status.sending"))
        case LetterState.DEFERRED:
            at = wording.clock(facts.not_before)
            return Show(wording.say("status.deferred", at=at), undo)
        case LetterState.ACCEPTED:
            return _accepted(house, wording, facts)
        case LetterState.FAILED | LetterState.BOUNCED:
            return Show(wording.say(f"status.{facts.state}", reason=facts.smtp_text))
        case LetterState.UNKNOWN | LetterState.CANCELLED:
            return Show(wording.say(f"status.{facts.state}"))


def _queued(wording: Wording, facts: StatusFacts, undo: Keyboard) -> Show:
    wait = facts.not_before - facts.changed
    if wait <= timedelta(0):
        return Show(wording.say("status.sending"))
    if wait < _SOON:
        return Show(wording.say("status.queued", count=round(wait.total_seconds())), undo)
    return Show(wording.say("status.scheduled", at=wording.clock(facts.not_before)), undo)


def _accepted(house: House, wording: Wording, facts: StatusFacts) -> Show:
    campaign = house.campaigns.get(facts.campaign)
    at = wording.clock(facts.changed)
    shown = campaign is not None and (facts.number or 0) >= campaign.show_counter_from
    if facts.number and shown:
        text = wording.say("status.accepted_number", at=at, number=facts.number)
    else:
        text = wording.say("status.accepted", at=at)
    clear = (Standing(wording.label("button.clear"), "clear"),)
    if campaign is None:
        return Show(text, (clear,))
    thanks = filled(campaign.text(wording.language).thanks, campaign, wording)
    link = welcoming.share(house.username, campaign, wording)
    return Show(Html(f"{text}\n\n{thanks}"), ((link,), clear))
