"""The pages of the composer on which a campaigner chooses: audience, languages, buttons."""

from collections.abc import Callable

from conversations.broadcasts.audience_filter import ACTED, ALL_SUBSCRIBERS, SINCE_DAYS
from conversations.broadcasts.draft_context import DraftContext
from conversations.broadcasts.draft_facts import AudienceCountries, AudienceLanguages
from conversations.core.buttons.broadcasts import DraftAction
from conversations.core.paging import MAX_BUTTONS, in_rows, page_of, page_of_rows
from conversations.core.replies import Button, Keyboard, PersistentButton
from conversations.model.staff_inputs import DraftPage
from conversations.text import countries
from conversations.text.languages import own_name

CHOICES_PER_ROW = 3
"""How many short choices stand in a row."""

MAX_CHOICES = 30
"""How many choices all pages together offer."""

_ROOM = MAX_BUTTONS - 1
"""How many buttons a page has above Back."""


def audience(draft: DraftContext, page: DraftPage) -> Keyboard:
    """Return the choices of a page that stands under the summary. Raises FactMissing."""
    chosen = draft.broadcast.audience
    match page:
        case DraftPage.AUDIENCE:
            return (
                (go(draft, DraftPage.CAMPAIGN), go(draft, DraftPage.ACTED)),
                (go(draft, DraftPage.LANGUAGE), go(draft, DraftPage.COUNTRY)),
            )
        case DraftPage.EXTRAS:
            return ((go(draft, DraftPage.VERSION), go(draft, DraftPage.BUTTON)),)
        case DraftPage.CAMPAIGN:
            return _campaigns(draft)
        case DraftPage.ACTED:
            return _acted(draft)
        case DraftPage.LANGUAGE:
            tags = draft.context.fact(AudienceLanguages(chosen.scope))
            languages = [(tag, own_name(tag)) for tag in tags]
            choices = _choices(draft, DraftAction.LANGUAGE, languages, chosen.languages)
            return _page(draft, page, choices)
        case _:
            codes = draft.context.fact(AudienceCountries(chosen.scope))
            language = draft.context.journey.language
            named = [(code, countries.name(code, language)) for code in codes]
            choices = _choices(draft, DraftAction.COUNTRY, named, chosen.countries)
            return _page(draft, page, choices)


def go(draft: DraftContext, page: DraftPage) -> PersistentButton:
    """Return the button that opens another page."""
    return draft.button(f"button.compose_{page}", DraftAction.GO, page)


def versions(draft: DraftContext) -> Keyboard:
    """Return the languages in which a version can be written."""
    languages = [(tag, own_name(tag)) for tag in draft.languages]
    return _page(draft, DraftPage.VERSION, _choices(draft, DraftAction.WRITE, languages))


def buttons(draft: DraftContext) -> Keyboard:
    """Return the buttons that can be added to the broadcast.

    If it has buttons already, the last one removes them all.
    """
    label, title = draft.context.wording.label, draft.context.title
    choices = [
        draft.labelled(label(f"compose.{action}", title=title(slug)), action, slug)
        for slug in draft.context.deployment.campaigns
        for action in (DraftAction.ACT, DraftAction.SHARE)
    ]
    others = [draft.button("button.compose_link", DraftAction.GO, DraftPage.LINK)]
    if draft.broadcast.buttons:
        others.append(draft.button("button.compose_plain", DraftAction.NO_BUTTONS))
    turn = _turn(draft, DraftPage.BUTTON)
    shown = page_of(choices, draft.choices_page, 1, turn, _ROOM - len(others))
    return (*shown, *in_rows(others, 1))


def back(draft: DraftContext, *rows: tuple[Button, ...]) -> Keyboard:
    """Return the rows, and the button that leads back to the panel below them."""
    panel = draft.button("button.back", DraftAction.GO, DraftPage.PANEL)
    return (*(row for row in rows if row), (panel,))


def _campaigns(draft: DraftContext) -> Keyboard:
    label = draft.context.wording.label
    slugs = draft.context.deployment.campaigns
    titles = [(slug, draft.context.title(slug)) for slug in slugs]
    scopes = [*titles, (ALL_SUBSCRIBERS, label("compose.everyone"))]
    chosen = (draft.broadcast.audience.scope,)
    rows = in_rows(_choices(draft, DraftAction.SCOPE, scopes, chosen), 1)
    days = [(days, label(f"compose.days_{days}")) for days in SINCE_DAYS]
    since = in_rows(_choices(draft, DraftAction.SINCE, days), CHOICES_PER_ROW)
    turn = _turn(draft, DraftPage.CAMPAIGN)
    return page_of_rows((*rows, *since), draft.choices_page, turn, _ROOM)


def _acted(draft: DraftContext) -> Keyboard:
    label = draft.context.wording.label
    labels = [(each, label(f"compose.acted_{each}")) for each in ACTED]
    acted = draft.broadcast.audience.acted
    chosen = tuple(each for each, value in ACTED.items() if value is acted)
    return in_rows(_choices(draft, DraftAction.ACTED, labels, chosen), 1)


def _choices(
    draft: DraftContext,
    action: DraftAction,
    choices: list[tuple[str, str]],
    chosen: tuple[str, ...] = (),
) -> list[PersistentButton]:
    """Return a button for each choice (its value and its label); those `chosen` have a tick.

    The page stays where another choice can follow.
    """
    return [
        draft.labelled(
            f"✓ {label}" if value in chosen else label, action, value, draft.choices_page
        )
        for value, label in choices[:MAX_CHOICES]
    ]


def _page(draft: DraftContext, page: DraftPage, choices: list[PersistentButton]) -> Keyboard:
    """Return the short choices that `draft.choices_page` of a page of the composer shows."""
    return page_of(choices, draft.choices_page, CHOICES_PER_ROW, _turn(draft, page), _ROOM)


def _turn(draft: DraftContext, page: DraftPage) -> Callable[[int, int], PersistentButton]:
    """Return what makes the button that turns to other choices of a page of the composer."""
    more = draft.context.wording.label("button.more_choices")
    return lambda number, _: draft.labelled(more, DraftAction.GO, page, number)
