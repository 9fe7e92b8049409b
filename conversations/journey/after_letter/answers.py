"""Did they answer? One question some days after a letter, to supporters who agreed to it.

It names no campaign, so that it shows little on a phone. Nobody is asked in a discreet
conversation, about a test, or where replies don't go to the supporter. Of several letters of one
Send, the question is about one, which stays the same: so all targets are asked about equally often.
"""

import zlib
from dataclasses import dataclass, replace
from datetime import date, timedelta

from conversations.core.buttons.persistent import AgreeToQuestion, ReportAnswer
from conversations.core.context import Context, Turn
from conversations.core.effects.letters import AskAboutAnswer, RecordAnswer
from conversations.core.fact_requests import Fact
from conversations.core.facts import ActionTaken
from conversations.core.replies import EditButtons, PersistentButton, Say
from conversations.core.turns import put, toast
from conversations.journey.letters import reminder_target
from conversations.model.letters.delivery import LetterState
from conversations.model.letters.identity import replies_to
from conversations.model.scheduled import AnswerKind, AskedAbout
from conversations.text.html import Html
from conversations.text.wording import Wording

_CHOICES = (
    ("button.answer_none", AnswerKind.NONE),
    ("button.answer_automatic", AnswerKind.AUTOMATIC),
    ("button.answer_real", AnswerKind.REAL),
)


@dataclass(frozen=True)
class OpenAnswerQuestion(Fact[AskedAbout | None]):
    """The letter about whose answer this person was asked; None once that is answered."""

    message: str
    """The id of the question."""


def consent_question(context: Context) -> Say | None:
    """Return the question whether the bot may ask; None where it doesn't ask."""
    campaign, answers = context.campaign, context.journey.answers
    replies = replies_to(campaign, hidden=answers.hides_address)
    if context.journey.reminds:  # a reminder is not followed by another
        return None
    if campaign.ask_after_days is None or replies != "supporter" or context.tests(campaign.slug):
        return None
    wording, action = context.wording, context.journey.action
    yes = PersistentButton(wording.label("button.yes"), AgreeToQuestion(action, ask=True))
    no = PersistentButton(wording.label("button.no"), AgreeToQuestion(action, ask=False))
    return Say(wording.say("answer.ask", count=campaign.ask_after_days), ((yes, no),))


def agreed(context: Context, button: AgreeToQuestion) -> Turn:
    """Record whether the bot may ask about a letter of this person."""
    acted = context.facts.action(button.action)
    campaign = context.deployment.campaigns.get(acted.campaign) if acted else None
    if acted is None or acted.details is None or campaign is None or acted.test:
        return _gone(context)
    days = campaign.ask_after_days
    if days is None or acted.state is LetterState.CANCELLED or context.journey.is_discreet:
        return _gone(context)
    letter = _asked_about(acted)
    if letter is None:
        return _gone(context)
    effect = AskAboutAnswer(
        letter.action,
        letter.target,
        days,
        given=button.ask,
        language=context.journey.language,
        names_target=bool(acted.others),
    )
    text = context.wording.say("answer.no")
    if button.ask:
        day = (context.now + timedelta(days=days)).date()
        text = context.wording.say("answer.yes", day=context.wording.day(day))
    return put(context, text, effects=(effect,))


def _asked_about(acted: ActionTaken) -> ActionTaken | None:
    """Return the letter of a Send that the question is about; None if all are settled."""
    letters = [
        each for each in acted.letters if each.target and each.state is not LetterState.CANCELLED
    ]
    if not letters:
        return None
    letters.sort(key=lambda each: each.action)
    return letters[zlib.crc32(acted.action.encode()) % len(letters)]


def question(wording: Wording, message: str, sent_on: date, target: str = "") -> Say:
    """Return the question whether the target answered the letter of that day.

    `target` is its name where letters went to several.
    """
    rows = tuple(
        (PersistentButton(wording.label(key), ReportAnswer(message, kind)),)
        for key, kind in _CHOICES
    )
    day = wording.day(sent_on)
    if target:
        return Say(wording.say("answer.question_of", day=day, target=target), rows)
    return Say(wording.say("answer.question", day=day), rows)


def reported(context: Context, button: ReportAnswer) -> Turn:
    """Count what the supporter says; after “no answer”, offer a reminder. Raises FactMissing."""
    is_choice = button.kind in {kind for _, kind in _CHOICES}
    about = context.fact(OpenAnswerQuestion(button.message)) if is_choice else None
    if about is None:
        return _gone(context)
    effect = RecordAnswer(button.message, button.kind)
    offered = reminder_target.offer(context, about) if button.kind is AnswerKind.NONE else ()
    text = context.wording.say("answer.thanks")
    if offered:
        text = Html(f"{text}\n\n{context.wording.say('reminder_letter.offer')}")
    return put(context, text, offered, effects=(effect,))


def _gone(context: Context) -> Turn:
    """Say that there is nothing to answer any more, and take the buttons away."""
    gone = toast(context, "toast.gone")
    return replace(gone, replies=(*gone.replies, EditButtons(())))
