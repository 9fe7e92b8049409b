"""A campaign: the settings and texts of one folder, read by `conversations.folder.loading`."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, Strict

from conversations.model.campaigns.campaign_questions import OwnQuestion
from conversations.model.campaigns.campaign_values import (
    Country,
    FrozenModel,
    Language,
    Slug,
    WholeNumber,
)
from conversations.model.campaigns.target_index import TargetIndex
from conversations.model.campaigns.targets import Target
from conversations.text.html import Html
from conversations.text.languages import match

Identity = Literal["relay", "author", "own"]
ReplyTo = Literal["supporter", "organisation", "none"]


class Edits(StrEnum):
    """What supporters can change in the letter."""

    ADD = "add"
    NONE = "none"
    FREE = "free"


MAX_SETTLE_DAYS = 90
"""The most days for which a letter's details are kept after it was sent."""


class Notice(FrozenModel):
    """The privacy notice. Every part is required, so that consent is informed."""

    responsible: Html
    contact: Html
    recipient: Html
    kept: Html
    rights: Html
    minimum_age: Html


class Texts(FrozenModel):
    """A campaign's texts in one language. `Html` is rendered from Markdown, `str` is plain text."""

    label: str
    title: str
    story: Html
    more: Html | None = None
    ask: Html
    subjects: tuple[str, ...] = Field(min_length=1)
    letters: tuple[str, ...] = Field(min_length=1)
    demands: str
    notice: Notice
    consent: Html
    thanks: Html
    share: str
    at_risk: Html
    safety: Html
    prompts: tuple[str, ...] = ()
    """Questions that help a supporter find words of their own."""

    reminder: str = ""
    """The letter to a target that did not answer the first one; "" if there is none."""

    reminder_subject: str = ""
    """Its subject; "" for that of the first letter."""


class CampaignTerms(FrozenModel):
    """The fields of both the file `campaign.toml` and the loaded campaign."""

    slug: Slug = Field(
        description="the campaign's short name in links; the folder has the same name"
    )
    organisation: str = Field(min_length=1, description="who runs the campaign")
    contact: str = Field(
        description="a mailbox of the organisation, where a person answers supporters"
    )
    official_page: str = Field(
        description="a page on your website where people can check that this bot is yours"
    )
    privacy_policy: str = Field(description="the address of your privacy policy")
    languages: tuple[Language, ...] = Field(
        min_length=1,
        description="the campaign's languages, the original first; each has a file of texts",
    )
    targets: tuple[Target, ...] = Field(min_length=1, description="who gets the letters")
    write_to: Literal["one", "all"] | Annotated[int, Strict(), Field(ge=1, le=10)] = Field(
        default="one",
        description="to how many of their targets supporters write: to one, to all, or to as many "
        "as this number, which they choose",
    )
    targets_by: Slug | Literal[""] = Field(
        default="",
        description="the id of the question whose answer, such as a postcode, leads to the areas "
        "of targets",
    )
    opens: AwareDatetime | None = Field(
        default=None, description="when the campaign opens, with a time zone"
    )
    closes: AwareDatetime | None = Field(
        default=None, description="when the campaign closes, with a time zone"
    )
    test: bool = Field(
        default=False,
        description="whether letters go to the test address and are not counted",
    )
    keep_until: date = Field(
        description="the day after which letters, and what their writers gave, are erased"
    )
    settle_days: WholeNumber = Field(
        default=7,
        ge=0,
        le=MAX_SETTLE_DAYS,
        description="how many days after a letter was sent its writer's name, country, email "
        "address and words are deleted here",
    )
    archive: Literal["none", "sealed"] = Field(
        default="none",
        description="what becomes of these details then: nothing, or they are encrypted so that "
        "only the organisation can read them, with a key that isn't on the server (sealed)",
    )
    archive_key: str | None = Field(
        default=None,
        description="the public key of the archive, which `actionbot archive new-key` prints",
    )
    goal: WholeNumber | None = Field(
        default=None, gt=0, description="how many accepted letters, or people, you want"
    )
    goal_counts: Literal["letters", "people"] = Field(
        default="letters",
        description="what the goal and the count are about: accepted letters, or people of whom at "
        "least one letter was accepted",
    )
    show_counter_from: WholeNumber = Field(
        default=100, ge=0, description="the count is shown from this number on"
    )
    public_counter: bool = Field(
        default=False,
        description="whether other web sites can show the count, from 50 on",
    )
    edits: Edits = Field(
        default=Edits.ADD,
        description="what supporters can change: add a sentence, rewrite freely, or nothing",
    )
    lock_demands: bool = Field(
        default=True, description="whether a rewritten letter keeps the demands"
    )
    undo_seconds: WholeNumber = Field(
        default=30,
        ge=0,
        le=3600,
        description="how many seconds a letter can be undone before it is sent; 0: not at all",
    )
    allow_letters_in_other_peoples_names: bool = Field(
        default=False,
        description="do not verify email addresses; then anyone can write in anyone's name",
    )
    identity: Identity = Field(
        default="relay",
        description="whose address letters come from: one of the bot's (relay), the supporter's "
        "if the mail provider allows it (author), or the supporter's if it is at your domain (own)",
    )
    reply_to: ReplyTo = Field(default="supporter", description="who gets the target's replies")
    forward: Literal["text", "full"] = Field(
        default="text",
        description="what of a reply is forwarded: its text, or its format and attachments as well",
    )
    late_replies: Literal["organisation", "none"] = Field(
        default="organisation",
        description="who gets replies to letters whose details have been deleted",
    )
    copies: bool = Field(
        default=False,
        description="whether supporters can ask for a copy of their letter by email",
    )
    ask_after_days: WholeNumber | None = Field(
        default=None,
        ge=1,
        le=90,
        description="after how many days supporters who agree are asked whether the target "
        "answered; not at all if you don't set it",
    )
    discreet: Literal["offer", "default", "off"] = Field(
        default="offer",
        description="whether conversations can leave no traces on the phone: on request (offer), "
        "unless the supporter says no (default), or never (off)",
    )
    clear_after_hours: WholeNumber = Field(
        default=6,
        ge=1,
        le=24,
        description="how many hours after the letter was sent a discreet chat is cleared",
    )
    at_risk: tuple[Country, ...] = Field(
        default=(), description="supporters from these countries are warned before they go on"
    )
    likely_countries: tuple[Country, ...] = Field(
        default=(), description="countries that are offered as buttons: the first five"
    )
    fallback: Language | None = Field(
        default=None,
        description="the language of the bot's own messages where the bot isn't translated into "
        "the supporter's language; English if you don't set it",
    )
    accept_unreviewed: tuple[Language, ...] = Field(
        default=(),
        description="with at_risk: languages that are offered although no native speaker has "
        "checked the bot's messages; the original of what matters is shown with them",
    )
    sources: tuple[Slug, ...] = Field(
        default=(), description="sources of links that are counted by name"
    )
    questions: tuple[OwnQuestion, ...] = Field(
        default=(), description="what supporters are asked in addition to the usual questions"
    )


class TargetDefaults(FrozenModel):
    """Values of the targets of `targets.csv` that have no column of their own."""

    kind: Literal["government", "company", "organisation"] | None = None
    country: Country | None = None
    languages: tuple[Language, ...] = ()
    for_countries: tuple[Country, ...] = ()
    letters_per_hour: WholeNumber | None = None
    hours: str | None = None
    time_zone: str | None = None


class CampaignFile(CampaignTerms):
    """The content of `campaign.toml`."""

    target_defaults: TargetDefaults = Field(
        default=TargetDefaults(),
        description="keys of targets, for those in targets.csv without a column of that name",
    )

    picture: str | None = Field(
        default=None, description="a picture in the campaign's folder, best up to 100 kB"
    )


class Campaign(CampaignTerms):
    """A loaded campaign."""

    picture: bytes | None = Field(default=None, repr=False)
    texts: dict[Language, Texts] = Field(repr=False)
    areas: dict[str, str] = Field(default={}, repr=False)
    """The names of areas, by how their postcodes begin."""

    version: str = Field(repr=False)
    """A hash of everything that supporters see."""

    def model_post_init(self, _: object, /) -> None:
        """Build the index while the campaign is loaded, so that no conversation waits for it."""
        self.__dict__["_index"] = TargetIndex(self.targets, self.areas)

    def text(self, language: str) -> Texts:
        """Return the texts in the nearest language, else in the campaign's first one."""
        return self.texts[match(language, self.languages) or self.languages[0]]

    @property
    def index(self) -> TargetIndex:
        """Finds targets. It is built with the campaign, and again for a copy with other targets."""
        # No field: a copy with other targets must not be equal, nor keep the index.
        found: TargetIndex = self.__dict__["_index"]
        if found.targets is not self.targets:
            found = self.__dict__["_index"] = TargetIndex(self.targets, self.areas)
        return found

    def target_for(self, country: str) -> Target:
        """Return the first target for supporters from `country`, whatever their area."""
        return next(iter(self.index.find(country)), self.targets[0])

    def is_open(self, now: datetime) -> bool:
        """Return whether supporters can send letters at `now`.

        After `keep_until`, nothing could be stored as promised.
        """
        return (
            (self.opens is None or self.opens <= now)
            and (self.closes is None or now < self.closes)
            and now.date() <= self.keep_until
        )
