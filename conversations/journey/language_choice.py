"""The choice of a language, each under its own name."""

from collections.abc import Callable, Sequence

from conversations.core.context import Context
from conversations.core.replies import Button, Keyboard
from conversations.model import spoken
from conversations.text import word_lists
from conversations.text.html import Html
from conversations.text.languages import is_reviewed, offered, own_name

COLUMNS = 2
MAX_BUTTONS = 7
"""How many buttons a phone shows at once."""

MACHINE_MARK = "*"
"""Stands behind the name of a language whose texts no native speaker has checked."""


def choices(context: Context) -> tuple[str, ...]:
    """Return the languages that the campaign and the bot can speak."""
    return spoken.choices(context.deployment.campaigns.get(context.journey.campaign))


def question(context: Context) -> Html:
    """Return the question, and what the mark behind a name means."""
    wording = context.wording
    text = wording.say("language.ask")
    if not any(_is_marked(tag) for tag in choices(context)):
        return text
    return Html(f"{text}\n\n{wording.say('language.machine', mark=MACHINE_MARK)}")


def keyboard(
    context: Context,
    button: Callable[[str, str], Button],
    turn: Callable[[str, int], Button],
    page: int = 1,
    room: int = MAX_BUTTONS,
) -> Keyboard:
    """Return the names in two columns, with at most `room` buttons on a page.

    `button` makes one from a label and a tag, `turn` the one that leads to another page from a
    label and its number.
    """
    buttons = [button(label(tag), tag) for tag in choices(context)]
    if len(buttons) <= room:
        return _in_columns(buttons)
    size = room - 1
    pages = -(-len(buttons) // size)
    page = min(max(page, 1), pages)
    following = page % pages + 1
    shown = _in_columns(buttons[(page - 1) * size : page * size])
    return (*shown, (turn(f"🌐 {following}/{pages} …", following),))


def _in_columns(buttons: Sequence[Button]) -> Keyboard:
    return tuple(tuple(buttons[at : at + COLUMNS]) for at in range(0, len(buttons), COLUMNS))


def label(tag: str) -> str:
    """Return the name of a language, marked if a machine translated its texts."""
    return f"{own_name(tag)} {MACHINE_MARK}" if _is_marked(tag) else own_name(tag)


def typed(context: Context, text: str) -> str | None:
    """Return the language whose own name, or tag, somebody typed; None if there is none."""
    wanted = word_lists.fold(text)
    for tag in choices(context):
        if wanted in (word_lists.fold(own_name(tag)), tag.casefold()):
            return tag
    return None


def _is_marked(tag: str) -> bool:
    """Whether the bot's own texts are a machine's. Languages of the campaign alone have none."""
    return tag in offered() and not is_reviewed(tag)
