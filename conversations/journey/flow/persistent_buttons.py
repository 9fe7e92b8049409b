"""The buttons of supporters that outlive their turn: each names what it is about."""

from dataclasses import replace

from conversations.core.buttons import persistent
from conversations.core.buttons.packing import PersistentButtonData, UnknownButton
from conversations.core.buttons.persistent import UpdatesChoice
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.admin import SaveStaffName
from conversations.core.effects.journey import (
    ChooseLanguage,
    ForgetChat,
    ForgetDetails,
    SaveDetails,
    Subscribe,
    UnsubscribeAll,
)
from conversations.core.notices import NoticeById, framed
from conversations.core.replies import (
    ClearChat,
    EditButtons,
    EditMessage,
    Keyboard,
    PersistentButton,
    Say,
)
from conversations.core.turns import put, show, toast
from conversations.journey import commands, language_choice
from conversations.journey.after_letter import answers, reminder_letters, reminders
from conversations.journey.flow.transitions import repeat_question
from conversations.journey.letters import copy_requests, share
from conversations.journey.letters.send import undo
from conversations.journey.personal_data import consents, my_data, unused_data
from conversations.model.journey import UNDER_WAY


def pressed(context: Context, button: PersistentButtonData | UnknownButton) -> Turn:
    """Answer a persistent button. The action that it names must be this person's own."""
    match button:
        case persistent.UndoSend(action):
            return undo(context, action)
        case persistent.RequestCopy(action):
            return copy_requests.request_copy(context, action)
        case persistent.SendShareCard(campaign):
            return share.send_card(context, campaign)
        case persistent.CorrectCopyAddress(action):
            return copy_requests.correct_address(context, action)
        case persistent.ChooseUpdates(scope, choice):
            return _updates(context, scope, choice)
        case persistent.RememberDetails(action, remember):
            return _remember(context, action, remember=remember)
        case persistent.DropDetails():
            forgotten = (ForgetDetails(context.journey.language),)
            return put(context, context.wording.say("details.gone"), effects=forgotten)
        case persistent.EndUpdates():
            return _end_updates(context)
        case persistent.EndUpdatesHere():
            return _end_updates_here(context)
        case persistent.ListLanguages(page):
            return _list_languages(context, page)
        case persistent.SpeakLanguage(language) if language in language_choice.choices(context):
            return speak(context, language)
        case persistent.ReadNotice(notice):
            return _read_notice(context, notice)
        case persistent.ClearMessages():
            return _clear(context)
        case persistent.TakeBackConsent():
            return consents.take_back(context, button)
        case persistent.TakeBackOptIn(consent):
            return consents.take_back_opt_in(context, consent)
        case persistent.KeepStored():
            return unused_data.answered(context, button)
        case persistent.AgreeToQuestion():
            return answers.agreed(context, button)
        case persistent.ReportAnswer():
            return answers.reported(context, button)
        case persistent.WriteReminder():
            return reminder_letters.begin(context, button)
        case persistent.OfferReminder():
            return reminders.offered(context, button)
        case persistent.RemindMe():
            return reminders.chosen(context, button)
        case persistent.DropReminders():
            return reminders.dropped(context)
        case persistent.ContinueLetter():
            return reminders.resumed(context, button)
        case persistent.SaveMyData():
            return my_data.file(context)
        case _:
            return toast(context, "toast.answered")


def speak(context: Context, language: str) -> Turn:
    """Speak another language from now on. The settings and the open question are repeated in it.

    A member's alerts come in this language too.
    """
    given = replace(context.journey.answers, subject=None)
    spoken = context.within(replace(context.journey, language=language, answers=given))
    settings = commands.settings(spoken)
    edited = EditMessage(settings.text, settings.keyboard)
    journey, asked = repeat_question(spoken) if spoken.journey.asked else (spoken.journey, ())
    facts = context.facts
    named = (SaveStaffName(facts.profile_name, language),) if facts.role else ()
    return Turn(journey, (edited, *asked), (ChooseLanguage(language), *named))


def _list_languages(context: Context, page: int) -> Turn:
    """Show the list of languages in the message that showed the settings."""
    names = language_choice.keyboard(
        context,
        lambda label, tag: PersistentButton(label, persistent.SpeakLanguage(tag)),
        lambda label, number: PersistentButton(label, persistent.ListLanguages(number)),
        page,
    )
    return put(context, language_choice.question(context), names)


def _read_notice(context: Context, id_: str) -> Turn:
    """Show a notice in place of the words that covered it. Raises FactMissing."""
    notice = context.fact(NoticeById(id_))
    if notice is None:
        return toast(context, "toast.answered")
    return put(context, framed(context.deployment, notice, context.journey.language))


def _end_updates(context: Context) -> Turn:
    """End all updates. Nobody is asked why."""
    effects = (UnsubscribeAll(context.journey.language),)
    return put(context, context.wording.say("updates.none"), effects=effects)


def _end_updates_here(context: Context) -> Turn:
    """End all updates, by the button under a broadcast, which stays as it is."""
    effects = (UnsubscribeAll(context.journey.language),)
    return show(context, context.wording.say("updates.none"), effects=effects)


def _updates(context: Context, scope: str, choice: UpdatesChoice) -> Turn:
    if choice is UpdatesChoice.DECLINE and commands.subscribed(context, scope):
        # The question is older than the subscription.
        return _put(context, commands.subscription(context, scope, "updates.still"))
    if choice in (UpdatesChoice.NO, UpdatesChoice.DECLINE):
        return _no_updates(context, scope)
    if scope != "*" and scope not in context.deployment.campaigns:
        return toast(context, "toast.gone")
    language = context.journey.language
    everything = scope == "*" or choice is UpdatesChoice.ALL
    scopes = dict.fromkeys((scope, "*") if everything else (scope,))
    effects = tuple(Subscribe(each, given=True, language=language) for each in scopes)
    key = "updates.all" if everything else "updates.this"
    return _put(context, commands.subscription(context, "*" if everything else scope, key), effects)


def _no_updates(context: Context, scope: str) -> Turn:
    """End the updates of `scope`, or all, since those of all campaigns would include these."""
    if "*" in context.facts.subscriptions:
        return _end_updates(context)
    effect = Subscribe(scope, given=False, language=context.journey.language)
    this = persistent.ChooseUpdates(scope, UpdatesChoice.THIS)
    again = PersistentButton(context.wording.label("button.updates_again"), this)
    return put(context, context.wording.say("updates.no"), ((again,),), effects=(effect,))


def _remember(context: Context, action: str, *, remember: bool) -> Turn:
    acted, wording = context.facts.action(action), context.wording
    if acted is None or acted.is_cancelled:
        gone = toast(context, "toast.gone")  # the question is asked again with the next letter
        return replace(gone, replies=(*gone.replies, EditButtons(())))
    language = context.journey.language
    effect = SaveDetails(action, language) if remember else ForgetDetails(language)
    key = "button.forget_them" if remember else "button.remember_them"
    opposite = persistent.RememberDetails(action, remember=not remember)
    keyboard: Keyboard = ((PersistentButton(wording.label(key), opposite),),)
    text = wording.say("remember.yes" if remember else "remember.no")
    return put(context, text, keyboard, effects=(effect,))


def _put(context: Context, page: Say, effects: tuple[Effect, ...] = ()) -> Turn:
    return put(context, page.text, page.keyboard, effects=effects)


def _clear(context: Context) -> Turn:
    journey, asked = repeat_question(context) if context.journey.asked else (context.journey, ())
    is_over = journey.is_discreet and journey.step not in UNDER_WAY
    return Turn(journey, (ClearChat(), *asked), (ForgetChat(),) if is_over else ())
