"""Who of the subscribers gets an update, as a button narrows it."""

from dataclasses import replace
from datetime import timedelta

from conversations.broadcasts.draft_context import DraftContext
from conversations.model.broadcast import Audience


def narrowed(draft: DraftContext, kind: str, what: str) -> Audience | None:
    """Return the audience after a button; None for one that there is not.

    What is tapped again is lifted.
    """
    audience = draft.broadcast.audience
    match kind:
        case "scope" if what == "*" or what in draft.context.deployment.campaigns:
            return replace(audience, scope=what, languages=(), countries=())
        case "acted" if what in ("yes", "no", "any"):
            return replace(audience, acted={"yes": True, "no": False, "any": None}[what])
        case "lang":
            return replace(audience, languages=_toggled(audience.languages, what))
        case "country":
            return replace(audience, countries=_toggled(audience.countries, what))
        case "since" if what in ("7", "30", "0"):
            since = draft.context.now - timedelta(days=int(what)) if what != "0" else None
            return replace(audience, since=since)
        case _:
            return None


def _toggled(chosen: tuple[str, ...], what: str) -> tuple[str, ...]:
    if what in chosen:
        return tuple(each for each in chosen if each != what)
    return (*chosen, what)
