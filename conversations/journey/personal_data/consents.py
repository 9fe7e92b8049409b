"""Take back a consent with one tap, as easily as it was given (GDPR, Art. 7(3))."""

from dataclasses import replace

from conversations.core.buttons.persistent import (
    ConsentKind,
    RememberDetails,
    SaveMyData,
    TakeBackConsent,
    TakeBackOptIn,
)
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.journey import ForgetDetails, UnsubscribeAll
from conversations.core.effects.letters import (
    DropAnswerQuestions,
    EndOptIn,
    EraseLetter,
    Withdraw,
)
from conversations.core.facts import ActionTaken
from conversations.core.replies import EditButtons, Keyboard, PersistentButton
from conversations.core.turns import show, toast
from conversations.journey.flow.transitions import withdrawn_messages
from conversations.journey.letters.recipients import names
from conversations.journey.personal_data.held_records import Decision, OwnRecords
from conversations.model.campaigns.campaign import Campaign
from conversations.model.campaigns.campaign_questions import in_language
from conversations.model.campaigns.targets import Target
from conversations.model.letters.delivery import LetterState
from conversations.text.html import Html

_TakeBack = TakeBackConsent | TakeBackOptIn


def keyboard(context: Context, without: _TakeBack | None = None) -> Keyboard:
    """Return a button for each consent that can be taken back, and one for the file.

    `without` is a consent that was just taken back. Raises FactMissing.
    """
    label, facts = context.wording.label, context.facts
    given: list[tuple[str, _TakeBack]] = [
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
    given += [
        (
            label("button.withdraw_opt_in", question=question_label(context, each)),
            TakeBackOptIn(each.id),
        )
        for each in context.fact(OwnRecords()).opt_ins
    ]
    if context.fact(OwnRecords()).answer_questions:
        given.append((label("button.withdraw_answer"), TakeBackConsent(ConsentKind.ANSWER)))
    rows = [(PersistentButton(text, data),) for text, data in given if data != without]
    file = PersistentButton(label("button.mydata_file"), SaveMyData())
    return (*rows, *_offers(context, without), (file,))


def _offers(context: Context, without: _TakeBack | None) -> Keyboard:
    """Return the button that saves details, unless the person has said yes or no to that."""
    facts, decisions = context.facts, context.fact(OwnRecords()).decisions
    if any(each.kind == ConsentKind.REMEMBER for each in decisions):
        return ()
    gone = without.action if isinstance(without, TakeBackConsent) else ""
    kept = [
        each
        for each in facts.acted.values()
        if each.details and each.action != gone and not each.is_cancelled
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
            if acted is None or acted.is_cancelled:
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


def take_back_opt_in(context: Context, consent: str) -> Turn:
    """Take back a consent that a campaign asked for, and say what the organisation may know.

    Raises FactMissing.
    """
    button = TakeBackOptIn(consent)
    given = [each for each in context.fact(OwnRecords()).opt_ins if each.id == consent]
    if not given:
        return _gone(context, button)
    campaign = context.deployment.campaigns.get(given[0].scope)
    text = context.say_with_original(
        "opt_in.ended",
        question=question_label(context, given[0]),
        title=context.title(given[0].scope),
        organisation=campaign.organisation if campaign else context.title(given[0].scope),
        contact=campaign.contact if campaign else context.deployment.mailbox,
    )
    return _say(context, button, text, EndOptIn(consent, context.journey.language))


def question_label(context: Context, decision: Decision) -> str:
    """Return what a campaign's question asked for; its id where the campaign is gone."""
    campaign = context.deployment.campaigns.get(decision.scope)
    questions = campaign.questions if campaign else ()
    asked = [each for each in questions if each.id == decision.question]
    return in_language(asked[0].label, context.wording.reads) if asked else decision.question


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


def _say(context: Context, button: _TakeBack, text: Html, *effects: Effect) -> Turn:
    turn = show(context, text, effects=effects)
    return replace(turn, replies=(EditButtons(keyboard(context, button)), *turn.replies))


def _gone(context: Context, button: _TakeBack) -> Turn:
    """Say that this consent was taken back already."""
    turn = toast(context, "toast.gone")
    return replace(turn, replies=(*turn.replies, EditButtons(keyboard(context, button))))
