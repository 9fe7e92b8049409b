"""Did they answer? One question some days after a letter, to supporters who agreed to it.

It names no campaign, so that it shows little on a phone. Nobody is asked in a discreet
conversation, about a test, or where replies don't go to the supporter.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from conversations.core.buttons.journey import AgreeToQuestion, ReportAnswer
from conversations.core.context import Context, Turn
from conversations.core.effects.letters import AskAboutAnswer, RecordAnswer
from conversations.core.fact_requests import Fact
from conversations.core.replies import EditButtons, PersistentButton, Say
from conversations.core.turns import put, toast
from conversations.model.delivery import LetterState
from conversations.model.identity import replies_to
from conversations.model.scheduled import AnswerKind
from conversations.text.wording import Wording

_CHOICES = (
    ("button.answer_none", AnswerKind.NONE),
    ("button.answer_automatic", AnswerKind.AUTOMATIC),
    ("button.answer_real", AnswerKind.REAL),
)


@dataclass(frozen=True)
class OpenAnswerQuestion(Fact[bool]):
    """Whether a question about an answer was put to this person, and isn't answered yet."""

    message: str
    """The id of the question."""


def consent_question(context: Context) -> Say | None:
    """Return the question whether the bot may ask; None where it doesn't ask."""
    campaign, answers = context.campaign, context.journey.answers
    replies = replies_to(campaign, hidden=answers.hides_address)
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
    target, language = campaign.target_for(acted.details.country).id, context.journey.language
    effect = AskAboutAnswer(acted.action, target, days, given=button.ask, language=language)
    text = context.wording.say("answer.no")
    if button.ask:
        day = (context.now + timedelta(days=days)).date()
        text = context.wording.say("answer.yes", day=context.wording.day(day))
    return put(context, text, effects=(effect,))


def question(wording: Wording, message: str, sent_on: date) -> Say:
    """Return the question whether the target answered the letter of that day."""
    rows = tuple(
        (PersistentButton(wording.label(key), ReportAnswer(message, kind)),)
        for key, kind in _CHOICES
    )
    return Say(wording.say("answer.question", day=wording.day(sent_on)), rows)


def reported(context: Context, button: ReportAnswer) -> Turn:
    """Count what the supporter says. Raises FactMissing."""
    is_choice = button.kind in {kind for _, kind in _CHOICES}
    if not is_choice or not context.fact(OpenAnswerQuestion(button.message)):
        return _gone(context)
    effect = RecordAnswer(button.message, button.kind)
    return put(context, context.wording.say("answer.thanks"), effects=(effect,))


def _gone(context: Context) -> Turn:
    """Say that there is nothing to answer any more, and take the buttons away."""
    gone = toast(context, "toast.gone")
    return replace(gone, replies=(*gone.replies, EditButtons(())))
