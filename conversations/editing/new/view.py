"""What the dialogue about a new campaign shows: text and buttons of each page."""

from collections import Counter
from collections.abc import Iterator, Sequence

from conversations.core.buttons.new_campaign import NewAction, NewCampaignButton
from conversations.core.context import Context
from conversations.core.paging import in_rows
from conversations.core.replies import Button, Keyboard, PersistentButton, Say
from conversations.editing.new.files import language_of
from conversations.editing.new.questions import (
    Question,
    open_question,
    questions_of,
    suggestions,
)
from conversations.editing.new.state import NewCampaign, Page, Run
from conversations.folder.new_campaign import Template
from conversations.folder.page_import.page_parts import Part, Placed, Reason
from conversations.text.html import Html, escape
from conversations.text.languages import own_name
from conversations.text.wording import raw

MAX_PART_LINE = 100
"""How many characters of a part the list of all parts shows."""

MAX_PART = 900
"""How many characters of a part are shown by itself."""

MAX_LABEL = 40
"""How many characters a button shows: about what a phone has room for."""

_MAX_NOTICE = 60
_PAGE_PARTS = tuple(part for part in Part if part is not Part.LEFT_OUT)


def button(
    context: Context, key: str, action: NewAction, at: int = 0, value: str = ""
) -> PersistentButton:
    """Return a button of the dialogue."""
    return PersistentButton(context.wording.label(key), NewCampaignButton(action, at, value))


def cancel(context: Context) -> PersistentButton:
    """Return the button that ends the dialogue."""
    return button(context, "button.cancel", NewAction.CANCEL)


def page(context: Context, state: NewCampaign) -> Say:
    """Return the page that a state of the dialogue shows, apart from READY."""
    match state.page:
        case Page.BEGIN:
            return _begin(context)
        case Page.MORE:
            return _more(context, state)
        case Page.PARTS:
            return _parts(context, state)
        case Page.PART:
            return _part(context, state)
        case Page.MOVE:
            return _move(context, state)
        case _:
            return _question(context, state)


# --- the page -------------------------------------------------------------------------------------


def _begin(context: Context) -> Say:
    templates = tuple(
        (button(context, f"button.new_from_{each}", NewAction.TEMPLATE, value=each),)
        for each in Template
    )
    return Say(context.wording.say("new.begin"), (*templates, (cancel(context),)))


def _more(context: Context, state: NewCampaign) -> Say:
    text = context.wording.say("new.more", count=len(state.text))
    sent = button(context, "button.new_sent", NewAction.ALL_SENT, len(state.text))
    return Say(text, ((sent,), (cancel(context),)))


def _parts(context: Context, state: NewCampaign) -> Say:
    """Return all parts of the page, each in a line."""
    wording = context.wording
    lines = [Html(f"{_title_of_parts(context, state)}\n")]
    for part in _PAGE_PARTS:
        found = [each for each in state.placed if each.part is part]
        if found:
            name = wording.label(f"new.part_{part}")
            lines.append(wording.say("new.part_line", part=name, text=_line(found)))
    if missing := [wording.label(f"new.part_{each}") for each in _missing(state)]:
        lines.append(wording.say("new.missing", parts=", ".join(missing)))
    left_out = "\n".join(_left_out(context, state))
    text = "\n\n".join(each for each in ("\n".join(lines), left_out) if each)
    buttons = (
        (button(context, "button.new_fine", NewAction.ALL_RIGHT),),
        (button(context, "button.new_check", NewAction.CHECK),),
        (cancel(context),),
    )
    return Say(Html(text), buttons)


def _title_of_parts(context: Context, state: NewCampaign) -> Html:
    if not state.language:
        return context.wording.say("new.parts_no_language")
    return context.wording.say("new.parts", language=own_name(language_of(state)))


def _missing(state: NewCampaign) -> Iterator[Part]:
    """Yield the parts that are asked for because the page lacks them."""
    asked = {each.key for each in questions_of(state)}
    yield from (part for part in _PAGE_PARTS if part in asked)


def _line(found: Sequence[Placed]) -> str:
    """Return the beginning of a part, and how many paragraphs follow."""
    text = _short(found[0].paragraph.text, MAX_PART_LINE)
    return f"{text} (+{len(found) - 1})" if len(found) > 1 else text


def _left_out(context: Context, state: NewCampaign) -> Iterator[Html]:
    """Yield what is left out: notices with what replaces them, the rest as numbers."""
    wording = context.wording
    left_out = [each for each in state.placed if each.part is Part.LEFT_OUT]
    if notices := [each.paragraph.text for each in left_out if each.reason is Reason.NOTICE]:
        first = _short(max(notices, key=len), _MAX_NOTICE)
        yield wording.say("new.notices", count=len(notices), text=first)
    counts = Counter(each.reason for each in left_out if each.reason is not Reason.NOTICE)
    if counts:
        reasons = [
            wording.label(f"new.left_out_{reason}", count=count) for reason, count in counts.items()
        ]
        yield wording.say("new.left_out", reasons=", ".join(reasons))


def _part(context: Context, state: NewCampaign) -> Say:
    """Return one part, and ask whether it is right."""
    run = state.run_at(state.at)
    if run is None:
        return _parts(context, state)
    wording = context.wording
    is_left_out = run.part is Part.LEFT_OUT
    name = wording.label(f"new.part_{run.part}")
    why = wording.label(f"new.why_{run.reason}")
    text = wording.say(
        "new.part",
        number=run.end,
        of=len(state.placed),
        part=name,
        why=why,
        text=raw(_quote(state, run)),
    )
    if is_left_out and run.reason is Reason.NOTICE:
        return Say(text, _notice_buttons(context, run))
    first = [
        button(context, "button.new_right", NewAction.RIGHT, run.start),
        button(context, "button.new_move", NewAction.ASK_MOVE, run.start),
    ]
    second = []
    if not is_left_out:
        leave = Part.LEFT_OUT.value
        second.append(button(context, "button.new_leave", NewAction.MOVE, run.start, leave))
    if run.end - run.start > 1:
        second.append(button(context, "button.new_single", NewAction.ONE_BY_ONE, run.start))
    parts = button(context, "button.new_parts", NewAction.PARTS)
    return Say(text, tuple(tuple(row) for row in (first, second, [parts]) if row))


def _notice_buttons(context: Context, run: Run) -> Keyboard:
    """Return the buttons below a part that is never imported."""
    go_on = button(context, "button.new_next", NewAction.RIGHT, run.start)
    return ((go_on,), (button(context, "button.new_parts", NewAction.PARTS),))


def _move(context: Context, state: NewCampaign) -> Say:
    """Return one part, and ask where it belongs."""
    run = state.run_at(state.at)
    if run is None:
        return _parts(context, state)
    text = context.wording.say("new.move", text=raw(_quote(state, run)))
    buttons: list[Button] = [
        button(context, f"new.part_{part}", NewAction.MOVE, run.start, part.value)
        for part in _PAGE_PARTS
        if part is not run.part
    ]
    back = button(context, "button.back", NewAction.PARTS, run.start, "part")
    return Say(text, (*in_rows(buttons, 2), (back,)))


def _quote(state: NewCampaign, run: Run) -> Html:
    """Return the text of a part as a quote, without what there is no room for."""
    texts = [each.paragraph.text for each in state.placed[run.start : run.end]]
    whole = _short("\n".join(texts), MAX_PART)
    return Html(f"<blockquote>{escape(whole)}</blockquote>")


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


# --- the questions --------------------------------------------------------------------------------


def _question(context: Context, state: NewCampaign) -> Say:
    asked = open_question(state)
    if asked is None:
        raise ValueError("all questions are answered")
    number, of = _position(state, asked)
    text = context.wording.say(f"new.ask_{asked.key}")
    position = context.wording.say("new.position", number=number, of=of)
    found = suggestions(context, state, asked)
    rows: list[tuple[Button, ...]] = []
    for at, each in enumerate(found):
        data = NewCampaignButton(NewAction.ANSWER, number, str(at))
        rows.append((PersistentButton(_short(each.label, MAX_LABEL), data),))
    ways = [button(context, "button.back", NewAction.BACK, number)]
    if asked.can_wait:
        ways.insert(0, button(context, "button.new_later", NewAction.LATER, number))
    return Say(Html(f"{position} {text}"), (*rows, (*ways, cancel(context))))


def _position(state: NewCampaign, asked: Question) -> tuple[int, int]:
    """Return the number of a question, from 1, and how many there are."""
    needed = questions_of(state)
    return needed.index(asked) + 1, len(needed)


def number_of(state: NewCampaign) -> int:
    """Return the number of the question that is asked now; 0 if there is none."""
    asked = open_question(state)
    return _position(state, asked)[0] if asked else 0
