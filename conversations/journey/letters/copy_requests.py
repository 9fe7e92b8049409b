"""A supporter asks for a copy of their letter, or corrects the address where it came back."""

from conversations.core.buttons.persistent import CorrectCopyAddress
from conversations.core.context import Context, Turn
from conversations.core.facts import CopyState
from conversations.core.replies import LetterStatus, PersistentButton, Toast
from conversations.core.turns import show, toast
from conversations.journey.flow.transitions import ask
from conversations.journey.letters import copies
from conversations.model.journey import UNDER_WAY, Answers, Journey, Step
from conversations.model.letters.delivery import LetterState
from conversations.model.stats.funnel import FunnelStage


def request_copy(context: Context, action: str) -> Turn:
    """Mail a copy of the letter, once, after it was accepted."""
    acted = context.facts.action(action)
    if acted is None or acted.test or acted.campaign not in context.deployment.campaigns:
        return toast(context, "toast.gone")
    if acted.copy is not CopyState.KEPT or acted.state is not LetterState.ACCEPTED:
        return toast(context, "toast.gone" if acted.copy is CopyState.NONE else "toast.answered")
    replies = (Toast(context.wording.label("toast.copy")), LetterStatus(action))
    return Turn(context.journey, replies, (copies.queue(context, action, acted.campaign),))


def copy_bounced(context: Context, action: str) -> Turn:
    """Say that the copy came back. The button works whatever the chat does meanwhile."""
    acted = context.facts.action(action)
    if acted is None:
        return Turn(context.journey)
    text = context.wording.say("copy.bounced", title=context.title(acted.campaign))
    correct = PersistentButton(context.wording.label("button.mend"), CorrectCopyAddress(action))
    return show(context, text, ((correct,),))


def correct_address(context: Context, action: str) -> Turn:
    """Ask for the right address, unless a letter is under way that would be lost."""
    acted = context.facts.action(action)
    if acted is None or acted.campaign not in context.deployment.campaigns:
        return toast(context, "toast.gone")
    if acted.details is None or acted.copy not in (CopyState.RETURNED, CopyState.TOLD):
        return toast(context, "toast.answered")
    before, details = context.journey, acted.details
    if before.step in UNDER_WAY:
        return toast(context, "toast.finish_first", alert=True)
    journey = Journey(
        id=context.token(),
        language=before.language,
        turn=before.turn,
        asked=before.asked,
        campaign=acted.campaign,
        answers=Answers(name=details.name, country=details.country, risk_accepted=True),
        reached=FunnelStage.SENT.value,
        corrects=action,
        clear_after=before.clear_after,
        typed=before.typed,
    )
    return ask(context.within(journey), Step.ADDRESS)
