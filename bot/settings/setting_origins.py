"""Read `actionbot.toml` and the environment, and remember where each setting was given.

So a mistake can be reported with its line in the file or with its variable.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from conversations.folder.formats.toml_syntax import (
    BOOLEAN,
    NUMBER,
    QUOTES,
    explain_syntax_error,
    line_of,
)
from conversations.model.mistakes import Mistake, describe_file_error

FILE = "actionbot.toml"
PREFIX = "ACTIONBOT_"
"""The prefix of environment variables: ACTIONBOT_SECTION__KEY."""

FILE_VARIABLE = f"{PREFIX}CONFIG"
"""The variable that names another settings file."""

_SECTION = re.compile(r"\s*\[\s*([\w-]+)\s*\]")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*(?:\.\s*["']?([\w-]+)["']?\s*)?=""")


class SettingPlace(NamedTuple):
    """The name of a setting, or of a whole section."""

    section: str

    key: str = ""
    """"" for the section's heading."""


@dataclass(frozen=True)
class SettingsSource:
    """The settings as they were given, before validation."""

    file: Path
    """The settings file, whether it exists or not."""

    values: dict[str, Any]
    """Sections, with the values of their keys."""

    places: dict[SettingPlace, str]
    """Where each setting was given: a file and line, or a variable."""

    mistakes: tuple[Mistake, ...] = ()
    """Why the file could not be read, if so."""

    other_variables: tuple[str, ...] = ()
    """Names of variables that begin with PREFIX and name no section and key."""

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from."""
        return self.file.parent

    def where(self, place: SettingPlace) -> str:
        """Return where the setting was given, or where it belongs if it was not."""
        given = self.places.get(place)
        if given is None:
            # A variable of the same section says nothing about where this setting belongs.
            section = self.places.get(SettingPlace(place.section), self.file.name)
            given = self.file.name if section.startswith(PREFIX) else section
        return given if given.startswith(PREFIX) else f"{given} {'.'.join(filter(None, place))}"


def read_source(environment: Mapping[str, str]) -> SettingsSource:
    """Read the settings file and the variables; a variable overrides the file."""
    file = settings_file(environment)
    source = _from_file(file, named=bool(environment.get(FILE_VARIABLE)))
    variables = {
        name.removeprefix(PREFIX): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and "__" in name
    }
    others = tuple(name for name in environment if name.startswith(PREFIX) and "__" not in name)
    if not file.exists() and not variables and not source.mistakes:
        missing = Mistake("No settings found here.", "Run: actionbot init", file.name)
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
    return SettingsSource(file, values, places, source.mistakes, others)


def settings_file(environment: Mapping[str, str]) -> Path:
    """Return the path of the settings file, whether it exists or not."""
    return Path.cwd() / Path(environment.get(FILE_VARIABLE) or FILE).expanduser()


def _from_file(file: Path, *, named: bool) -> SettingsSource:
    """Read the settings file; `named`: the environment names it, so that it must exist."""

    def failed(problem: str, fix: str, line: str = "") -> SettingsSource:
        return SettingsSource(file, {}, {}, (Mistake(problem, fix, file.name + line),))

    try:
        # utf-8-sig: some editors put a byte-order mark first.
        text = file.read_text(encoding="utf-8-sig")
        return SettingsSource(file, tomllib.loads(text), dict(_places(text, file.name)))
    except FileNotFoundError:
        if named:
            return failed("There is no such file.", f"Fix {FILE_VARIABLE}, or run: actionbot init")
        return SettingsSource(file, {}, {})
    except UnicodeDecodeError:
        return failed("This isn't a valid UTF-8 text file.", "Save it as UTF-8.")
    except OSError as error:
        return failed(*describe_file_error(error))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = line_of(str(error))
        problem, fix = explain_syntax_error(text, str(error))
        return failed(problem, fix, f":{line}" if line else "")


def _places(text: str, name: str) -> Iterator[tuple[SettingPlace, str]]:
    """Yield the line of each key. Settings have no multi-line texts that could look like keys."""
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


def setting_error(problem: str, fix: str) -> PydanticCustomError:
    """Return the exception that a validator raises; its text must not contain the value."""
    return PydanticCustomError("setting_error", "{problem}", {"problem": problem, "fix": fix})


def misspelled_variables(source: SettingsSource, settings: type[BaseModel]) -> Iterator[Mistake]:
    """Yield the variables of settings that have one underscore between section and key."""
    for section, field in settings.model_fields.items():
        for key in _keys(field.annotation):
            name = f"{PREFIX}{section}_{key}".upper()
            if name in (each.upper() for each in source.other_variables):
                right = f"{PREFIX}{section}__{key}".upper()
                yield Mistake("Unknown variable.", f"Write two underscores: {right}", name)


def explain(
    error: ValidationError, source: SettingsSource, settings: type[BaseModel]
) -> Iterator[Mistake]:
    """Yield the mistakes that pydantic found, in the order of the settings, in our own words."""
    for detail in error.errors(include_url=False, include_input=False):
        section, key = [*(str(part) for part in detail["loc"]), ""][:2]
        place = SettingPlace(section, key)
        problem, fix = _explain(detail, place, settings)
        yield Mistake(problem, fix, source.where(place))


def _explain(
    detail: ErrorDetails, place: SettingPlace, settings: type[BaseModel]
) -> tuple[str, str]:
    """Return what is wrong, and how to fix it."""
    match detail["type"]:
        case "setting_error":
            return detail["ctx"]["problem"], detail["ctx"]["fix"]
        case "missing" if place.key:
            name = f"{PREFIX}{place.section}__{place.key}".upper()
            return "This is missing.", f"Add it under [{place.section}], or set {name}"
        case "extra_forbidden":
            return "Unknown setting.", _did_you_mean(place, settings)
        case "model_type":
            return "This is a section.", f"Write [{place.section}], and its keys below it."
        case "greater_than_equal" | "less_than_equal":
            ((bound, limit),) = detail["ctx"].items()
            which = "most" if bound == "le" else "least"
            return "This number is out of range.", f"It must be at {which} {limit}."
        case "literal_error":
            return "This value isn't known.", f"Write {detail['ctx']['expected']}."
    return next(
        (found for start, found in _EXPLANATIONS.items() if detail["type"].startswith(start)),
        ("This value can't be used.", "See docs/settings.md."),
    )


_EXPLANATIONS = {
    "int": ("This isn't a valid whole number.", NUMBER),
    "bool": ("This isn't true or false.", BOOLEAN),
    "string": ("This must be a text.", QUOTES),
    "path": ("This must be a path.", 'Write it in quotes: "campaigns"'),
    "tuple": (
        'This must be a list, like ["a", "b"].',
        "Put brackets around it, and quotes around each text.",
    ),
}
"""What is wrong and how to fix it, by the beginning of pydantic's error type."""


def _did_you_mean(place: SettingPlace, settings: type[BaseModel]) -> str:
    """Return how to fix an unknown name: a similar one, its right section, or all names."""
    known = {name: list(_keys(field.annotation)) for name, field in settings.model_fields.items()}
    name, here = place.section, list(known)
    if place.key:
        name, here = place.key, known[place.section]
    if near := get_close_matches(name, here, 1):
        return f"Did you mean {near[0]}?"
    if homes := [section for section, keys in known.items() if name in keys]:
        return f"It belongs under [{homes[0]}]."
    return f"Possible names: {', '.join(here)}"


def _keys(section: Any) -> Iterator[str]:
    """Yield the names of the keys in a section; none if it is not a section."""
    if isinstance(section, type) and issubclass(section, BaseModel):
        for name, field in section.model_fields.items():
            yield field.alias or name
