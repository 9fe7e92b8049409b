"""Take back a consent with one tap, as easily as it was given (GDPR, Art. 7(3))."""

from dataclasses import replace

from conversations.core.buttons.journey import ConsentKind, SaveMyData, TakeBackConsent
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.journey import ForgetDetails, UnsubscribeAll
from conversations.core.effects.letters import EraseLetter, Withdraw
from conversations.core.facts import ActionTaken
from conversations.core.replies import EditButtons, Keyboard, PersistentButton
from conversations.core.turns import show, toast
from conversations.journey.letters.recipients import names
from conversations.journey.transitions import withdrawn_messages
from conversations.model.campaign import Campaign
from conversations.model.delivery import LetterState
from conversations.model.targets import Target
from conversations.text.html import Html


def keyboard(context: Context, without: TakeBackConsent | None = None) -> Keyboard:
    """Return a button for each consent that can be taken back, and one for the file.

    `without` is a consent that was just taken back.
    """
    label, facts = context.wording.label, context.facts
    given: list[tuple[str, TakeBackConsent]] = [
        (
            label("button.withdraw_letter", title=context.title(acted.campaign)),
            TakeBackConsent(ConsentKind.SEND, acted.action),
        )
        for acted in facts.actions
        if not acted.is_cancelled
    ]
    if facts.details:
        given.append((label("button.withdraw_details"), TakeBackConsent(ConsentKind.REMEMBER)))
    if facts.subscriptions:
        given.append((label("button.withdraw_updates"), TakeBackConsent(ConsentKind.UPDATES)))
    rows = [(PersistentButton(text, data),) for text, data in given if data != without]
    return (*rows, (PersistentButton(label("button.mydata_file"), SaveMyData()),))


def take_back(context: Context, button: TakeBackConsent) -> Turn:
    """Take back a consent, and say what this ends and what it cannot end."""
    facts, wording, language = context.facts, context.wording, context.journey.language
    effect: Effect
    match button.kind:
        case ConsentKind.SEND:
            acted = facts.action(button.action)
            if acted is None or acted.is_cancelled:
                return _gone(context, button)
            return _take_back_letter(context, button, acted)
        case ConsentKind.REMEMBER if facts.details:
            effect, text = ForgetDetails(language), wording.say("details.gone")
        case ConsentKind.UPDATES if facts.subscriptions:
            effect, text = UnsubscribeAll(language), wording.say("updates.none")
        case _:
            return _gone(context, button)
    return _say(context, button, text, effect)


def _take_back_letter(context: Context, button: TakeBackConsent, acted: ActionTaken) -> Turn:
    """Cancel a letter that has not been sent; erase what is stored of any other."""
    campaign = context.deployment.campaigns.get(acted.campaign)
    targets = _targets(campaign, acted) if campaign else ()
    values = {"title": context.title(acted.campaign), "target": names(targets, context.wording)}
    if len(acted.waiting) == len(acted.letters):
        text = context.say_with_original("withdraw.cancelled", **values)
        turn = _say(context, button, text, *(Withdraw(each.action) for each in acted.letters))
        return replace(turn, replies=(*withdrawn_messages(context, (acted,)), *turn.replies))
    failed = (LetterState.FAILED, LetterState.BOUNCED)
    reached = any(each.state not in failed for each in acted.letters if each not in acted.waiting)
    key = "withdraw.sent" if reached and targets else "withdraw.not_sent"
    text = context.say_with_original(key, **values)
    return _say(context, button, text, EraseLetter(acted.action))


def _targets(campaign: Campaign, acted: ActionTaken) -> tuple[Target, ...]:
    """Return whom the letters went to; all targets once what decides is deleted."""
    written = [each.target for each in acted.letters if each.target in campaign.index.by_id]
    if acted.details and written:
        return tuple(campaign.index.by_id[each] for each in written)
    return (campaign.target_for(acted.details.country),) if acted.details else campaign.targets


def _say(context: Context, button: TakeBackConsent, text: Html, *effects: Effect) -> Turn:
    turn = show(context, text, effects=effects)
    return replace(turn, replies=(EditButtons(keyboard(context, button)), *turn.replies))


def _gone(context: Context, button: TakeBackConsent) -> Turn:
    """Say that this consent was taken back already."""
    turn = toast(context, "toast.gone")
    return replace(turn, replies=(*turn.replies, EditButtons(keyboard(context, button))))
