"""What `actionbot languages` shows: one row for each language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from bot.clock import utc_now
from conversations.folder.loading import load_campaigns
from conversations.model.campaigns import spoken
from conversations.model.campaigns.campaign import Campaign
from conversations.model.campaigns.spoken import Offer
from conversations.text import catalogues, languages
from conversations.text.catalogues import PARTS, STAFF, SUPPORTERS
from conversations.text.reviews import Review

_COMPLETE = 100

_REVIEWS = {
    Review.ORIGINAL: "original",
    Review.NATIVE: "native speaker",
    Review.NONE: "machine",
}
_NONE = "no texts"

_OFFERS = {
    Offer.WHOLE: ("yes", "green"),
    Offer.CAMPAIGN_ONLY: ("yes, the bot’s words in {other}", "green"),
    Offer.BOT_ONLY: ("the bot’s words only", ""),
    Offer.INCOMPLETE: ("no: texts of the bot are missing", "dim"),
    Offer.UNREVIEWED: ("no: not checked", "yellow"),
}
"""Whether people can choose a language in a campaign, and the style of the words."""


@dataclass(frozen=True)
class Row:
    """One language."""

    tag: str
    name: str
    """Its name in the language itself."""

    percent: Mapping[str, int]
    """How many of the texts it has, by part; rounded down."""

    review: Review | None
    """Who has checked supporters' texts; None if the bot has none."""

    safety: tuple[int, int]
    """How many of the texts that can endanger people are reviewed, and how many there are."""

    campaigns: Mapping[str, tuple[Offer, str]]
    """By campaign: whether it is offered, and in which language the bot's words come."""

    @property
    def is_complete(self) -> bool:
        """Whether supporters can be offered the language."""
        return self.percent[SUPPORTERS] == _COMPLETE

    def as_json(self) -> dict[str, object]:
        """Return the row for programs."""
        return {
            "tag": self.tag,
            "name": self.name,
            "percent": dict(self.percent),
            "review": self.review,
            "safety_reviewed": self.safety[0],
            "safety_texts": self.safety[1],
            "campaigns": {
                slug: {"offered": offer.value, "bot_language": other}
                for slug, (offer, other) in self.campaigns.items()
            },
        }


def rows(folder: Path | None) -> tuple[Row, ...]:
    """Return a row for each language of the bot, and of the campaigns in `folder`."""
    loaded = load_campaigns(folder, utc_now().date()) if folder and folder.is_dir() else ()
    campaigns = [each.campaign for each in loaded if each.campaign]
    spoken_by_campaigns = {tag for campaign in campaigns for tag in campaign.languages}
    first = languages.offered()
    others = sorted((languages.index().languages.keys() | spoken_by_campaigns) - set(first))
    return tuple(_row(tag, campaigns) for tag in (*first, *others))


def _row(tag: str, campaigns: Sequence[Campaign]) -> Row:
    found = languages.index().languages.get(tag)
    safety = languages.index().safety
    return Row(
        tag,
        languages.own_name(tag),
        {part: _percent(tag, part) for part in PARTS},
        found.review if found else None,
        (sum(languages.is_reviewed(tag, key) for key in safety), len(safety)),
        {
            campaign.slug: (spoken.offer(tag, campaign), spoken.catalogue(tag, campaign))
            for campaign in campaigns
        },
    )


def _percent(tag: str, part: str) -> int:
    found = languages.index().languages.get(tag)
    if found is None:
        return 0
    ours = catalogues.path(catalogues.folders()[-1], languages.DEFAULT, part)
    total = len(catalogues.keys(ours))
    return (total - found.missing[part]) * _COMPLETE // total


def table(found: Sequence[Row]) -> Table:
    """Return the rows as a table."""
    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    titles = ("Language", "Name", "Supporters", "Staff", "Checked by", "Safety")
    for title in titles:
        shown.add_column(title, justify="right" if title in ("Supporters", "Staff") else "left")
    campaigns = tuple(found[0].campaigns) if found else ()
    for slug in campaigns:
        shown.add_column(slug, overflow="fold")
    for row in found:
        offers = [_offer(row, slug) for slug in campaigns]
        safety = f"{row.safety[0]} of {row.safety[1]}" if row.review else ""
        shown.add_row(
            row.tag,
            row.name,
            _share(row.percent[SUPPORTERS]),
            _share(row.percent[STAFF]),
            _REVIEWS[row.review] if row.review else _NONE,
            safety,
            *offers,
        )
    return shown


def _share(percent: int) -> Text:
    return Text(f"{percent} %", "green" if percent == _COMPLETE else "dim")


def _offer(row: Row, slug: str) -> Text:
    offer, other = row.campaigns[slug]
    words, style = _OFFERS[offer]
    return Text(words.format(other=other), style)


def notes(found: Sequence[Row]) -> Iterator[str]:
    """Yield what to do about languages that no native speaker has checked."""
    unchecked = [row.tag for row in found if row.review is Review.NONE and row.is_complete]
    if unchecked:
        yield f"No native speaker has checked all of: {', '.join(unchecked)}."
        if any(offer is Offer.UNREVIEWED for row in found for offer, _ in row.campaigns.values()):
            yield (
                "Where people are at risk, a campaign offers these only if accept_unreviewed lists"
                " them."
            )
        yield "After a check: actionbot languages reviewed TAG --by NAME"
