"""No journey is under way: the bot waits for nothing."""

from conversations.core.context import Context, Turn
from conversations.core.replies import Reply, Say
from conversations.journey import start
from conversations.journey.flow.question import Question
from conversations.journey.questions.choose import home
from conversations.journey.small_talk import small_talk
from conversations.model.journey import Step
from conversations.text.html import Html


class IdleQuestion(Question):
    """Say which campaigns are open."""

    step = Step.IDLE

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Return the home text, or `note` in its place."""
        return (Say(note or home(context)),)

    def typed(self, context: Context, text: str) -> Turn:
        """Offer the campaigns that are open."""
        if context.open_campaigns:
            return start.offer_campaigns(context, context.wording.say("idle.unknown"))
        return small_talk(context)
