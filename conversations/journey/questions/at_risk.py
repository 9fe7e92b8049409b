"""Do you want to go on, although you may be at risk?"""

from dataclasses import replace

from conversations.core.buttons.journey import AcceptRisk, Back, EraseEverything, TakePartUnnamed
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.buttons.persistent import ClearMessages
from conversations.core.context import Context, Turn
from conversations.core.replies import Ask, Keyboard, PersistentButton, Reply
from conversations.journey.flow.question import Question, with_note
from conversations.journey.flow.transitions import end, erase, forward
from conversations.journey.letters.recipients import recipients
from conversations.journey.letters.share import share_button
from conversations.journey.questions.country import country_said_back
from conversations.model.journey import Step
from conversations.model.letters.identity import filled
from conversations.model.stats.funnel import FunnelStage
from conversations.text.html import Html
from conversations.text.wording import raw


class AtRiskQuestion(Question):
    """Warn supporters in a country where the letter may put them at risk."""

    step = Step.AT_RISK
    back = Step.COUNTRY
    stage = FunnelStage.COUNTRY
    reminder = "risk.reminder"

    def is_missing(self, context: Context) -> bool:
        """Return whether there is a risk that was not accepted."""
        answers = context.journey.answers
        is_at_risk = answers.country in context.campaign.at_risk and not context.journey.corrects
        return is_at_risk and not answers.risk_accepted

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Repeat the country, and return the campaign's warning."""
        press = context.press
        rows: Keyboard = (
            (press("button.without_name", TakePartUnnamed()),),
            (press("button.stop_erase", EraseEverything()),),
            (press("button.go_on", AcceptRisk()),),
            (press("button.back", Back()),),
        )
        text = context.with_original(_warning, "risk.ask")
        return (Ask(with_note(note or country_said_back(context), text), rows),)

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Go on, share the campaign without a name, or erase everything."""
        match button:
            case AcceptRisk():
                return forward(context, replace(context.journey.answers, risk_accepted=True))
            case TakePartUnnamed():
                return share_instead(context)
            case EraseEverything():
                return erase(context)
            case _:
                return None


def _warning(context: Context) -> Html:
    answers, wording = context.journey.answers, context.wording
    targets, hidden = recipients(context), answers.hides_address
    warning = filled(context.texts.at_risk, context.campaign, wording, targets, hidden=hidden)
    return wording.say("risk.ask", warning=raw(warning))


def share_instead(context: Context) -> Turn:
    """End the journey without a letter, and offer to share the campaign."""
    link = share_button(context.deployment.username, context.campaign, context.wording)
    text = context.wording.say("risk.without", share=context.texts.share)
    clear = PersistentButton(context.wording.label("button.clear"), ClearMessages())
    return end(context, text, ((link,), (clear,)))
