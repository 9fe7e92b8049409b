"""Where a supporter stands: the journey, its steps, and the upgrade of older ones."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

VERSION = 1


class Step(StrEnum):
    """What the bot waits for. `supporter` draws how one leads to another."""

    IDLE = "idle"
    CHOOSE = "choose"
    WELCOME = "welcome"
    NAME = "name"
    COUNTRY = "country"
    COUNTRY_CHECK = "country_check"
    AT_RISK = "at_risk"
    ADDRESS = "address"
    ADDRESS_CHECK = "address_check"
    CODE = "code"
    BOUNCED = "bounced"
    REVIEW = "review"
    OWN_WORDS = "own_words"
    REWRITE = "rewrite"
    CHANGE = "change"
    SUBJECT = "subject"
    SENT = "sent"


UNDER_WAY = frozenset(Step) - {Step.IDLE, Step.CHOOSE, Step.WELCOME, Step.SENT}
"""The steps at which answers were given that would be lost."""

IN_CAMPAIGN = UNDER_WAY | {Step.WELCOME}
"""The steps whose questions belong to a campaign."""


class Aside(StrEnum):
    """A question that interrupts the step and then gives it back."""

    SWITCH = "switch"
    FORGET = "forget"
    RESUME = "resume"
    LANGUAGE = "language"


@dataclass(frozen=True)
class Reviewed:
    """What stood in the review, so that Send is a consent to exactly that."""

    letter: str
    notice: str
    message_token: str


@dataclass(frozen=True)
class Answers:
    """What the supporter gave. `candidates`, `typed` and `suggested` wait for a yes."""

    name: str = ""
    country: str = ""
    candidates: tuple[str, ...] = ()
    risk_accepted: bool = False
    address: str = ""
    typed: str = ""
    suggested: str = ""
    proved: bool = False
    own_words: str = ""
    rewritten: str | None = None
    subject: str | None = None
    draw: int = 0


class DraftPage(StrEnum):
    """What the composer of an update shows. `composer` draws how one leads to another."""

    CONTENT = "content"
    PANEL = "panel"
    CAMPAIGN = "campaign"
    ACTED = "acted"
    LANGUAGE = "language"
    COUNTRY = "country"
    VERSION = "version"
    BUTTON = "button"
    LINK = "link"
    ZONE = "zone"
    LATER = "later"
    CONFIRM = "confirm"
    COST = "cost"


@dataclass(frozen=True)
class DraftPosition:
    """Where a campaigner stands in an update of theirs, whose content is a row of its own.

    `language` is that of the version whose content is awaited; `album` the media group whose parts
    are arriving. `about` is an update that was confirmed and waits, where it is about that one.
    """

    page: DraftPage
    language: str = ""
    album: str = ""
    about: str = ""


@dataclass(frozen=True)
class Journey:
    """One chat's conversation.

    `turn` counts the answers given. `asked` is the turn of the prompt that stands open, 0 where
    none does: its buttons carry `id` and `asked`. `reached` is the last stage that was counted.
    `mends` is an action whose copy came back, where only the address is asked for anew.
    `composing` is set while a campaigner's update has the floor, or may have it again; `awaits`
    while an admin is to type something: the name of a source, or the code of a letter.
    """

    id: str
    language: str
    turn: int = 0
    asked: int = 0
    step: Step = Step.IDLE
    aside: Aside | None = None
    aside_campaign: str = ""
    aside_source: str = ""
    campaign: str = ""
    source: str = ""
    answers: Answers = field(default_factory=Answers)
    reviewed: Reviewed | None = None
    action: str = ""
    reached: str = ""
    mends: str = ""
    composing: DraftPosition | None = None
    awaits: str = ""

    def awaiting(self, what: str) -> "Journey":
        """Return this journey while an admin types `what`; the composer has the floor no more."""
        return replace(self, awaits=what, composing=None if what else self.composing)

    def without_aside(self) -> "Journey":
        """Return this journey after the question that interrupted it."""
        return replace(self, aside=None, aside_campaign="", aside_source="")

    def at(self, step: Step) -> "Journey":
        """Return this journey at `step`."""
        return replace(self, step=step)


class NewerVersion(Exception):
    """The journey was saved by a newer version of the bot, which will answer it."""


def dump(journey: Journey) -> dict[str, Any]:
    """Return `journey` as JSON values, with the version of their shape."""
    reviewed = journey.reviewed
    nested = {
        "answers": dict(vars(journey.answers)),
        "reviewed": dict(vars(reviewed)) if reviewed else None,
        "composing": dict(vars(journey.composing)) if journey.composing else None,
    }
    return {"version": VERSION, **vars(journey), **nested}


def load(saved: dict[str, Any]) -> Journey:
    """Return the journey saved by this version or an older one.

    Raises FromTheFuture for one saved by a newer version.
    """
    version = saved["version"]
    if version > VERSION:
        raise NewerVersion
    for upgrade in UPGRADES[version - 1 :]:
        saved = upgrade(saved)
    values = {key: value for key, value in saved.items() if key != "version"}
    answers = dict(values.pop("answers"))
    answers["candidates"] = tuple(answers["candidates"])
    reviewed = values.pop("reviewed")
    aside = values.pop("aside")
    composing = values.pop("composing", None)
    if composing:
        composing = DraftPosition(**{**composing, "page": DraftPage(composing["page"])})
    return Journey(
        **{**values, "step": Step(values["step"])},
        aside=Aside(aside) if aside else None,
        answers=Answers(**answers),
        reviewed=Reviewed(**reviewed) if reviewed else None,
        composing=composing,
    )


UPGRADES: tuple[Any, ...] = ()
