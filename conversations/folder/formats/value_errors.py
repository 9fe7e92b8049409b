"""Explain what pydantic finds wrong with the values of `campaign.toml`, in our own words."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from conversations.folder.formats.toml_file import BLOCKS, TARGETS, KeyLocations
from conversations.folder.formats.toml_syntax import BOOLEAN, DAY, NUMBER, TIME
from conversations.folder.suggestions import suggest_country, suggest_language
from conversations.model.campaigns.campaign import CampaignFile
from conversations.model.campaigns.campaign_questions import OwnQuestion
from conversations.model.campaigns.targets import Target
from conversations.model.mistakes import Mistake, suggest

_COUNTRY_KEYS = ("country", "for_countries", "at_risk", "likely_countries")

_TRANSLATED = ("label", "text", "purpose", "options")
"""Keys of a question whose own keys are languages; those of an option, too."""

_SLUG = "Use 1 to 30 of a-z, 0-9 and hyphens."

_EXPLANATIONS = {
    "int": ("This isn't a whole number.", NUMBER),
    "bool": ("This isn't true or false.", BOOLEAN),
    "datetime": ("This isn't a valid time.", TIME),
    "date": ("This isn't a valid day.", DAY),
    "timezone_aware": ("This time has no time zone.", "Add it: 2030-06-30T18:00:00Z"),
    "string_type": ("This must be a text.", 'Write it in quotes: key = "text"'),
    "string_too_short": ("This is empty.", "Fill it in."),
    "too_short": ("There must be at least one.", "Add one."),
    "tuple": (
        'This must be a list, like ["PT", "ES"].',
        "Put brackets around it, and quotes around each text.",
    ),
    "dict": (
        "This must be a name for each language.",
        'Write it like { en = "Minister", pt = "Ministra" }',
    ),
    "model": ("This must be a block of its own.", "Write its keys below a line like [[targets]]."),
}
"""What is wrong and how to fix it, by the beginning of pydantic's error type."""

_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


def explain_values(details: list[ErrorDetails], locate: KeyLocations) -> Iterator[Mistake]:
    """Yield a mistake for each error that pydantic found."""
    for detail in _without_consequences(details):
        # The last part only says that the key itself is wrong.
        path = [str(part) for part in detail["loc"] if part != "[key]"]
        yield Mistake(*_explain(detail, path), locate(".".join(path)))


def _without_consequences(details: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Leave out that a list is too short if one of its items is wrong: pydantic drops the item."""
    for detail in details:
        inside = (each["loc"][: len(detail["loc"])] for each in details if each is not detail)
        if detail["type"] != "too_short" or detail["loc"] not in inside:
            yield detail


def _explain(detail: ErrorDetails, path: list[str]) -> tuple[str, str]:
    """Return what is wrong with the value at `path`, and how to fix it."""
    known = _fields(path)
    match kind := detail["type"]:
        case "extra_forbidden":
            return _explain_unknown_key(path, known)
        case "missing" if path == [TARGETS]:
            return "There is nobody to write to.", "Add a block [[targets]], or targets.csv."
        case "missing":
            field = known.get(path[-1])
            about = f"It says {field.description}." if field and field.description else ""
            return "This key is missing.", f"Write: {path[-1]} = … {about}".strip()
        case "enum" | "literal_error":
            return _explain_choice(detail)
        case "string_pattern_mismatch":
            return "This has the wrong format.", _format_fix(path, detail["input"])
        case "tuple_type" if len(path) == 1 and path[0] in BLOCKS:
            fix = f"Write [[{path[0]}]], with two brackets on each side."
            return f"The heading of a {BLOCKS[path[0]]} needs double brackets.", fix
        case _ if kind in _BOUNDS:
            key, words = _BOUNDS[kind]
            return "This number is out of range.", f"It must be {words} {detail['ctx'][key]}."
    return next(
        (found for start, found in _EXPLANATIONS.items() if kind.startswith(start)),
        ("This value can't be used.", "See docs/campaigns.md."),
    )


def _explain_choice(detail: ErrorDetails) -> tuple[str, str]:
    """Explain a value that is none of a few: pydantic lists them as 'a', 'b' or 'c'."""
    choices = detail["ctx"]["expected"].replace(" or ", ", ").replace("'", "").split(", ")
    given = detail["input"]
    if isinstance(given, str) and (near := get_close_matches(given.lower(), choices, 1)):
        return "This value isn't known.", f'Did you mean "{near[0]}"?'
    listed = ", ".join(f'"{choice}"' for choice in choices)
    return "This value isn't known.", f"Possible values: {listed}"


def _fields(path: list[str]) -> dict[str, FieldInfo]:
    """Return the keys that belong where `path` ends."""
    if len(path) == 1:
        return CampaignFile.model_fields
    return OwnQuestion.model_fields if path[0] == "questions" else Target.model_fields


def _explain_unknown_key(path: list[str], known: Collection[str]) -> tuple[str, str]:
    """Return what is wrong with a misplaced or unknown key, and the fix.

    In TOML, a key belongs to the block above it, so a key added at the end is a target's, or a
    question's.
    """
    key, here = path[-1], BLOCKS.get(path[0], "")
    if key in CampaignFile.model_fields and here:
        return (
            f"This key does not belong to a {here}.",
            f"Write it above the first [[{path[0]}]].",
        )
    if here != "target" and key in Target.model_fields:
        return "This key belongs to a target.", "Write it under [[targets]]."
    if here != "question" and key in OwnQuestion.model_fields:
        return "This key belongs to a question.", "Write it under [[questions]]."
    return "This key is not known.", suggest(key, known)


def _format_fix(path: list[str], given: object) -> str:
    """Return how to write the value at `path`, which has the wrong format."""
    text = given if isinstance(given, str) else ""
    if "hours" in path:
        return "Write hours like 09:00-17:00."
    if any(name in path for name in _COUNTRY_KEYS):
        return suggest_country(text) or "Write a country as two capital letters, like PT."
    if path[0] == "questions" and "options" in path[-2:]:
        return _SLUG
    if any(name in path for name in ("languages", "name", *_TRANSLATED)):
        return suggest_language(text) or "Write a language like en, pt-BR or zh-Hant."
    return _SLUG
