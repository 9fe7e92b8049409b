"""Which of the open campaigns?"""

from conversations.core.buttons.journey import ChooseCampaign
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import Ask, Reply, TurnButton
from conversations.journey import start
from conversations.journey.question import Question, with_note
from conversations.model.journey import Step
from conversations.text.html import Html


class ChooseQuestion(Question):
    """Ask for one of the open campaigns."""

    step = Step.CHOOSE

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """List the open campaigns."""
        language = context.journey.language
        rows = tuple(
            (TurnButton(campaign.text(language).title, ChooseCampaign(campaign.slug)),)
            for campaign in context.open_campaigns
        )
        return (Ask(with_note(note, home(context)), rows),)

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn:
        """Begin the journey of the campaign that was chosen, if it takes letters still."""
        match button:
            case ChooseCampaign(slug) if context.takes_letters(slug):
                return start.begin(context, slug, "")
            case _:
                return start.say_closed(context)


def home(context: Context) -> Html:
    """Return how many campaigns are open."""
    campaigns = context.open_campaigns
    if not campaigns:
        return context.wording.say("home.closed")
    return context.wording.say("home.open", count=len(campaigns))
