"""Changes the audience of a broadcast, as a button says."""

from dataclasses import replace
from datetime import timedelta

from conversations.broadcasts.draft_context import DraftContext
from conversations.core.buttons.broadcasts import DraftAction
from conversations.model.broadcast import Audience

ALL_SUBSCRIBERS = "*"
"""The scope of all subscribers."""

ACTED = {"yes": True, "no": False, "any": None}
"""The values of the button that chooses by whether people acted."""

SINCE_DAYS = ("7", "30", "0")
"""The values of the button that chooses by when people subscribed; 0: at any time."""


def changed_audience(draft: DraftContext, action: DraftAction, value: str) -> Audience | None:
    """Return the audience after a press; None if the button doesn't change it that way.

    Pressing a language or a country again removes it.
    """
    audience, now = draft.broadcast.audience, draft.context.now
    campaigns = draft.context.deployment.campaigns
    match action:
        case DraftAction.SCOPE if value == ALL_SUBSCRIBERS or value in campaigns:
            return replace(audience, scope=value, languages=(), countries=())
        case DraftAction.ACTED if value in ACTED:
            return replace(audience, acted=ACTED[value])
        case DraftAction.LANGUAGE:
            return replace(audience, languages=_toggled(audience.languages, value))
        case DraftAction.COUNTRY:
            return replace(audience, countries=_toggled(audience.countries, value))
        case DraftAction.SINCE if value in SINCE_DAYS:
            since = now - timedelta(days=int(value)) if value != "0" else None
            return replace(audience, since=since)
        case _:
            return None


def _toggled(chosen: tuple[str, ...], value: str) -> tuple[str, ...]:
    if value in chosen:
        return tuple(each for each in chosen if each != value)
    return (*chosen, value)
