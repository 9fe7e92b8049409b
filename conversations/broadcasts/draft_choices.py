"""The pages of the composer on which a campaigner chooses: audience, languages, buttons."""

from conversations.broadcasts.audience_filter import ACTED, ALL_SUBSCRIBERS, SINCE_DAYS
from conversations.broadcasts.draft_context import DraftContext
from conversations.broadcasts.draft_facts import AudienceCountries, AudienceLanguages
from conversations.core.buttons.broadcasts import DraftAction
from conversations.core.replies import Button, Keyboard, PersistentButton
from conversations.model.journey import DraftPage
from conversations.text import countries
from conversations.text.languages import own_name

CHOICES_PER_ROW = 3
"""How many short choices stand in a row."""

MAX_CHOICES = 30
"""How many choices a page offers."""


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
            return _choices(draft, DraftAction.LANGUAGE, languages, chosen.languages)
        case _:
            codes = draft.context.fact(AudienceCountries(chosen.scope))
            language = draft.context.journey.language
            named = [(code, countries.name(code, language)) for code in codes]
            return _choices(draft, DraftAction.COUNTRY, named, chosen.countries)


def go(draft: DraftContext, page: DraftPage) -> PersistentButton:
    """Return the button that opens another page."""
    return draft.button(f"button.compose_{page}", DraftAction.GO, page)


def versions(draft: DraftContext) -> Keyboard:
    """Return the languages in which a version can be written."""
    languages = [(tag, own_name(tag)) for tag in draft.languages]
    return _choices(draft, DraftAction.WRITE, languages)


def buttons(draft: DraftContext) -> Keyboard:
    """Return the buttons that can be added to the broadcast.

    If it has buttons already, the last one removes them all.
    """
    label, title = draft.context.wording.label, draft.context.title
    rows = tuple(
        (draft.labelled(label(f"compose.{action}", title=title(slug)), action, slug),)
        for slug in draft.context.deployment.campaigns
        for action in (DraftAction.ACT, DraftAction.SHARE)
    )
    link = (draft.button("button.compose_link", DraftAction.GO, DraftPage.LINK),)
    if not draft.broadcast.buttons:
        return (*rows, link)
    return (*rows, link, (draft.button("button.compose_plain", DraftAction.NO_BUTTONS),))


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
    rows = _choices(draft, DraftAction.SCOPE, scopes, chosen, per_row=1)
    days = [(days, label(f"compose.days_{days}")) for days in SINCE_DAYS]
    return (*rows, *_choices(draft, DraftAction.SINCE, days))


def _acted(draft: DraftContext) -> Keyboard:
    label = draft.context.wording.label
    labels = [(each, label(f"compose.acted_{each}")) for each in ACTED]
    acted = draft.broadcast.audience.acted
    chosen = tuple(each for each, value in ACTED.items() if value is acted)
    return _choices(draft, DraftAction.ACTED, labels, chosen, per_row=1)


def _choices(
    draft: DraftContext,
    action: DraftAction,
    choices: list[tuple[str, str]],
    chosen: tuple[str, ...] = (),
    *,
    per_row: int = CHOICES_PER_ROW,
) -> Keyboard:
    """Return a button for each choice (its value and its label); those `chosen` have a tick."""
    buttons = [
        draft.labelled(f"✓ {label}" if value in chosen else label, action, value)
        for value, label in choices[:MAX_CHOICES]
    ]
    return tuple(tuple(buttons[i : i + per_row]) for i in range(0, len(buttons), per_row))
