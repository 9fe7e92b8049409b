"""Check a campaign's targets, and how supporters are divided between them."""

import re
from collections import Counter
from collections.abc import Iterator
from zoneinfo import available_timezones

from conversations.folder.checks.value_checks import (
    Locate,
    check_countries,
    check_translations,
    is_address,
)
from conversations.model.campaigns.campaign import CampaignFile
from conversations.model.campaigns.target_index import TargetIndex
from conversations.model.campaigns.targets import MAX_LETTERS, MAX_TARGETS, Target
from conversations.model.mistakes import Mistake, suggest

_ZONES = frozenset(available_timezones())

_PLAIN_LOCAL_PART = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
_SURELY_SHORT = 64
"""Up to this length, an address is valid if its parts are."""


def check_targets(file: CampaignFile, locate: Locate) -> Iterator[Mistake]:
    """Yield what is wrong with the targets, and with how countries are divided between them."""
    ids = Counter(target.id for target in file.targets)
    domains: dict[str, bool] = {}
    for number, target in enumerate(file.targets):
        at = f"targets.{number}"
        if ids[target.id] > 1:
            yield Mistake(
                f"Two targets have the id “{target.id}”.", "Rename one.", locate(f"{at}.id")
            )
        if not _is_address(target.address, domains):
            fix = "Write it like office@government.example"
            yield Mistake("This isn't a valid email address.", fix, locate(f"{at}.address"))
        for key, codes in (
            ("country", (target.country,)),
            ("for_countries", target.for_countries),
        ):
            yield from check_countries(codes, locate(f"{at}.{key}"))
        if not set(target.languages) & set(file.languages):
            fix = f"Add one of {', '.join(file.languages)}, or write the letter in its language."
            problem = "There is no letter in a language that this target reads."
            yield Mistake(problem, fix, locate(f"{at}.languages"))
        yield from check_translations(target.name, file.languages, f"{at}.name", locate)
        yield from _pace(target, at, locate)
    yield from _divided(file, locate)


def _is_address(text: str, domains: dict[str, bool]) -> bool:
    """Whether `text` is an email address. `domains` keeps what was found of their domains.

    Thousands of mailboxes often share a domain, and checking it takes the time.
    """
    local, _, domain = text.rpartition("@")
    if len(text) > _SURELY_SHORT or not _PLAIN_LOCAL_PART.fullmatch(local):
        return is_address(text)
    if domain not in domains:
        domains[domain] = is_address(f"a@{domain}")
    return domains[domain]


def _pace(target: Target, at: str, locate: Locate) -> Iterator[Mistake]:
    """Yield what is wrong with the hours and the rate at which a target gets letters."""
    zone, hours = target.time_zone, target.hours
    if zone is not None and zone not in _ZONES:
        near = suggest(zone, _ZONES)
        fix = near if near.startswith("Did") else "Write it like Europe/Lisbon."
        yield Mistake("Unknown time zone.", fix, locate(f"{at}.time_zone"))
    if hours is None:
        return
    if target.letters_per_hour is None:
        problem = "All letters written overnight would be sent in the first second of these hours."
        yield Mistake(problem, "Also set letters_per_hour.", locate(f"{at}.hours"))
    if zone is None:
        yield Mistake(
            "These hours have no time zone.", "Also set time_zone.", locate(f"{at}.hours")
        )
    if hours[:5] == hours[6:]:
        yield Mistake(
            "These hours start and end at the same time.", "Change one.", locate(f"{at}.hours")
        )


def _divided(file: CampaignFile, locate: Locate) -> Iterator[Mistake]:
    """Yield for whom there is no target, or more than the campaign may write to."""
    if len(file.targets) > MAX_TARGETS:
        problem = f"There are more than {MAX_TARGETS:,} targets."
        yield Mistake(problem, "Split them into several campaigns.", locate("targets"))
        return
    has_areas = any(target.areas for target in file.targets)
    yield from _areas(file, locate, has_areas=has_areas)
    defaults = [target for target in file.targets if not target.for_countries]
    if file.write_to == "one" and not has_areas:
        yield from _one_each(file, locate, len(defaults))
    elif not defaults:
        fix = "Leave it out of one, which gets everyone else."
        yield Mistake("All targets have for_countries.", fix, locate("targets.0"))


def _one_each(file: CampaignFile, locate: Locate, defaults: int) -> Iterator[Mistake]:
    """Yield which countries have no target, or several, where each supporter writes to one."""
    if defaults != 1:
        problem = f"{defaults or 'No'} targets have no for_countries."
        fix = "Leave it out of exactly one target: that one gets everyone else."
        yield Mistake(problem, fix, locate("targets.0"))
    claimed = Counter(country for target in file.targets for country in target.for_countries)
    for number, target in enumerate(file.targets):
        twice = [country for country in target.for_countries if claimed[country] > 1]
        if twice:
            problem = f"{', '.join(twice)}: listed for several targets."
            where = locate(f"targets.{number}.for_countries")
            yield Mistake(problem, "List each country once.", where)


def _areas(file: CampaignFile, locate: Locate, *, has_areas: bool) -> Iterator[Mistake]:
    """Yield why areas would not lead from an answer to targets."""
    question = next((each for each in file.questions if each.id == file.targets_by), None)
    if file.targets_by and question is None:
        known = [each.id for each in file.questions]
        problem = f"There is no question “{file.targets_by}”."
        yield Mistake(problem, suggest(file.targets_by, known), locate("targets_by"))
    elif file.targets_by and not has_areas:
        problem = "No target has areas, so the answer decides nothing."
        yield Mistake(problem, "Give targets areas, or delete it.", locate("targets_by"))
    elif has_areas and not file.targets_by:
        problem = "Targets have areas, but no question asks for the supporter's."
        fix = "Set targets_by to the id of a question."
        yield Mistake(problem, fix, locate("targets_by"))
    elif question and not question.required and all(target.areas for target in file.targets):
        problem = "Without an answer to this question, there is nobody to write to."
        yield Mistake(problem, "Set required = true for it.", locate("targets_by"))


def too_many_letters(file: CampaignFile, index: TargetIndex, locate: Locate) -> Iterator[Mistake]:
    """Yield that one supporter would write more letters than one Send may have."""
    if file.write_to == "all" and (most := index.most()) > MAX_LETTERS:
        problem = f"Some supporters would write {most} letters. At most {MAX_LETTERS} are possible."
        fix = "Use a number for write_to, such as 5, or divide the targets by country or area."
        yield Mistake(problem, fix, locate("write_to"))
