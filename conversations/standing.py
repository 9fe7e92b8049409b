"""Buttons that outlive their turn: each says by itself what it is about."""

from dataclasses import replace

from conversations import bounced, commands, managing, running, stats, steering
from conversations.effects import (
    ChooseLanguage,
    ForgetDetails,
    Remember,
    Subscribe,
    UnsubscribeAll,
)
from conversations.moves import asked_again, put, show, toast
from conversations.replies import ClearChat, Keyboard, Replace, Standing
from conversations.scene import Scene, Turn
from conversations.sending import find, undo
from conversations.wording import offered


def pressed(scene: Scene, action: str) -> Turn:
    """Answer a standing button. What it names is looked up among the presser's own."""
    kind, *details = action.split(":")
    match kind, details:
        case "undo", [what]:
            return undo(scene, what)
        case "copy", [what]:
            return bounced.ask_copy(scene, what)
        case "mend", [what]:
            return bounced.mend(scene, what)
        case "updates", [scope, ("this" | "all" | "no") as choice]:
            return _updates(scene, scope, choice)
        case "remember", [what, ("yes" | "no") as choice]:
            return _remember(scene, what, given=choice == "yes")
        case "details", ["no"]:
            forgotten = (ForgetDetails(scene.journey.language),)
            return put(scene, scene.wording.say("details.gone"), effects=forgotten)
        case "unsubscribe", []:
            return unsubscribed(scene)
        case "unsubscribe", ["update"]:
            return left(scene)
        case "update", [deed, _]:
            return steering.pressed(scene, deed)
        case "stats", [deed, slug, period]:
            return stats.pressed(scene, deed, slug, period)
        case "lang", [tag] if tag in offered():
            return speak(scene, tag)
        case "campaigns", ["walk", slug]:
            return managing.walked(scene, slug)
        case "clear", []:
            return _clear(scene)
        case (("resume" | "show" | "again" | "leave" | "seen" | "got" | "try"), [slug]):
            return running.pressed(scene, kind, slug)
        case _:
            return toast(scene, "toast.answered")


def speak(scene: Scene, tag: str) -> Turn:
    """Speak `tag` from now on: the settings and the open prompt are said again in it."""
    answers = replace(scene.journey.answers, subject=None)
    told = scene.within(replace(scene.journey, language=tag, answers=answers))
    settings = commands.settings(told)
    edited = Replace(settings.text, settings.keyboard)
    journey, asked = asked_again(told) if told.journey.asked else (told.journey, ())
    return Turn(journey, (edited, *asked), (ChooseLanguage(tag),))


def unsubscribed(scene: Scene) -> Turn:
    """End all updates, by a press that is never asked why."""
    effects = (UnsubscribeAll(scene.journey.language),)
    return put(scene, scene.wording.say("updates.none"), effects=effects)


def left(scene: Scene) -> Turn:
    """End all updates, by the button under one of them: the update stays as it is."""
    effects = (UnsubscribeAll(scene.journey.language),)
    return show(scene, scene.wording.say("updates.none"), effects=effects)


def _updates(scene: Scene, scope: str, choice: str) -> Turn:
    if scope != "*" and scope not in scene.house.campaigns and choice != "no":
        return toast(scene, "toast.gone")
    if choice == "no":
        return _no_updates(scene, scope)
    language, label = scene.journey.language, scene.wording.label
    everything = scope == "*" or choice == "all"
    scopes = dict.fromkeys((scope, "*") if everything else (scope,))
    effects = tuple(Subscribe(each, given=True, language=language) for each in scopes)
    end = "unsubscribe" if everything else f"updates:{scope}:no"
    keyboard = ((Standing(label("button.updates_end"), end),),)
    text = scene.wording.say("updates.all" if everything else "updates.this")
    return put(scene, text, keyboard, effects=effects)


def _no_updates(scene: Scene, scope: str) -> Turn:
    """End the updates of `scope`; who gets those of all campaigns would go on getting these."""
    if "*" in scene.known.subscriptions:
        return unsubscribed(scene)
    effect = Subscribe(scope, given=False, language=scene.journey.language)
    again = Standing(scene.wording.label("button.updates_again"), f"updates:{scope}:this")
    return put(scene, scene.wording.say("updates.no"), ((again,),), effects=(effect,))


def _remember(scene: Scene, action: str, *, given: bool) -> Turn:
    if find(scene, action) is None:
        return toast(scene, "toast.gone")
    wording = scene.wording
    language = scene.journey.language
    effect = Remember(action, language) if given else ForgetDetails(language)
    other, key = ("no", "button.forget_them") if given else ("yes", "button.remember_them")
    keyboard: Keyboard = ((Standing(wording.label(key), f"remember:{action}:{other}"),),)
    text = wording.say("remember.yes" if given else "remember.no")
    return put(scene, text, keyboard, effects=(effect,))


def _clear(scene: Scene) -> Turn:
    journey, asked = asked_again(scene) if scene.journey.asked else (scene.journey, ())
    return Turn(journey, (ClearChat(), *asked))
