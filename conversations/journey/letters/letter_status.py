"""The one message that shows the status of a letter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from markupsafe import Markup

from conversations.core.buttons import persistent
from conversations.core.facts import Deployment
from conversations.core.replies import Button, Keyboard, PersistentButton, Say
from conversations.journey.letters.share import card_button, share_button
from conversations.model.letters.delivery import LetterState
from conversations.model.letters.identity import filled
from conversations.model.letters.server_reply import NO_REPLY, ReplyMeaning, ServerReply
from conversations.text.html import Html
from conversations.text.wording import Wording, raw

_SOON = timedelta(minutes=10)

_NEAR = timedelta(days=14)
"""How long before the end a letter that waits says when it ends."""
_NOT_SENT = frozenset((LetterState.DEFERRED, LetterState.UNKNOWN))
"""The states in which a discreet chat may be cleared before the supporter hears the outcome."""

_REASONS: dict[ReplyMeaning | None, str] = {
    ReplyMeaning.MAILBOX: "mailbox",
    ReplyMeaning.POLICY: "policy",
    ReplyMeaning.CONTENT: "policy",
}
"""Ends of the keys of the sentences that say why; for the other meanings, it is `other`."""


@dataclass(frozen=True)
class StatusFacts:
    """What is stored about a letter."""

    action: str
    """The id of the letter's action."""

    campaign: str
    """The campaign's slug."""

    state: LetterState

    not_before: datetime
    """When it may be sent, or tried again."""

    changed: datetime
    """When its state changed."""

    number: int | None = None
    """Which letter of the campaign it is, counted by acceptance."""

    reply: ServerReply = NO_REPLY
    """The last reply of the target's mail server."""

    confirmed: bool = False
    """Whether a program of its recipient confirmed that it has received the letter."""

    given_up: bool = False
    """Whether an uncertain letter will not be sent again."""

    held: bool = False
    """Whether an admin decides if an uncertain letter is sent again."""

    paused: bool = False
    """Whether an admin paused the letters of its campaign."""

    stuck: bool = False
    """Whether our own mail server accepts nothing now."""

    closed: bool = False
    """Whether an admin closed its campaign."""

    exempt: bool = False
    """Whether its target gets no new letters."""

    test: bool = False
    """Whether it goes to the test address instead of its target."""

    target: str = ""
    """The target's id."""

    copy: bool = False
    """Whether its supporter may ask for a copy."""

    keep_until: date | None = None
    """The day after which it can't be sent any more; None if that is unknown."""
    hides_address: bool = False
    """Whether the target does not see the supporter's address."""

    clear_after: int = 0
    """How many hours after it was sent its discreet chat is cleared; 0 if not discreet."""


def status(deployment: Deployment, language: str, facts: StatusFacts) -> Say:
    """Return the text and the buttons for the letter's status now."""
    wording = deployment.wording(language, facts.campaign)
    shown = _with_end(wording, facts, _by_state(deployment, wording, facts))
    if facts.clear_after and facts.state in _NOT_SENT:
        shown = replace(shown, text=Html(f"{shown.text}\n\n{wording.say('status.discreet')}"))
    return mark_test(deployment, wording, facts, shown)


def mark_test(deployment: Deployment, wording: Wording, facts: StatusFacts, shown: Say) -> Say:
    """Return the status, with a line above it if the letter is a test."""
    if not facts.test:
        return shown
    mark = wording.say("test.status", target=_target(deployment, wording, facts))
    return replace(shown, text=Html(f"{mark}\n\n{shown.text}"))


def _target(deployment: Deployment, wording: Wording, facts: StatusFacts) -> str:
    """Return the target's name; its id if the campaign no longer has this target."""
    campaign = deployment.campaigns.get(facts.campaign)
    target = campaign.index.by_id.get(facts.target) if campaign else None
    return target.name_in(wording.reads) if target else facts.target


def _by_state(deployment: Deployment, wording: Wording, facts: StatusFacts) -> Say:
    undo = ((PersistentButton(wording.label("button.undo"), persistent.UndoSend(facts.action)),),)
    match facts.state:
        case LetterState.QUEUED | LetterState.DEFERRED if facts.paused or _is_held_up(facts):
            return Say(wording.say("status.paused"), undo)
        case LetterState.QUEUED | LetterState.DEFERRED if facts.stuck and is_soon(facts):
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
            return Say(_refused(deployment, wording, facts))
        case LetterState.UNKNOWN:
            key = "held" if facts.held else "lost" if facts.given_up else "unknown"
            return Say(wording.say(f"status.{key}"))
        case LetterState.CANCELLED:
            if facts.keep_until is not None and facts.changed.date() > facts.keep_until:
                return Say(wording.say("status.ended", day=wording.day(facts.keep_until)))
            return Say(why_cancelled(deployment, wording, (facts,)))


def why_cancelled(deployment: Deployment, wording: Wording, letters: Sequence[StatusFacts]) -> Html:
    """Return that the letters of a Send were cancelled, and why."""
    if letters[0].closed:
        return wording.say("status.withdrawn")
    if all(each.exempt for each in letters):
        names = dict.fromkeys(_target(deployment, wording, each) for each in letters)
        return wording.say("status.exempt", target=wording.all_of(list(names)))
    return wording.say("status.cancelled")


def _with_end(wording: Wording, facts: StatusFacts, shown: Say) -> Say:
    """Add until when a letter that waits can be sent, if that day is near."""
    waits = facts.state in (LetterState.QUEUED, LetterState.DEFERRED)
    if not waits or facts.keep_until is None or facts.keep_until - facts.changed.date() > _NEAR:
        return shown
    if is_soon(facts) and not (facts.paused or facts.stuck):
        return shown
    end = wording.say("status.until", day=wording.day(facts.keep_until))
    return replace(shown, text=Html(f"{shown.text}\n\n{end}"))


def _is_held_up(facts: StatusFacts) -> bool:
    """Whether no server deferred it: it waits until test mode ends in the settings."""
    return facts.state is LetterState.DEFERRED and facts.reply.code is None


def is_soon(facts: StatusFacts) -> bool:
    """Whether it is due within minutes."""
    return facts.not_before - facts.changed < _SOON


def _queued(wording: Wording, facts: StatusFacts, undo: Keyboard) -> Say:
    wait = facts.not_before - facts.changed
    if wait <= timedelta(0):
        return Say(wording.say("status.sending"))
    if is_soon(facts):
        return Say(wording.say("status.queued", count=round(wait.total_seconds())), undo)
    return Say(wording.say("status.scheduled", at=_when(wording, facts)), undo)


def _when(wording: Wording, facts: StatusFacts) -> Markup:
    """Return the time at which it is tried, with the day if that is not today."""
    at, today = facts.not_before, facts.changed.date()
    return wording.clock(at) if at.date() == today else wording.moment(at)


def _refused(deployment: Deployment, wording: Wording, facts: StatusFacts) -> Html:
    """Return why it was refused, in plain words instead of the mail server's."""
    campaign = deployment.campaigns.get(facts.campaign)
    contact = campaign.contact if campaign else deployment.mailbox
    if facts.state is LetterState.FAILED and facts.reply.code is None:
        key = "expired" if facts.reply.meaning is ReplyMeaning.EXPIRED else "broken"
        return wording.say(f"status.{key}", contact=contact)
    reason = wording.say(f"reason.{_REASONS.get(facts.reply.meaning, 'other')}")
    return wording.say(f"status.{facts.state}", reason=raw(reason), contact=contact)


def _accepted(deployment: Deployment, wording: Wording, facts: StatusFacts) -> Say:
    campaign = deployment.campaigns.get(facts.campaign)
    at = wording.clock(facts.changed)
    # The number counts letters: beside a count of people, it would only confuse.
    shown = (
        campaign is not None
        and campaign.goal_counts == "letters"
        and (facts.number or 0) >= campaign.show_counter_from
    )
    if facts.clear_after:
        text = wording.say("status.accepted_discreet", at=at, count=facts.clear_after)
    elif facts.number and shown:
        text = wording.say("status.accepted_number", at=at, number=facts.number)
    else:
        text = wording.say("status.accepted", at=at)
    if facts.confirmed:
        text = Html(f"{text}\n\n{wording.say('status.confirmed')}")
    return after_letter(deployment, wording, facts, text)


def after_letter(deployment: Deployment, wording: Wording, facts: StatusFacts, text: Html) -> Say:
    """Return the text of an accepted letter with the thanks, and what its sender can do next."""
    campaign = deployment.campaigns.get(facts.campaign)
    clear = (PersistentButton(wording.label("button.clear"), persistent.ClearMessages()),)
    if campaign is None:
        return Say(text, (clear,))
    hidden = facts.hides_address
    thanks = filled(campaign.text(wording.reads).thanks, campaign, wording, hidden=hidden)
    if facts.test:
        thanks = Html(f"{wording.say('test.thanks')}\n{thanks}")
    if facts.clear_after:  # sharing would leave a trace
        return Say(Html(f"{text}\n\n{thanks}"), (clear,))
    rows: list[tuple[Button, ...]] = [(share_button(deployment.username, campaign, wording),)]
    if campaign.picture is not None:
        rows.append((card_button(campaign, wording),))
    if facts.copy:
        copy = persistent.RequestCopy(facts.action)
        rows.append((PersistentButton(wording.label("button.copy"), copy),))
    return Say(Html(f"{text}\n\n{thanks}"), (*rows, clear))
