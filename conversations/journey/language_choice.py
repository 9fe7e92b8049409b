"""The choice of a language, each under its own name."""

from collections.abc import Callable, Iterable

from conversations.core.context import Context
from conversations.core.paging import MAX_BUTTONS, page_of
from conversations.core.replies import Button, Keyboard
from conversations.model.campaigns import spoken
from conversations.text import word_lists
from conversations.text.html import Html
from conversations.text.languages import is_reviewed, offered, own_name

COLUMNS = 2
MACHINE_MARK = "*"
"""Stands behind the name of a language whose texts no native speaker has checked."""


def choices(context: Context) -> tuple[str, ...]:
    """Return the languages that the campaign and the bot can speak."""
    return spoken.choices(context.deployment.campaigns.get(context.journey.campaign))


def question(context: Context) -> Html:
    """Return the question, and what the mark behind a name means."""
    return with_mark_explained(context, context.wording.say("language.ask"), choices(context))


def with_mark_explained(context: Context, text: Html, tags: Iterable[str]) -> Html:
    """Return `text` over what the mark behind a name means, if one of the languages has it."""
    if not any(_is_marked(tag) for tag in tags):
        return text
    return Html(f"{text}\n\n{context.wording.say('language.machine', mark=MACHINE_MARK)}")


def keyboard(
    context: Context,
    button: Callable[[str, str], Button],
    turn: Callable[[str, int], Button],
    page: int = 1,
    room: int = MAX_BUTTONS,
) -> Keyboard:
    """Return the names in two columns, with at most `room` buttons on a page.

    `button` makes one from a label and a tag, `turn` the one that leads to another page from a
    label and its number. That label has no words: the reader may not know the language.
    """
    buttons = [button(label(tag), tag) for tag in choices(context)]

    def turn_to(number: int, pages: int) -> Button:
        return turn(f"🌐 {number}/{pages} …", number)

    return page_of(buttons, page, COLUMNS, turn_to, room)


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
