"""Invented supporters and the letters they sent, planned before anything is stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import count
from random import Random

from conversations.model.campaigns.campaign import Campaign
from conversations.model.stats.funnel import FunnelStage

FIRST_CHAT = 9_000_001
"""The Telegram user id of the first invented person; the next ones follow."""

DOMAIN = "invented.example"
"""Where invented people have their mail: .example is reserved (RFC 2606, section 3)."""

LETTERS_PER_DAY = (7, 9, 8, 12, 15, 11, 14, 19, 17, 22, 18, 24, 41, 29, 26)
"""How many letters were sent on each UTC day, oldest first. The last day is today."""

_SEED = 20190612
_QUIET = timedelta(minutes=10)
"""Nobody sent anything in the minutes before the demo starts."""

_HOUR_WEIGHTS = (1, 1, 1, 1, 1, 2, 4, 7, 9, 9, 8, 8, 9, 8, 7, 7, 8, 10, 13, 15, 14, 10, 6, 3)
"""How likely a letter is in each UTC hour."""

_NAMES = {
    "PT": ("Inês Tiago Beatriz Duarte Leonor Rui Marta", "Carvalho Nogueira Teixeira Lacerda"),
    "BR": ("Larissa Caio Camila Otávio Bruna", "Barbosa Moreira Azevedo Sampaio"),
    "TW": ("怡君 志豪 雅婷 俊傑 淑芬", "林 黃 吳 蔡"),
    "GB": ("Harriet Callum Priya Owen Zara", "Whitfield Pryce Hartley Osei"),
    "CA": ("Chloé Liam Mei Noah", "Tremblay Fraser Wong"),
    "CH": ("Lea Reto Nadine Urs", "Gerber Zürcher Frei"),
    "DE": ("Anke Mehmet Greta", "Brandt Yılmaz Krüger"),
    "IN": ("Ananya Rohan", "Iyer Kulkarni"),
    "KE": ("Wanjiru Otieno", "Mwangi Achieng"),
    "JP": ("Haruka Kenji", "Sato Mori"),
}
"""Given names and family names by country (ISO 3166-1)."""

_COUNTRY_WEIGHTS = {
    **{"PT": 24, "BR": 16, "TW": 16, "GB": 14, "CA": 10},
    **{"CH": 8, "DE": 7, "IN": 2, "KE": 2, "JP": 1},
}

_VISITOR_WEIGHTS = {
    FunnelStage.OPENED: 60,
    FunnelStage.BEGAN: 5,
    FunnelStage.NAMED: 4,
    FunnelStage.COUNTRY: 10,
    FunnelStage.ADDRESS: 11,
    FunnelStage.PROVED: 3,
    FunnelStage.REVIEWED: 7,
}
"""How likely a visitor who sends no letter gives up after each stage."""


class Fate(Enum):
    """What happened to an invented letter."""

    ACCEPTED = auto()
    BOUNCED = auto()
    FAILED = auto()
    WAITING = auto()
    """The target's mail server asked to try again later."""
    TEST = auto()
    """A test letter, which went to the test address."""


_FATES = {
    **dict.fromkeys((0, 1), Fate.TEST),
    **dict.fromkeys((-1, -2, -3), Fate.WAITING),
    **dict.fromkeys((-60, -215, -229), Fate.BOUNCED),
    -120: Fate.FAILED,
}
"""The letters that were not simply accepted, by their position; negative ones from the newest."""


@dataclass(frozen=True)
class InventedPerson:
    """A supporter who does not exist."""

    chat: int
    """The Telegram user id."""
    name: str
    country: str
    """ISO 3166-1 code."""
    language: str

    @property
    def address(self) -> str:
        """The email address, under a reserved domain."""
        return f"supporter-{self.chat - FIRST_CHAT + 1}@{DOMAIN}"


@dataclass(frozen=True)
class InventedLetter:
    """A letter that an invented person sent, and the visitors who came meanwhile."""

    by: InventedPerson
    at: datetime
    source: str
    """The source of the link that the person opened; "" for none."""
    fate: Fate
    subscribes: bool
    """Whether the person asked for news of the campaign."""
    visitors: tuple[FunnelStage, ...]
    """The last stage that each visitor reached who sent no letter."""


def letters(
    campaign: Campaign, now: datetime, broadcast: datetime, broadcast_source: str
) -> tuple[InventedLetter, ...]:
    """Return the letters of the last two weeks, oldest first, the same ones at every call.

    `broadcast` is when a broadcast went out. From then on some people come by links with
    `broadcast_source`.
    """
    random = Random(_SEED)  # noqa: S311 - it invents people and protects nothing
    times = sorted(_times(now, random))
    people = _people(campaign, random)
    fates = {place % len(times): fate for place, fate in _FATES.items() if -place <= len(times)}
    sources = (*campaign.sources, "")
    written = []
    for place, at in enumerate(times):
        fate = fates.get(place, Fate.ACCEPTED)
        by_broadcast = at > broadcast and random.random() < 0.35
        letter = InventedLetter(
            by=next(people),
            at=at,
            source=broadcast_source if by_broadcast else random.choice(sources),
            fate=fate,
            subscribes=fate is not Fate.TEST and random.random() < 0.7,
            visitors=() if fate is Fate.TEST else _visitors(random),
        )
        written.append(letter)
    return tuple(written)


def _times(now: datetime, random: Random) -> Iterator[datetime]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    hours = range(len(_HOUR_WEIGHTS))
    for days_ago, many in zip(range(len(LETTERS_PER_DAY))[::-1], LETTERS_PER_DAY, strict=True):
        for hour in random.choices(hours, _HOUR_WEIGHTS, k=many):
            at = midnight - timedelta(days=days_ago) + timedelta(hours=hour)
            at += timedelta(seconds=random.randrange(3600))
            if at < now - _QUIET:
                yield at


def _people(campaign: Campaign, random: Random) -> Iterator[InventedPerson]:
    places = {code: count() for code in _NAMES}
    for chat in count(FIRST_CHAT):
        (country,) = random.choices([*_COUNTRY_WEIGHTS], [*_COUNTRY_WEIGHTS.values()])
        given, family = (names.split() for names in _NAMES[country])
        place = next(places[country])
        first, last = given[place % len(given)], family[place // len(given) % len(family)]
        chinese = country == "TW" or (country in ("CA", "GB") and place % 4 == 0)
        yield InventedPerson(
            chat=chat,
            name=f"{last}{first}" if country == "TW" else f"{first} {last}",
            country=country,
            language=_language(campaign, "zh-Hant" if chinese else "en"),
        )


def _language(campaign: Campaign, wanted: str) -> str:
    return wanted if wanted in campaign.languages else campaign.languages[0]


def _visitors(random: Random) -> tuple[FunnelStage, ...]:
    many = random.randrange(5)
    return tuple(random.choices([*_VISITOR_WEIGHTS], [*_VISITOR_WEIGHTS.values()], k=many))
