"""The settings of campaign.toml that can be edited in the chat: how each is typed and shown."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum, auto
from typing import Any

from babel import UnknownLocaleError

from conversations.editing.draft import EditRefused
from conversations.folder.edits.toml_editing import Path
from conversations.model.campaigns.campaign import TargetDefaults
from conversations.model.campaigns.campaign_questions import QuestionKind
from conversations.text import countries
from conversations.text.languages import offered, own_name
from conversations.text.typed import times as typed_times


class Kind(Enum):
    """How a setting is typed."""

    TEXT = auto()
    NUMBER = auto()
    DAY = auto()
    MOMENT = auto()
    CHOICE = auto()
    COUNTRIES = auto()
    """Names or codes of countries, separated by commas."""
    COUNTRY = auto()
    LANGUAGES = auto()
    WORDS = auto()
    """Short names, separated by commas."""
    AREAS = auto()
    """Areas or beginnings of postcodes, separated by commas."""


@dataclass(frozen=True)
class Setting:
    """A key of campaign.toml."""

    key: str
    """The key, also that of a target. Its label in the catalogue is `edit.set_KEY`."""

    code: str
    """The short name in buttons. It never changes."""

    kind: Kind = Kind.TEXT

    optional: bool = False
    """Whether the file may lack it."""

    choices: tuple[str | bool, ...] = ()
    """What a CHOICE can be, or what a NUMBER can be instead."""

    said: str = ""
    """What follows `edit.is_` in the catalogue, before the value that is chosen."""


_YES_NO = (True, False)

GROUPS: Mapping[str, tuple[Setting, ...]] = {
    "who": (
        Setting("organisation", "org"),
        Setting("contact", "mail"),
        Setting("official_page", "page"),
        Setting("privacy_policy", "policy"),
    ),
    "time": (
        Setting("opens", "opens", Kind.MOMENT, optional=True),
        Setting("closes", "closes", Kind.MOMENT, optional=True),
        Setting("keep_until", "keep", Kind.DAY),
        Setting("settle_days", "settle", Kind.NUMBER, optional=True),
        Setting("undo_seconds", "undo", Kind.NUMBER, optional=True),
        Setting("archive", "archive", Kind.CHOICE, choices=("none", "sealed")),
        Setting("archive_key", "key", optional=True),
    ),
    "count": (
        Setting("goal", "goal", Kind.NUMBER, optional=True),
        Setting("goal_counts", "counts", Kind.CHOICE, choices=("letters", "people")),
        Setting("show_counter_from", "shown", Kind.NUMBER, optional=True),
        Setting("public_counter", "public", Kind.CHOICE, choices=_YES_NO),
        Setting("sources", "sources", Kind.WORDS, optional=True),
    ),
    "rules": (
        Setting("test", "test", Kind.CHOICE, choices=_YES_NO),
        Setting("edits", "edits", Kind.CHOICE, choices=("add", "free", "none")),
        Setting("lock_demands", "lock", Kind.CHOICE, choices=_YES_NO),
        Setting("identity", "from", Kind.CHOICE, choices=("relay", "author", "own")),
        Setting("reply_to", "reply", Kind.CHOICE, choices=("supporter", "organisation", "none")),
        Setting("forward", "forward", Kind.CHOICE, choices=("text", "full")),
        Setting("late_replies", "late", Kind.CHOICE, choices=("organisation", "none")),
        Setting("copies", "copies", Kind.CHOICE, choices=_YES_NO),
        Setting("ask_after_days", "asked", Kind.NUMBER, optional=True),
        Setting("write_to", "write", Kind.NUMBER, optional=True, choices=("one", "all")),
        Setting("targets_by", "by", optional=True),
        Setting("allow_letters_in_other_peoples_names", "others", Kind.CHOICE, choices=_YES_NO),
    ),
    "risk": (
        Setting("at_risk", "risk", Kind.COUNTRIES, optional=True),
        Setting("likely_countries", "likely", Kind.COUNTRIES, optional=True),
        Setting("discreet", "quiet", Kind.CHOICE, choices=("offer", "default", "off")),
        Setting("clear_after_hours", "clear", Kind.NUMBER, optional=True),
        Setting("accept_unreviewed", "unread", Kind.LANGUAGES, optional=True),
        Setting("fallback", "fallback", Kind.LANGUAGES, optional=True),
    ),
}
"""The settings by their groups, whose labels are `edit.group_NAME`."""

_KINDS_OF_TARGET = ("government", "company", "organisation")

TARGET: tuple[Setting, ...] = (
    Setting("address", "address"),
    Setting("name", "name"),
    Setting("country", "country", Kind.COUNTRY),
    Setting("kind", "kind", Kind.CHOICE, choices=_KINDS_OF_TARGET),
    Setting("languages", "reads", Kind.LANGUAGES),
    Setting("for_countries", "for", Kind.COUNTRIES, optional=True),
    Setting("areas", "areas", Kind.AREAS, optional=True),
    Setting("letters_per_hour", "pace", Kind.NUMBER, optional=True),
    Setting("hours", "hours", optional=True),
    Setting("time_zone", "zone", optional=True),
)
"""The settings of one target."""

DEFAULTS: tuple[Setting, ...] = tuple(
    replace(each, optional=True) for each in TARGET if each.key in TargetDefaults.model_fields
)
"""The settings of targets in `targets.csv` that have no column of their own."""

QUESTION: tuple[Setting, ...] = (
    Setting("label", "label"),
    Setting("text", "text"),
    Setting("purpose", "purpose"),
    Setting(
        "kind",
        "kind",
        Kind.CHOICE,
        choices=tuple(map(str, QuestionKind)),
        said="kind_",
    ),
    Setting("required", "must", Kind.CHOICE, choices=_YES_NO),
    Setting("before_address", "first", Kind.CHOICE, choices=_YES_NO),
    Setting("consent", "consent", Kind.CHOICE, choices=_YES_NO),
)
"""The settings of one of the campaign's own questions, besides the options."""

OPTION = Setting("option", "o")
"""An option of a question that is a choice."""

IN_LANGUAGES = frozenset(("name", "label", "text", "purpose", "option"))
"""The settings of targets and questions that have one value for each language."""

SINGLE = ("fallback",)
"""The settings of the kind LANGUAGES that have one language."""

ALL: Mapping[str, Setting] = {each.code: each for group in GROUPS.values() for each in group}
OF_TARGETS: Mapping[str, Setting] = {each.code: each for each in TARGET}
OF_DEFAULTS: Mapping[str, Setting] = {each.code: each for each in DEFAULTS}
OF_QUESTIONS: Mapping[str, Setting] = {each.code: each for each in QUESTION}

_SEPARATORS = re.compile(r"[,;\n、，]+")
_DIGITS = re.compile(r"\d{1,9}")


FindCountry = Callable[[str], tuple[str, ...]]
"""Returns the countries that a text names exactly."""


def read(
    setting: Setting, text: str, now: datetime, zone: str, language: str, find: FindCountry
) -> Any:
    """Return the value that was typed. Raises EditRefused, and what `find` raises.

    A time without a zone is one of `zone`. `language` is that of the person.
    """
    typed = " ".join(text.split())
    match setting.kind:
        case Kind.NUMBER:
            digits = re.sub(r"(?<=\d)[ .,'’_\u202f\u00a0](?=\d{3}(\D|$))", "", typed)
            if not _DIGITS.fullmatch(digits):
                raise EditRefused("edit.wrong_number")
            return int(digits)
        case Kind.DAY:
            return _day(typed, now, zone, language)
        case Kind.MOMENT:
            return _moment(typed, now, zone, language)
        case Kind.COUNTRIES:
            return tuple(dict.fromkeys(_country(each, find) for each in _parts(text)))
        case Kind.COUNTRY:
            return _country(typed, find)
        case Kind.LANGUAGES:
            found = tuple(dict.fromkeys(map(read_language, _parts(text))))
            if setting.key in SINGLE:
                return found[0] if found else ""
            return found
        case Kind.WORDS:
            return tuple(dict.fromkeys(each.lower() for each in _parts(text)))
        case Kind.AREAS:
            return tuple(dict.fromkeys(_parts(text)))
        case _:
            return typed


def read_language(text: str) -> str:
    """Return the tag of a language that was typed as its name or tag. Raises EditRefused."""
    typed = text.strip().casefold()
    for tag in offered():
        if typed in (tag.casefold(), own_name(tag).casefold()):
            return tag
    if re.fullmatch(r"[a-z]{2,3}(-[a-z]{4})?(-[a-z]{2})?", typed):
        language, *rest = typed.split("-")
        parts = (each.title() if len(each) == 4 else each.upper() for each in rest)
        tag = "-".join((language, *parts))
        with suppress(ValueError, UnknownLocaleError):
            own_name(tag)
            return tag
    raise EditRefused("edit.wrong_language", typed=text.strip()[:60])


def written(setting: Setting, value: Any) -> str:
    """Return a value as it would be typed; "" for none. A choice is its value in the file."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} {value.tzname() or ''}".strip()
    return str(value)


def path_in(block: Path, setting: Setting, language: str) -> Path:
    """Return the path of a setting of a target or question; texts have one for each language."""
    path = (*block, setting.key)
    return (*path, language) if setting.key in IN_LANGUAGES else path


def _parts(text: str) -> list[str]:
    return [each.strip() for each in _SEPARATORS.split(text) if each.strip()]


def _country(text: str, find: FindCountry) -> str:
    if text.upper() in countries.all_codes():
        return text.upper()
    found = find(text)
    if len(found) != 1:
        raise EditRefused("edit.wrong_country", typed=text[:60])
    return found[0]


def _day(text: str, now: datetime, zone: str, language: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    moment = typed_times.read_time(f"{text} 12:00", now, zone, language)
    if moment is None:
        raise EditRefused("edit.wrong_day")
    return moment.date()


def _moment(text: str, now: datetime, zone: str, language: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        found = typed_times.read_time(text, now, zone, language)
        if found is None:
            raise EditRefused("edit.wrong_time") from None
        return found
    return moment if moment.tzinfo else moment.replace(tzinfo=typed_times.zone(zone))
