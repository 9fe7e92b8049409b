"""Where a chat's conversation stands: the journey, its steps, and the upgrade of saved ones."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from conversations.model.campaigns.campaign_questions import OwnAnswers
from conversations.model.staff_inputs import AdminInput, AwaitedInput, DraftPage, DraftPosition

VERSION = 1
"""The version of the JSON in which journeys are saved."""


class Step(StrEnum):
    """What the bot waits for. `conversations.router` draws how one leads to another."""

    IDLE = "idle"
    CHOOSE = "choose"
    WELCOME = "welcome"
    WARNING = "warning"
    NAME = "name"
    COUNTRY = "country"
    COUNTRY_CHECK = "country_check"
    AT_RISK = "at_risk"
    OWN_BEFORE = "own_before"
    ADDRESS = "address"
    ADDRESS_CHECK = "address_check"
    CODE = "code"
    BOUNCED = "bounced"
    OWN_AFTER = "own_after"
    TARGETS = "targets"
    REVIEW = "review"
    OWN_WORDS = "own_words"
    REWRITE = "rewrite"
    CHANGE = "change"
    SUBJECT = "subject"
    SENT = "sent"


@dataclass(frozen=True)
class OwnStep:
    """A step at which one of the campaign's own questions is asked."""

    step: Step
    """OWN_BEFORE or OWN_AFTER: before the email address, or after it."""

    question: str
    """The question's id."""


Place = Step | OwnStep
"""Where a journey can go."""


MAX_TYPED_MESSAGES = 50
"""How many messages of a discreet conversation are remembered to be deleted at the next answer, in
case that they were not before.
"""

UNDER_WAY = frozenset(Step) - {Step.IDLE, Step.CHOOSE, Step.WELCOME, Step.WARNING, Step.SENT}
"""The steps at which answers were given that would be lost."""

IN_CAMPAIGN = UNDER_WAY | {Step.WELCOME, Step.WARNING}
"""The steps whose questions belong to a campaign."""


class Aside(StrEnum):
    """A question that interrupts the step and then returns to it."""

    SWITCH = "switch"
    FORGET = "forget"
    RESUME = "resume"
    LANGUAGE = "language"
    DISCREET = "discreet"


@dataclass(frozen=True)
class Reviewed:
    """What the review showed, so that Send agrees to exactly that."""

    letter: str
    """The digest of the letter."""

    notice: str
    """The digest of the privacy notice and the agreement."""

    message_token: str
    """Random hex that becomes the letter's Message-ID. The same letter keeps it."""

    is_first: bool = field(default=False, compare=False)
    """Whether this is the first review of the journey."""


@dataclass(frozen=True)
class Answers:
    """What the supporter answered so far."""

    warned: tuple[str, ...] = ()
    """The countries at risk of which the supporter has read in the warning before the questions
    (ISO 3166-1 alpha-2).
    """

    named: tuple[str, ...] = ()
    """The countries that this warning names, while it is open."""

    name: str = ""

    country: str = ""
    """The country's code (ISO 3166-1 alpha-2)."""

    candidates: tuple[str, ...] = ()
    """The countries that the typed text may mean, until the supporter says which."""

    risk_accepted: bool = False
    """Whether the supporter goes on in spite of the warning about this country."""

    address: str = ""
    """The email address."""

    typed: str = ""
    """The address that was typed, while another is suggested, or after its code came back."""

    suggested: str = ""
    """The address that is suggested instead."""

    proved: bool = False
    """Whether a code showed that the address is the supporter's."""

    own_words: str = ""

    rewritten: str | None = None
    """The letter as the supporter rewrote it; None for the campaign's."""

    subject: str | None = None
    """The subject that the supporter chose; None for the drawn one."""

    hides_address: bool = False
    """Whether the target shall not see the address."""

    draw: int = 0
    """Random number that picks one of the campaign's letters and subjects."""

    own: OwnAnswers = ()
    """The answers to the campaign's own questions."""

    chosen: tuple[str, ...] = ()
    """The ids of the targets that the supporter chose."""

    targets_page: int = 1
    """The page of the list of targets that is open."""

    targets_search: str = ""
    """What the names in that list contain."""


@dataclass(frozen=True)
class Journey:
    """One chat's conversation."""

    id: str
    """32 hexadecimal digits. A new journey in the same chat has a new id."""

    language: str
    """The language's tag (BCP 47)."""

    turn: int = 0
    """How many answers the chat has had."""

    asked: int = 0
    """The turn of the prompt that is open; 0 if none is. Its buttons carry `id` and `asked`."""

    step: Step = Step.IDLE
    """What the bot waits for."""

    question: str = ""
    """With OWN_BEFORE and OWN_AFTER, the id of the campaign's own question that is asked."""

    aside: Aside | None = None
    """The question that interrupts the step."""

    aside_campaign: str = ""
    """With Aside.SWITCH, the campaign to switch to."""

    aside_source: str = ""
    """With Aside.SWITCH, the source of its link."""

    campaign: str = ""
    """The campaign's slug; "" outside of campaigns."""

    source: str = ""
    """The source of the deep link, as it is counted."""

    answers: Answers = field(default_factory=Answers)

    reviewed: Reviewed | None = None
    """What the review showed last."""

    action: str = ""
    """The id of the action that was sent."""

    reached: str = ""
    """The last stage of the funnel that was counted."""

    reminds: str = ""
    """The id of the target that gets a reminder, since it did not answer the first letter; "" while
    the first letter is written.
    """

    corrects: str = ""
    """The id of an action whose copy came back: only its address is asked again."""

    composing: DraftPosition | None = None
    """The page of the composer that is open in a campaigner's chat."""

    awaits: AwaitedInput | None = None
    """What an admin is asked to type; None if nothing is."""

    clear_after: int = 0
    """How many hours after its letter was sent a discreet chat is cleared; 0 if not discreet."""

    typed: tuple[int, ...] = ()
    """The ids of the supporter's last messages in a discreet conversation. They are deleted."""

    asks: tuple[str, ...] = ()
    """The keys of the numbered questions asked so far (`journey.flow.step_numbers`)."""

    misunderstood: int = 0
    """How many answers in a row the open question could not use."""

    panel: str = ""
    """The command whose buttons staff saw last; "" once the supporter's conversation goes on."""

    @property
    def place(self) -> Place:
        """What the bot waits for, with the campaign's own question."""
        return OwnStep(self.step, self.question) if self.question else self.step

    @property
    def is_discreet(self) -> bool:
        """Whether the conversation shall leave no traces in the chat."""
        return self.clear_after > 0

    def with_typed(self, message: int) -> "Journey":
        """Return this journey with the id of a message that is to be deleted."""
        return replace(self, typed=(*self.typed, message)[-MAX_TYPED_MESSAGES:])

    def awaiting(self, what: AwaitedInput | None) -> "Journey":
        """Return this journey while an admin types `what`. The composer then is no longer open."""
        return replace(self, awaits=what, composing=None if what else self.composing)

    def without_aside(self) -> "Journey":
        """Return this journey after the question that interrupted it."""
        if self.aside is None:
            return self
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
        "awaits": dict(vars(journey.awaits)) if journey.awaits else None,
    }
    return {"version": VERSION, **vars(journey), **nested}


def load(saved: dict[str, Any]) -> Journey:
    """Return the journey saved by this version or an older one.

    Raises NewerVersion for one saved by a newer version.
    """
    version = saved["version"]
    if version > VERSION:
        raise NewerVersion
    for upgrade in UPGRADES[version - 1 :]:
        saved = upgrade(saved)
    values = {key: value for key, value in saved.items() if key != "version"}
    answers = dict(values.pop("answers"))
    for name in ("warned", "named", "candidates"):
        answers[name] = tuple(answers[name])
    answers["chosen"] = tuple(answers.get("chosen", ()))
    answers["own"] = tuple((question, value) for question, value in answers.get("own", ()))
    reviewed = values.pop("reviewed")
    aside = values.pop("aside")
    composing = values.pop("composing", None)
    if composing:
        composing = DraftPosition(**{**composing, "page": DraftPage(composing["page"])})
    awaits = values.pop("awaits", None)
    if awaits:
        awaits = AwaitedInput(**{**awaits, "kind": AdminInput(awaits["kind"])})
    return Journey(
        **{
            **values,
            "step": Step(values["step"]),
            "typed": tuple(values.get("typed", ())),
            "asks": tuple(values.get("asks", ())),
        },
        aside=Aside(aside) if aside else None,
        answers=Answers(**answers),
        reviewed=Reviewed(**reviewed) if reviewed else None,
        composing=composing,
        awaits=awaits,
    )


UPGRADES: tuple[Any, ...] = ()
"""The functions that turn the JSON of each version into that of the next one, in order."""
