"""The settings of campaign.toml that can be edited in the chat: their keys, kinds and choices."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from conversations.model.campaigns.campaign import TargetDefaults
from conversations.model.campaigns.campaign_questions import QuestionKind


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


YES_NO = (True, False)

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
        Setting("public_counter", "public", Kind.CHOICE, choices=YES_NO),
        Setting("sources", "sources", Kind.WORDS, optional=True),
    ),
    "rules": (
        Setting("test", "test", Kind.CHOICE, choices=YES_NO),
        Setting("edits", "edits", Kind.CHOICE, choices=("add", "free", "none")),
        Setting("lock_demands", "lock", Kind.CHOICE, choices=YES_NO),
        Setting("identity", "from", Kind.CHOICE, choices=("relay", "author", "own")),
        Setting("reply_to", "reply", Kind.CHOICE, choices=("supporter", "organisation", "none")),
        Setting("forward", "forward", Kind.CHOICE, choices=("text", "full")),
        Setting("late_replies", "late", Kind.CHOICE, choices=("organisation", "none")),
        Setting("copies", "copies", Kind.CHOICE, choices=YES_NO),
        Setting("ask_after_days", "asked", Kind.NUMBER, optional=True),
        Setting("write_to", "write", Kind.NUMBER, optional=True, choices=("one", "all")),
        Setting("targets_by", "by", optional=True),
        Setting("allow_letters_in_other_peoples_names", "others", Kind.CHOICE, choices=YES_NO),
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
    Setting("required", "must", Kind.CHOICE, choices=YES_NO),
    Setting("before_address", "first", Kind.CHOICE, choices=YES_NO),
    Setting("consent", "consent", Kind.CHOICE, choices=YES_NO),
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

_BY_TABLE: Mapping[str, Mapping[str, Setting]] = {
    table: {each.key: each for each in found.values()}
    for table, found in (
        ("", ALL),
        ("targets", OF_TARGETS),
        ("target_defaults", OF_DEFAULTS),
        ("questions", OF_QUESTIONS),
    )
}


def setting_of(table: str, key: str) -> Setting | None:
    """Return the setting of a key in a table of campaign.toml; "" is the top of the file."""
    return _BY_TABLE[table].get(key)
