"""What came back to us, and how its supporter mends it: another address, which is proved anew."""

from dataclasses import replace

from conversations import copies
from conversations.delivery import LetterState
from conversations.effects import Stage
from conversations.journey import Answers, Journey, Step
from conversations.known import Copy
from conversations.moves import ask, show, toast
from conversations.play import UNDER_WAY
from conversations.replies import Standing, Status, Toast
from conversations.scene import Scene, Turn
from conversations.sending import find


def code(scene: Scene) -> Turn:
    """Tell that the address takes no mail, where its code is still awaited.

    A question that lies over the step stays; what is told then waits under it.
    """
    journey = scene.journey
    if journey.step is not Step.CODE:
        return Turn(journey)
    answers = replace(journey.answers, address="", typed=journey.answers.address)
    moved = replace(journey, answers=answers)
    if journey.aside:
        return Turn(moved.at(Step.BOUNCED))
    return ask(scene.within(moved), Step.BOUNCED)


def copy(scene: Scene, action: str) -> Turn:
    """Tell that the copy came back; the button mends it, whatever the chat does meanwhile."""
    acted = find(scene, action)
    if acted is None:
        return Turn(scene.journey)
    text = scene.wording.say("copy.bounced", title=scene.title(acted.campaign))
    mend = Standing(scene.wording.label("button.mend"), f"mend:{action}")
    return show(scene, text, ((mend,),))


def ask_copy(scene: Scene, action: str) -> Turn:
    """Mail a copy of the letter, once, after it was accepted."""
    acted = find(scene, action)
    if acted is None or acted.test or acted.campaign not in scene.house.campaigns:
        return toast(scene, "toast.gone")
    if acted.copy is not Copy.KEPT or acted.state is not LetterState.ACCEPTED:
        return toast(scene, "toast.gone" if acted.copy is Copy.NONE else "toast.answered")
    told = Toast(scene.wording.label("toast.copy"))
    queued = copies.of(scene, action, acted.campaign)
    return Turn(scene.journey, (told, Status(action)), (queued,))


def mend(scene: Scene, action: str) -> Turn:
    """Ask for the right address, where no letter is under way that would be lost."""
    acted = find(scene, action)
    if acted is None or acted.campaign not in scene.house.campaigns:
        return toast(scene, "toast.gone")
    if acted.copy not in (Copy.RETURNED, Copy.TOLD):
        return toast(scene, "toast.answered")
    former, kept = scene.journey, acted.details
    if former.step in UNDER_WAY:
        return toast(scene, "toast.finish_first", alert=True)
    journey = Journey(
        id=scene.token(),
        language=former.language,
        turn=former.turn,
        asked=former.asked,
        campaign=acted.campaign,
        answers=Answers(name=kept.name, country=kept.country, risk_accepted=True),
        reached=Stage.SENT.value,
        mends=action,
    )
    return ask(scene.within(journey), Step.ADDRESS)
