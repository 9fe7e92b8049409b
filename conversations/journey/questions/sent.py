"""After Send: may we write to you again, and keep your details?"""

from conversations.core.buttons.persistent import ChooseUpdates, RememberDetails, UpdatesChoice
from conversations.core.context import Context, Turn
from conversations.core.facts import Details
from conversations.core.replies import Keyboard, PersistentButton, Reply, Say
from conversations.journey.after_letter import answers as answers_
from conversations.journey.flow.question import Question
from conversations.journey.small_talk import small_talk
from conversations.model.journey import Step
from conversations.text.html import Html

MAX_QUESTIONS = 2
"""How many questions follow a letter: who has just written should not have to fill in a form."""


class SentQuestion(Question):
    """The letter was sent: the bot waits for nothing, but offers what may follow."""

    step = Step.SENT

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Return the questions that may follow a letter."""
        return follow_up(context)

    def typed(self, context: Context, text: str) -> Turn:
        """Say who answers questions."""
        return small_talk(context)


def follow_up(context: Context) -> tuple[Reply, ...]:
    """Return the questions that may follow a letter. Each stands alone and may be ignored.

    There are at most MAX_QUESTIONS; /mydata offers the others. None follows in a discreet
    conversation.
    """
    if context.journey.is_discreet:
        return ()
    campaign, facts, answers = context.journey.campaign, context.facts, context.journey.answers
    replies: list[Reply] = []
    if not facts.subscriptions & {campaign, "*"}:
        text = context.wording.say("updates.ask")
        replies.append(Say(text, updates_keyboard(context, campaign)))
    if asks := answers_.consent_question(context):
        replies.append(asks)
    acted = facts.action(context.journey.action)
    # Once the letter has left, the journey holds no answers any more.
    details = Details(answers.name, answers.country, answers.address, answers.proved)
    if acted is not None and acted.details is not None:
        details = acted.details
    if details.name and facts.details != details:
        replies.append(Say(context.wording.say("remember.ask"), _remember_keyboard(context)))
    return tuple(replies[:MAX_QUESTIONS])


def updates_keyboard(context: Context, campaign: str) -> Keyboard:
    """Return the answers to whether updates of a campaign are wanted."""

    def button(key: str, choice: UpdatesChoice) -> PersistentButton:
        return PersistentButton(context.wording.label(key), ChooseUpdates(campaign, choice))

    return (
        (button("button.yes", UpdatesChoice.THIS), button("button.no", UpdatesChoice.DECLINE)),
        (button("button.updates_all", UpdatesChoice.ALL),),
    )


def _remember_keyboard(context: Context) -> Keyboard:
    label, action = context.wording.label, context.journey.action
    yes = PersistentButton(label("button.yes"), RememberDetails(action, remember=True))
    no = PersistentButton(label("button.forget_them"), RememberDetails(action, remember=False))
    return ((yes, no),)
