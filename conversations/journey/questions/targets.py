"""To whom do you want to write? Asked where a campaign lets supporters choose."""

from collections.abc import Sequence
from dataclasses import replace

from conversations.core.buttons.journey import (
    Back,
    Cancel,
    EndTargetSearch,
    FinishTargets,
    ListTargets,
    TickTarget,
)
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.paging import in_rows, items_of, turning
from conversations.core.replies import Ask, Button, Keyboard, Reply, TurnButton
from conversations.core.turns import toast
from conversations.journey.flow import own_questions
from conversations.journey.flow.question import Question, returns_to_change, with_note
from conversations.journey.flow.transitions import amend, ask_again, forward
from conversations.journey.letters.recipients import (
    candidates,
    chosen,
    exempt_places,
    possible,
    recipients,
    search,
)
from conversations.model.campaigns.targets import Target
from conversations.model.journey import Answers, Place, Step
from conversations.text.html import Html, escape

_ROOM, _ROOM_IN_SEARCH = 5, 4
"""How many buttons of a page are targets, or turn the page: those below need room too."""

MAX_SEARCH = 60
"""How many characters of a typed name are used."""


class TargetsQuestion(Question):
    """Offer the targets as a list to tick, with pages and a search."""

    step = Step.TARGETS
    back = Step.ADDRESS
    change_button = "button.targets"

    def is_missing(self, context: Context) -> bool:
        """Return whether nobody is chosen, or there is nobody to choose."""
        return not context.journey.corrects and not recipients(context)

    def is_changeable(self, context: Context) -> bool:
        """Return whether the supporter has a choice."""
        return _most(context) < possible(context)

    def back_to(self, context: Context) -> Place | None:
        """Return the question whose answer decides who is listed."""
        if returns_to_change(context):
            return Step.CHANGE
        decides = own_questions.place(context, context.campaign.targets_by)
        if decides or not context.campaign.index.differ_by_country:
            return decides or self.back
        return Step.COUNTRY

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """List the targets of the page that is open."""
        wording, found = context.wording, _listed(context)
        if not possible(context):
            key = "targets.exempt" if candidates(context) else "targets.none"
            return (Ask(with_note(note, wording.say(key)), context.ways_out()),)
        ticked = _names(context, _ticked(context))
        most = _most(context)
        text = wording.say("targets.ask" if most > 1 else "targets.ask_one", count=most)
        if ticked:
            text = Html(f"{text}\n\n{wording.say('targets.chosen', names=ticked)}")
        return (Ask(with_note(note, text), (*_page(context, found), *_below(context))),)

    def typed(self, context: Context, text: str) -> Turn | None:
        """Tick the target that the text means, or list those whose names contain it."""
        answers, text = context.journey.answers, text.strip()[:MAX_SEARCH]
        wanted = text.casefold()
        match found := _named(context, wanted):
            case []:
                return ask_again(context, context.wording.say("targets.unknown", text=text))
            case [one]:
                searched = _with(context, replace(answers, targets_search="", targets_page=1))
                return _tick(searched, candidates(context)[one].id, typed=True)
            case _:
                searched = _with(context, replace(answers, targets_search=wanted, targets_page=1))
                return ask_again(searched, context.wording.say("targets.found", count=len(found)))

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Tick a target, turn the page, or go on."""
        answers = context.journey.answers
        match button:
            case TickTarget(place) if 0 <= place < len(candidates(context)):
                target = candidates(context)[place].id
                if target in context.exempt:
                    return amend(context, Step.TARGETS)
                return _tick(context, target)
            case ListTargets(page):
                return amend(_with(context, replace(answers, targets_page=page)), Step.TARGETS)
            case EndTargetSearch():
                shown = replace(answers, targets_search="", targets_page=1)
                return amend(_with(context, shown), Step.TARGETS)
            case FinishTargets() if recipients(context):
                return forward(context, replace(answers, targets_search="", targets_page=1))
            case _:
                return None


def _tick(context: Context, target: str, *, typed: bool = False) -> Turn:
    """Choose a target, or no longer; of one that is chosen instead of another, only that one."""
    most, ids = _most(context), tuple(each.id for each in _ticked(context))
    if target in ids:
        ids = tuple(each for each in ids if each != target)
    elif most == 1:
        ids = (target,)
    elif len(ids) >= most:
        if typed:
            return ask_again(context, context.wording.say("targets.full", count=most))
        return toast(context, "targets.full", alert=True, count=most)
    else:
        ids = (*ids, target)
    ticked = _with(context, replace(context.journey.answers, chosen=ids))
    if not typed:
        return amend(ticked, Step.TARGETS)
    name = context.campaign.index.by_id[target].name_in(context.wording.reads)
    return ask_again(ticked, Html(f"{escape(name)}."))


def _most(context: Context) -> int:
    most = context.campaign.write_to
    return most if isinstance(most, int) else possible(context)


def _with(context: Context, answers: Answers) -> Context:
    return context.within(replace(context.journey, answers=answers))


def _ticked(context: Context) -> Sequence[Target]:
    """Return the targets that are chosen and can still be written to."""
    still = {each.id: each for each in chosen(context)}
    if not still:
        return []
    ticked = context.journey.answers.chosen
    return [still[each] for each in ticked if each in still][: _most(context)]


def _listed(context: Context) -> Sequence[int]:
    """Return the places among all of the targets that the search has, or of all.

    Exempt ones keep their places, so that no button means another target.
    """
    searched = context.journey.answers.targets_search
    if searched:
        return _named(context, searched)
    return _without_exempt(context, range(len(candidates(context))))


def _named(context: Context, wanted: str) -> list[int]:
    """Return the places among all of the targets whose names have these letters."""
    return [*_without_exempt(context, search(context, wanted))]


def _without_exempt(context: Context, places: Sequence[int]) -> Sequence[int]:
    exempt = exempt_places(context)
    return [each for each in places if each not in exempt] if exempt else places


def _page(context: Context, found: Sequence[int]) -> Keyboard:
    """Return the buttons of the page that is open; the others are not made."""
    answers = context.journey.answers
    room = _ROOM_IN_SEARCH if answers.targets_search else _ROOM
    shown = _buttons(context, items_of(found, answers.targets_page, room))

    def turn(other: int, pages: int) -> TurnButton:
        return TurnButton(f"{other}/{pages} …", ListTargets(other))

    return (*in_rows(shown, 1), *turning(found, answers.targets_page, turn, room))


def _buttons(context: Context, places: Sequence[int]) -> list[Button]:
    ticked = {each.id for each in _ticked(context)}
    every, reads = candidates(context), context.wording.reads
    shown = [(place, every[place]) for place in places]
    return [
        TurnButton(f"{'✓ ' if each.id in ticked else ''}{each.name_in(reads)}", TickTarget(place))
        for place, each in shown
    ]


def _below(context: Context) -> Keyboard:
    """Return the buttons under the list: to go on, and the way back."""
    press = context.press
    done = ((press("button.targets_done", FinishTargets()),),) if _ticked(context) else ()
    cancel = press("button.cancel", Cancel())
    if context.journey.answers.targets_search:
        return (*done, (press("button.targets_all", EndTargetSearch()), cancel))
    back = press("button.back", Back())
    return (*done, (back,)) if done else ((back, cancel),)


def _names(context: Context, targets: Sequence[Target]) -> str:
    return context.wording.all_of([each.name_in(context.wording.reads) for each in targets])
