"""Buttons that outlive their turn: each says by itself what it is about."""

from dataclasses import replace

from conversations.core.buttons import journey as buttons
from conversations.core.buttons.journey import UpdatesChoice
from conversations.core.buttons.packing import PersistentButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.effects.journey import (
    ChooseLanguage,
    ForgetDetails,
    SaveDetails,
    Subscribe,
    UnsubscribeAll,
)
from conversations.core.replies import (
    ClearChat,
    EditMessage,
    Keyboard,
    PersistentButton,
)
from conversations.core.turns import (
    asked_again,
    put,
    show,
    toast,
)
from conversations.journey import bounced, commands
from conversations.journey.send import find, undo
from conversations.text.wording import offered


def pressed(context: Context, button: PersistentButtonData | UnknownButton | str) -> Turn:
    """Answer a standing button. What it names is looked up among the presser's own."""
    match button:
        case buttons.UndoSend(action):
            return undo(context, action)
        case buttons.RequestCopy(action):
            return bounced.ask_copy(context, action)
        case buttons.CorrectCopyAddress(action):
            return bounced.mend(context, action)
        case buttons.ChooseUpdates(scope, choice):
            return _updates(context, scope, choice)
        case buttons.RememberDetails(action, remember):
            return _remember(context, action, given=remember)
        case buttons.DropDetails():
            forgotten = (ForgetDetails(context.journey.language),)
            return put(context, context.wording.say("details.gone"), effects=forgotten)
        case buttons.EndUpdates():
            return unsubscribed(context)
        case buttons.EndUpdatesHere():
            return left(context)
        case buttons.SpeakLanguage(language) if language in offered():
            return speak(context, language)
        case buttons.ClearMessages():
            return _clear(context)
        case _:
            return toast(context, "toast.answered")


def speak(context: Context, tag: str) -> Turn:
    """Speak `tag` from now on: the settings and the open prompt are said again in it."""
    answers = replace(context.journey.answers, subject=None)
    told = context.within(replace(context.journey, language=tag, answers=answers))
    settings = commands.settings(told)
    edited = EditMessage(settings.text, settings.keyboard)
    journey, asked = asked_again(told) if told.journey.asked else (told.journey, ())
    return Turn(journey, (edited, *asked), (ChooseLanguage(tag),))


def unsubscribed(context: Context) -> Turn:
    """End all updates, by a press that is never asked why."""
    effects = (UnsubscribeAll(context.journey.language),)
    return put(context, context.wording.say("updates.none"), effects=effects)


def left(context: Context) -> Turn:
    """End all updates, by the button under one of them: the update stays as it is."""
    effects = (UnsubscribeAll(context.journey.language),)
    return show(context, context.wording.say("updates.none"), effects=effects)


def _updates(context: Context, scope: str, choice: UpdatesChoice) -> Turn:
    if (
        scope != "*"
        and scope not in context.deployment.campaigns
        and choice is not UpdatesChoice.NO
    ):
        return toast(context, "toast.gone")
    if choice is UpdatesChoice.NO:
        return _no_updates(context, scope)
    language, label = context.journey.language, context.wording.label
    everything = scope == "*" or choice is UpdatesChoice.ALL
    scopes = dict.fromkeys((scope, "*") if everything else (scope,))
    effects = tuple(Subscribe(each, given=True, language=language) for each in scopes)
    this = buttons.ChooseUpdates(scope, UpdatesChoice.NO)
    end = buttons.EndUpdates() if everything else this
    keyboard = ((PersistentButton(label("button.updates_end"), end),),)
    text = context.wording.say("updates.all" if everything else "updates.this")
    return put(context, text, keyboard, effects=effects)


def _no_updates(context: Context, scope: str) -> Turn:
    """End the updates of `scope`; who gets those of all campaigns would go on getting these."""
    if "*" in context.facts.subscriptions:
        return unsubscribed(context)
    effect = Subscribe(scope, given=False, language=context.journey.language)
    this = buttons.ChooseUpdates(scope, UpdatesChoice.THIS)
    again = PersistentButton(context.wording.label("button.updates_again"), this)
    return put(context, context.wording.say("updates.no"), ((again,),), effects=(effect,))


def _remember(context: Context, action: str, *, given: bool) -> Turn:
    if find(context, action) is None:
        return toast(context, "toast.gone")
    wording = context.wording
    language = context.journey.language
    effect = SaveDetails(action, language) if given else ForgetDetails(language)
    key = "button.forget_them" if given else "button.remember_them"
    opposite = buttons.RememberDetails(action, remember=not given)
    keyboard: Keyboard = ((PersistentButton(wording.label(key), opposite),),)
    text = wording.say("remember.yes" if given else "remember.no")
    return put(context, text, keyboard, effects=(effect,))


def _clear(context: Context) -> Turn:
    journey, asked = asked_again(context) if context.journey.asked else (context.journey, ())
    return Turn(journey, (ClearChat(), *asked))
