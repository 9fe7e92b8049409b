"""Send and Undo: record the action and its letter, or withdraw a letter that has not left."""

import hashlib
from dataclasses import replace

from conversations.core.context import Context, Turn
from conversations.core.effects.journey import DropReminder
from conversations.core.effects.letters import Consent, LetterToSend, RecordAction, Withdraw
from conversations.core.fact_requests import ClearedLetter
from conversations.core.facts import ActionTaken
from conversations.core.replies import EditMessage, LetterStatus, Say
from conversations.core.turns import close_prompt, toast
from conversations.journey.discreet import wrote_before_clearing
from conversations.journey.flow import own_questions
from conversations.journey.flow.question import first_missing
from conversations.journey.flow.transitions import (
    ask,
    end,
    end_as_cleared,
    forward,
    repeat_question,
    withdrawn_messages,
    withdrawn_text,
)
from conversations.journey.letters import departure, letter_review, reminder_target
from conversations.journey.letters.recipients import recipients
from conversations.journey.letters.share import share_button
from conversations.journey.letters.states import states
from conversations.journey.questions.proof.address import (
    address_facts,
    is_taken,
    refuse_disowned,
    refuse_taken,
)
from conversations.journey.questions.sent import follow_up
from conversations.model.journey import Reviewed, Step
from conversations.model.letters.letter import has_own_words
from conversations.model.letters.reminder_letters import ROUND


def send(context: Context) -> Turn:
    """Record the consent and the action; the letter leaves when the time to undo is over.

    Raises FactMissing.
    """
    journey, campaign, wording = context.journey, context.campaign, context.wording
    if (ended := _end_as_sent(context)) is not None:
        return ended
    if first_missing(context):
        return forward(context, journey.answers)
    if context.facts.sender_blocked:
        return end(context, wording.say("block.barred", contact=campaign.contact))
    address = address_facts(context, journey.answers.address)
    if address.disowned:
        return refuse_disowned(context)
    if is_taken(context, address):
        return refuse_taken(context)
    shown, consent = journey.reviewed, letter_review.consent(context)
    if shown is None or not letter_review.matches(shown, consent):
        return ask(context, Step.REVIEW, note=wording.say("review.changed"))
    if not departure.is_possible(context):
        return ask(context, Step.REVIEW)
    action = _action(context, consent, shown)
    after = context.within(replace(journey, step=Step.SENT, action=action.action))
    replaced = _replaced(context)
    withdrawn = withdrawn_messages(context, replaced)
    replies = (*close_prompt(context), *withdrawn, LetterStatus(action.action), *follow_up(after))
    former = [letter.action for each in replaced for letter in each.letters]
    former += _cleared(context)
    return Turn(after.journey, replies, (*map(Withdraw, former), action, DropReminder()))


def _end_as_sent(context: Context) -> Turn | None:
    """End the journey of a person who has sent this letter before; None if it can be sent.

    Raises FactMissing.
    """
    journey = context.journey
    if journey.reminds:
        is_allowed = reminder_target.may_remind(context, journey.campaign, journey.reminds)
        return None if is_allowed else end(context, context.wording.say("toast.gone"))
    if has_written(context, journey.campaign):
        return end_as_written(context)
    return end_as_cleared(context) if wrote_before_clearing(context) else None


def _cleared(context: Context) -> tuple[str, ...]:
    """Return letters of a cleared chat that reached nobody, which a first letter replaces."""
    if context.journey.reminds:
        return ()
    found = context.fact(ClearedLetter(context.journey.campaign))
    return found.actions if found else ()


def _action(context: Context, consent: Consent, shown: Reviewed) -> RecordAction:
    """Return the effect that records the action with the letters of the review."""
    journey, campaign = context.journey, context.campaign
    first, *others = letter_review.letters(context)
    paces = {each.id: each.pace for each in recipients(context)}
    return RecordAction(
        action=context.token(),
        campaign=campaign.slug,
        source=journey.source,
        language=journey.language,
        letter=first,
        consent=consent,
        message_token=shown.message_token,
        undo_seconds=campaign.undo_seconds,
        proved=journey.answers.proved,
        keep_until=campaign.keep_until,
        pace=paces[first.target_id],
        clear_after=journey.clear_after,
        copies=campaign.copies and not context.tests(campaign.slug) and not journey.is_discreet,
        settle_days=campaign.settle_days,
        archive_key=_archive_key(context),
        own=own_questions.given(context),
        has_own_words=has_own_words(campaign, journey.answers),
        round=ROUND if journey.reminds else 1,
        others=tuple(
            LetterToSend(
                action=_derived(context.token(), each.target_id),
                letter=each,
                message_token=_derived(shown.message_token, each.target_id),
                pace=paces[each.target_id],
            )
            for each in others
        ),
    )


def _derived(token: str, target: str) -> str:
    """Return 32 hexadecimal digits for the letter to another target than the first one."""
    return hashlib.sha256(f"{token} {target}".encode()).hexdigest()[:32]


def _archive_key(context: Context) -> str | None:
    """Return the key of the archive that gets the details later; None if none does."""
    campaign = context.campaign
    is_archived = campaign.archive != "none" and not context.journey.is_discreet
    if not is_archived or context.tests(campaign.slug):
        return None
    return campaign.archive_key


def _replaced(context: Context) -> tuple[ActionTaken, ...]:
    """Return the actions that a new one replaces: those that reached nobody, or all tests."""
    slug = context.journey.campaign
    if context.tests(slug):
        return tuple(each for each in context.facts.tried if each.campaign == slug)
    if context.journey.reminds:
        sent = (each for each in context.facts.reminded if each.campaign == slug)
        return tuple(each for each in sent if each.reached_nobody)
    acted = context.facts.acted.get(slug)
    return (acted,) if acted else ()


def end_as_written(context: Context) -> Turn:
    """End the journey: this person has already written in its campaign."""
    answer = written_message(context, context.journey.campaign)
    return end(context, answer.text, answer.keyboard)


def has_written(context: Context, slug: str) -> bool:
    """Whether this person has written in the campaign `slug`.

    A letter that reached nobody does not count, and in test mode none does.
    """
    acted = None if context.tests(slug) else context.facts.acted.get(slug)
    return acted is not None and not acted.reached_nobody


def written_message(context: Context, slug: str) -> Say:
    """Return the status of this person's letter in a campaign, and a button to share it."""
    acted, campaign = context.facts.acted[slug], context.deployment.campaigns[slug]
    wording = context.wording
    text = wording.say(
        "acted.already",
        title=campaign.text(wording.reads).title,
        day=wording.day(acted.at.date()),
        state=states(acted, wording),
    )
    return Say(text, ((share_button(context.deployment.username, campaign, wording),),))


def undo(context: Context, action: str) -> Turn:
    """Withdraw the letter of `action`, unless it has left. The review is then open again."""
    acted = context.facts.action(action)
    if acted is None or acted.is_cancelled:
        return toast(context, "toast.withdrawn")
    if not acted.waiting:
        return toast(context, "toast.too_late", alert=True)
    effects = tuple(Withdraw(each.action) for each in acted.waiting)
    edited, journey = EditMessage(withdrawn_text(context, acted)), context.journey
    is_whole = len(acted.waiting) == len(acted.letters)
    is_last = is_whole and journey.action == action and journey.step is Step.SENT
    if not is_last or not context.takes_letters(journey.campaign):
        return Turn(journey, (edited,), effects)
    review = context.within(replace(journey, action="", step=Step.REVIEW, aside=None))
    journey, asked = repeat_question(review, context.wording.say("undo.review"))
    return Turn(journey, (edited, *asked), effects)
