"""Take back a consent with one tap, as easily as it was given (GDPR, Art. 7(3))."""

from dataclasses import replace

from conversations.core.buttons.journey import (
    ConsentKind,
    RememberDetails,
    SaveMyData,
    TakeBackConsent,
)
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.journey import ForgetDetails, UnsubscribeAll
from conversations.core.effects.letters import DropAnswerQuestions, EraseLetter, Withdraw
from conversations.core.facts import ActionTaken
from conversations.core.replies import EditButtons, Keyboard, PersistentButton
from conversations.core.turns import show, toast
from conversations.journey.personal_data.held_records import OwnRecords
from conversations.journey.transitions import withdrawn_messages
from conversations.model.campaign import Campaign, Target
from conversations.model.delivery import WITHDRAWABLE_STATES, LetterState
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
        if acted.state is not LetterState.CANCELLED
    ]
    if facts.details:
        given.append((label("button.withdraw_details"), TakeBackConsent(ConsentKind.REMEMBER)))
    if facts.subscriptions:
        given.append((label("button.withdraw_updates"), TakeBackConsent(ConsentKind.UPDATES)))
    if context.fact(OwnRecords()).answer_questions:
        given.append((label("button.withdraw_answer"), TakeBackConsent(ConsentKind.ANSWER)))
    rows = [(PersistentButton(text, data),) for text, data in given if data != without]
    file = PersistentButton(label("button.mydata_file"), SaveMyData())
    return (*rows, *_offers(context, without), (file,))


def _offers(context: Context, without: TakeBackConsent | None) -> Keyboard:
    """Return the button that saves details, unless the person has said yes or no to that."""
    facts, decisions = context.facts, context.fact(OwnRecords()).decisions
    if any(each.kind == ConsentKind.REMEMBER for each in decisions):
        return ()
    gone = without.action if without else ""
    kept = [
        each
        for each in facts.acted.values()
        if each.details and each.action != gone and each.state is not LetterState.CANCELLED
    ]
    if facts.details or not kept or context.journey.is_discreet:
        return ()
    label = context.wording.label("button.keep_details")
    return ((PersistentButton(label, RememberDetails(kept[-1].action, remember=True)),),)


def take_back(context: Context, button: TakeBackConsent) -> Turn:
    """Take back a consent, and say what this ends and what it cannot end."""
    facts, wording, language = context.facts, context.wording, context.journey.language
    effect: Effect
    match button.kind:
        case ConsentKind.SEND:
            acted = facts.action(button.action)
            if acted is None or acted.state is LetterState.CANCELLED:
                return _gone(context, button)
            return _take_back_letter(context, button, acted)
        case ConsentKind.REMEMBER if facts.details:
            effect, text = ForgetDetails(language), wording.say("details.gone")
        case ConsentKind.UPDATES if facts.subscriptions:
            effect, text = UnsubscribeAll(language), wording.say("updates.none")
        case ConsentKind.ANSWER if context.fact(OwnRecords()).answer_questions:
            effect, text = DropAnswerQuestions(language), wording.say("answer.no")
        case _:
            return _gone(context, button)
    return _say(context, button, text, effect)


def _take_back_letter(context: Context, button: TakeBackConsent, acted: ActionTaken) -> Turn:
    """Cancel a letter that has not been sent; erase what is stored of any other."""
    campaign = context.deployment.campaigns.get(acted.campaign)
    targets = _targets(campaign, acted) if campaign else ()
    name = " / ".join(each.name_in(context.wording.reads) for each in targets)
    values = {"title": context.title(acted.campaign), "target": name}
    if acted.state in WITHDRAWABLE_STATES:
        text = context.say_with_original("withdraw.cancelled", **values)
        turn = _say(context, button, text, Withdraw(acted.action))
        return replace(turn, replies=(*withdrawn_messages(context, (acted,)), *turn.replies))
    reached = acted.state not in (LetterState.FAILED, LetterState.BOUNCED)
    key = "withdraw.sent" if reached and targets else "withdraw.not_sent"
    text = context.say_with_original(key, **values)
    return _say(context, button, text, EraseLetter(acted.action))


def _targets(campaign: Campaign, acted: ActionTaken) -> tuple[Target, ...]:
    """Return whom the letter went to; all targets once the country that decides is deleted."""
    return (campaign.target_for(acted.details.country),) if acted.details else campaign.targets


def _say(context: Context, button: TakeBackConsent, text: Html, effect: Effect) -> Turn:
    turn = show(context, text, effects=(effect,))
    return replace(turn, replies=(EditButtons(keyboard(context, button)), *turn.replies))


def _gone(context: Context, button: TakeBackConsent) -> Turn:
    """Say that this consent was taken back already."""
    turn = toast(context, "toast.gone")
    return replace(turn, replies=(*turn.replies, EditButtons(keyboard(context, button))))
