"""Simple answers: say something, edit a message, or show a toast."""

from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.replies import ClosePrompt, EditMessage, Keyboard, Reply, Say, Toast
from conversations.text.html import Html


def show(
    context: Context, text: Html, keyboard: Keyboard = (), *, effects: tuple[Effect, ...] = ()
) -> Turn:
    """Say something in a message of its own; the open prompt stays as it is."""
    return Turn(context.journey, (Say(text, keyboard),), effects)


def put(
    context: Context, text: Html, keyboard: Keyboard = (), *, effects: tuple[Effect, ...] = ()
) -> Turn:
    """Edit the message whose persistent button was pressed."""
    return Turn(context.journey, (EditMessage(text, keyboard),), effects)


def toast(context: Context, key: str, *, alert: bool = False, **values: str | int) -> Turn:
    """Show a short text over the chat, in answer to a press. An `alert` waits to be closed."""
    return Turn(context.journey, (Toast(context.wording.label(key, **values), alert),))


def close_prompt(context: Context, text: Html | None = None) -> tuple[Reply, ...]:
    """Return the reply that takes the buttons from the open prompt; nothing if none is open.

    `text`, if given, replaces the words of the prompt.
    """
    return (ClosePrompt(text),) if context.journey.asked else ()
