"""What came back to us, and how its supporter mends it: another address, which is proved anew."""

from dataclasses import replace

from conversations.core.buttons import journey as buttons
from conversations.core.context import Context, Turn
from conversations.core.facts import CopyState
from conversations.core.replies import LetterStatus, PersistentButton, Toast
from conversations.core.turns import ask, show, toast
from conversations.journey import copies
from conversations.journey.play import UNDER_WAY
from conversations.journey.send import find
from conversations.model.delivery import LetterState
from conversations.model.funnel import FunnelStage
from conversations.model.journey import Answers, Journey, Step


def code(context: Context) -> Turn:
    """Tell that the address takes no mail, where its code is still awaited.

    A question that lies over the step stays; what is told then waits under it.
    """
    journey = context.journey
    if journey.step is not Step.CODE:
        return Turn(journey)
    answers = replace(journey.answers, address="", typed=journey.answers.address)
    moved = replace(journey, answers=answers)
    if journey.aside:
        return Turn(moved.at(Step.BOUNCED))
    return ask(context.within(moved), Step.BOUNCED)


def copy(context: Context, action: str) -> Turn:
    """Tell that the copy came back; the button mends it, whatever the chat does meanwhile."""
    acted = find(context, action)
    if acted is None:
        return Turn(context.journey)
    text = context.wording.say("copy.bounced", title=context.title(acted.campaign))
    mend = PersistentButton(
        context.wording.label("button.mend"), buttons.CorrectCopyAddress(action)
    )
    return show(context, text, ((mend,),))


def ask_copy(context: Context, action: str) -> Turn:
    """Mail a copy of the letter, once, after it was accepted."""
    acted = find(context, action)
    if acted is None or acted.test or acted.campaign not in context.deployment.campaigns:
        return toast(context, "toast.gone")
    if acted.copy is not CopyState.KEPT or acted.state is not LetterState.ACCEPTED:
        return toast(context, "toast.gone" if acted.copy is CopyState.NONE else "toast.answered")
    told = Toast(context.wording.label("toast.copy"))
    queued = copies.of(context, action, acted.campaign)
    return Turn(context.journey, (told, LetterStatus(action)), (queued,))


def mend(context: Context, action: str) -> Turn:
    """Ask for the right address, where no letter is under way that would be lost."""
    acted = find(context, action)
    if acted is None or acted.campaign not in context.deployment.campaigns:
        return toast(context, "toast.gone")
    if acted.copy not in (CopyState.RETURNED, CopyState.TOLD):
        return toast(context, "toast.answered")
    former, kept = context.journey, acted.details
    if former.step in UNDER_WAY:
        return toast(context, "toast.finish_first", alert=True)
    journey = Journey(
        id=context.token(),
        language=former.language,
        turn=former.turn,
        asked=former.asked,
        campaign=acted.campaign,
        answers=Answers(name=kept.name, country=kept.country, risk_accepted=True),
        reached=FunnelStage.SENT.value,
        mends=action,
    )
    return ask(context.within(journey), Step.ADDRESS)
