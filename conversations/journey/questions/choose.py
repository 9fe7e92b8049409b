"""Which of the open campaigns?"""

from conversations.core.buttons.journey import ChooseCampaign, ListCampaigns
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.paging import in_rows, page_of
from conversations.core.replies import Ask, EditPrompt, Keyboard, Reply, TurnButton
from conversations.journey import start
from conversations.journey.flow.question import Question, with_note
from conversations.model.journey import Step
from conversations.text.html import Html


class ChooseQuestion(Question):
    """Ask for one of the open campaigns."""

    step = Step.CHOOSE

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """List the open campaigns."""
        return (Ask(with_note(note, home(context)), _page(context, 1)),)

    def other_buttons(self, context: Context) -> Keyboard:
        """Return the campaigns of all pages."""
        return in_rows(_buttons(context), 1)

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn:
        """Begin the journey of the campaign that was chosen, if it is among the open ones still."""
        match button:
            case ChooseCampaign(slug) if slug in {each.slug for each in context.open_campaigns}:
                return start.begin(context, slug, "")
            case ListCampaigns(page) if context.open_campaigns:
                shown = EditPrompt(home(context), _page(context, page))
                return Turn(context.journey, (shown,))
            case _:
                return start.say_closed(context)


def _page(context: Context, number: int) -> Keyboard:
    return page_of(
        _buttons(context),
        number,
        1,
        # No words: supporters read many languages.
        lambda other, pages: TurnButton(f"{other}/{pages} …", ListCampaigns(other)),
    )


def _buttons(context: Context) -> list[TurnButton]:
    language = context.journey.language
    return [
        TurnButton(campaign.text(language).title, ChooseCampaign(campaign.slug))
        for campaign in context.open_campaigns
    ]


def home(context: Context) -> Html:
    """Return how many campaigns are open."""
    campaigns = context.open_campaigns
    if not campaigns:
        return start.none_open(context)
    return context.wording.say("home.open", count=len(campaigns))
