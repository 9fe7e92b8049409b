"""Where a setting was given, so that a mistake in it can be shown where it stands."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from conversations.model.mistakes import Mistake

FILE = "actionbot.toml"
PREFIX = "ACTIONBOT_"
FILE_VARIABLE = f"{PREFIX}CONFIG"

_SECTION = re.compile(r"\s*\[\s*([\w-]+)\s*\]")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*(?:\.\s*["']?([\w-]+)["']?\s*)?=""")


class SettingPlace(NamedTuple):
    """A section and a key; the key is "" for a section's heading."""

    section: str
    key: str = ""


@dataclass(frozen=True)
class SettingsSource:
    """What was given, section by section, and where each value of it stands."""

    file: Path
    values: dict[str, Any]
    places: dict[SettingPlace, str]
    mistakes: tuple[Mistake, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder that relative paths are taken from."""
        return self.file.parent

    def where(self, place: SettingPlace) -> str:
        """Return where `place` is given, or else would be."""
        stands = (
            self.places.get(place) or self.places.get(SettingPlace(place.section)) or self.file.name
        )
        return stands if stands.startswith(PREFIX) else f"{stands} {'.'.join(filter(None, place))}"


def read_source(environment: Mapping[str, str]) -> SettingsSource:
    """Read the file and the variables; what cannot be read is among the source's mistakes."""
    file = settings_file(environment)
    source = _from_file(file, named=bool(environment.get(FILE_VARIABLE)))
    variables = {
        name.removeprefix(PREFIX): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and "__" in name
    }
    if not file.exists() and not variables and not source.mistakes:
        missing = Mistake("There are no settings here.", "Type: actionbot init", file.name)
        return SettingsSource(file, {}, {}, (missing,))
    values = {
        name: dict(section) if isinstance(section, dict) else section
        for name, section in source.values.items()
    }
    places = dict(source.places)
    for name, value in variables.items():
        section, _, key = name.lower().partition("__")
        if isinstance(values.setdefault(section, {}), dict):
            values[section][key] = value
        places[SettingPlace(section, key)] = PREFIX + name
        places.setdefault(SettingPlace(section), PREFIX + name)
    return SettingsSource(file, values, places, source.mistakes)


def settings_file(environment: Mapping[str, str]) -> Path:
    """Return where the file of settings is, or would be."""
    return Path.cwd() / Path(environment.get(FILE_VARIABLE) or FILE).expanduser()


def _from_file(file: Path, *, named: bool) -> SettingsSource:
    def failed(what: str, fix: str, line: str = "") -> SettingsSource:
        return SettingsSource(file, {}, {}, (Mistake(what, fix, file.name + line),))

    try:
        # utf-8-sig: some editors put a byte-order mark first.
        text = file.read_text(encoding="utf-8-sig")
        return SettingsSource(file, tomllib.loads(text), dict(_places(text, file.name)))
    except FileNotFoundError:
        if named:
            return failed(
                "There is no such file.", f"Mend {FILE_VARIABLE}, or type: actionbot init"
            )
        return SettingsSource(file, {}, {})
    except UnicodeDecodeError:
        return failed("This is no text in UTF-8.", "Save it as UTF-8.")
    except OSError as error:
        return failed(f"It cannot be read ({type(error).__name__}).", "See to its permissions.")
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        return failed(
            "From here on this is no TOML.",
            'Texts stand in straight quotes: key = "value"',
            f":{line[1]}" if line else "",
        )


def _places(text: str, name: str) -> Iterator[tuple[SettingPlace, str]]:
    """Yield the line of each key. A file of settings has no text of several lines to mislead it."""
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{name}:{number}"
        if heading := _SECTION.match(line):
            section = heading[1]
            yield SettingPlace(section), where
        elif key := _KEY.match(line):
            if section:
                yield SettingPlace(section, key[1]), where
            else:
                yield SettingPlace(key[1], key[2] or ""), where


def setting_error(what: str, fix: str) -> PydanticCustomError:
    """Return what a validator raises: our own words, which hold no value."""
    return PydanticCustomError("wrong", "{what}", {"what": what, "mend": fix})


def explain(
    error: ValidationError, source: SettingsSource, settings: type[BaseModel]
) -> Iterator[Mistake]:
    """Yield what is wrong, in the order of the settings, each thing with its place and mend."""
    for detail in error.errors(include_url=False, include_input=False):
        section, key = [*(str(part) for part in detail["loc"]), ""][:2]
        place = SettingPlace(section, key)
        what, fix = _words(detail, place, settings)
        yield Mistake(what, fix, source.where(place))


def _words(detail: ErrorDetails, place: SettingPlace, settings: type[BaseModel]) -> tuple[str, str]:
    match detail["type"]:
        case "wrong":
            return detail["ctx"]["what"], detail["ctx"]["mend"]
        case "missing":
            name = f"{PREFIX}{place.section}__{place.key}".upper()
            return "This is missing.", f"Write it under [{place.section}], or set {name}"
        case "extra_forbidden":
            return "This is not known here.", _did_you_mean(place, settings)
        case "model_type":
            return "This is a section.", f"Write [{place.section}] and its keys under it."
        case "int_parsing" | "int_type":
            return "This is no whole number.", "Write digits, without quotes."
        case "bool_parsing" | "bool_type":
            return "This is neither true nor false.", "Write true or false, without quotes."
        case "greater_than_equal" | "less_than_equal":
            ((bound, limit),) = detail["ctx"].items()
            which = "most" if bound == "le" else "least"
            return "This number is out of range.", f"It is at {which} {limit}."
        case _:
            return f"{detail['msg']}.", "See docs/settings.md."


def _did_you_mean(place: SettingPlace, settings: type[BaseModel]) -> str:
    known = {name: list(_keys(field.annotation)) for name, field in settings.model_fields.items()}
    name, here = place.section, list(known)
    if place.key:
        name, here = place.key, known[place.section]
    if near := get_close_matches(name, here, 1):
        return f"Did you mean {near[0]}?"
    if homes := [section for section, keys in known.items() if name in keys]:
        return f"It belongs under [{homes[0]}]."
    return f"Known are: {', '.join(here)}"


def _keys(section: Any) -> Iterator[str]:
    if isinstance(section, type) and issubclass(section, BaseModel):
        yield from section.model_fields
