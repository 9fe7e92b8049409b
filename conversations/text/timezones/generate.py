"""Write `names.json`: the time zone of each name that staff may type, in their languages."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global

from conversations.text.countries import names as countries
from conversations.text.languages import staff_languages
from conversations.text.timezones import NAMES, fold


def page() -> str:
    """Return the content of the file."""
    found: dict[str, str] = {}
    for name, zone in _named():
        found.setdefault(fold(name), zone)
    return json.dumps(dict(sorted(found.items())), ensure_ascii=False, indent=0) + "\n"


def _named() -> Iterator[tuple[str, str]]:
    """Yield names with their zones. The first zone of a name counts."""
    every: Mapping[str, str] = get_global("zone_territories")
    territories = {zone: code for zone, code in every.items() if not zone.startswith("Etc/")}
    former: Mapping[str, str] = get_global("zone_aliases")
    for zone in sorted(territories):
        yield zone, zone
        yield zone.rpartition("/")[2], zone
    for language in staff_languages():
        cities = Locale.parse(language, sep="-").time_zones
        for zone in sorted(territories):
            if city := cities.get(zone, {}).get("city"):
                yield city, zone
    for name, zone in sorted(former.items()):
        yield name, zone
        yield name.rpartition("/")[2], zone
    for code in countries.all_codes():
        zones = [zone for zone in sorted(territories) if territories[zone] == code]
        if zones and len({_offsets(zone) for zone in zones}) == 1:
            for language in staff_languages():
                yield countries.name(code, language), zones[0]


def _offsets(zone: str) -> tuple[timedelta | None, ...]:
    """Return what a zone adds to UTC in winter and in summer."""
    return tuple(datetime(2026, month, 1, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7))


if __name__ == "__main__":
    NAMES.write_text(page(), encoding="utf-8")
