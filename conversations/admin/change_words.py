"""What changed in a campaign, in words: each text and setting under the editor's name for it."""

from collections.abc import Iterator, Sequence

from babel import UnknownLocaleError

from conversations.model.campaigns.campaign import CampaignTerms
from conversations.model.campaigns.campaign_questions import OwnQuestion, in_language
from conversations.model.campaigns.settings import YES_NO, Setting, setting_of
from conversations.model.campaigns.targets import Target
from conversations.model.campaigns.text_headings import CODES, NUMBERED
from conversations.model.campaigns.versions import Change
from conversations.text.html import Html
from conversations.text.languages import own_name
from conversations.text.wording import Wording

MAX_CHANGES = 12
"""How many changes are shown, so that the longest fit into a message."""

MAX_VALUE = 100
"""How many characters of a changed text are shown."""

MAX_NAME = 28
"""How many characters of the name of a recipient or question are shown."""

_OTHER_KEYS = {
    "languages": "edit.campaign_languages",
    "picture": "edit.part_picture",
    "questions": "edit.group_questions",
    "target_defaults": "edit.group_table",
    "targets": "edit.group_targets",
}
"""The keys of a campaign whose names in the editor don't begin with `edit.set_`."""

_KEYS = {*CampaignTerms.model_fields, *Target.model_fields, *OwnQuestion.model_fields}
_KEYS -= {"id", "options", "questions", "slug", "targets"}


def say_changes(
    wording: Wording,
    changes: Sequence[Change],
    most: int = MAX_CHANGES,
    *,
    as_in_files: bool = False,
) -> Iterator[Html]:
    """Yield a line for each change, up to `most`, with the editor's names of places and values.

    With `as_in_files`, both are as in the files: “campaign.toml, goal”.
    """
    for each in changes[:most]:
        if as_in_files:
            place = f"{each.file}, {each.part}" if each.part else each.file
            before, after = each.before, each.after
        else:
            place = place_in_words(wording, each)
            before, after = (_say_value(wording, each, text) for text in (each.before, each.after))
        values = {"place": place, "before": _short(before), "after": _short(after)}
        yield wording.say(f"versions.{_kind(each)}", **values)
    if len(changes) > most:
        yield wording.say("versions.more", count=len(changes) - most)


def place_in_words(wording: Wording, change: Change) -> str:
    """Return where a change is, as the editor names it: “Text to share (English)”, “Goal”."""
    name, _, ending = change.file.rpartition(".")
    if not change.part:
        return change.file
    if ending == "md":
        return f"{_say_heading(wording, change)} ({_own_name(name)})"
    path = change.part.split(".")
    match [name, *path] if ending == "csv" else path:
        case ["areas", prefix, *_]:
            return f"{say_key(wording, 'areas')}: {prefix}"
        case ["targets" | "questions", id_, *keys]:
            return _say_in_block(wording, change, id_, keys)
        case ["target_defaults" as table, key]:
            return f"{say_key(wording, table)}: {say_key(wording, key, in_block=True) or key}"
        case [key, *_]:
            return say_key(wording, key) or change.part
        case _:
            return change.part


def say_choice(wording: Wording, setting: Setting, value: str) -> str:
    """Return the label of one of a setting's choices, such as “Yes”; another value as it is.

    A choice between yes and no is “yes” or “no”, or “true” or “false” as in campaign.toml.
    """
    choices = setting.choices
    if choices == YES_NO:
        choices, value = ("yes", "no"), {"true": "yes", "false": "no"}.get(value, value)
    if value not in choices:
        return value
    return wording.label(f"edit.is_{setting.said}{value}")


def _say_value(wording: Wording, change: Change, text: str) -> str:
    """Return a value of campaign.toml as the editor's buttons show it; another text as it is."""
    match change.part.split("."):
        case [("targets" | "target_defaults" | "questions") as table, *_, key]:
            setting = setting_of(table, key)
        case [key]:
            setting = setting_of("", key)
        case _:
            setting = None
    if setting is None or not change.file.endswith(".toml"):
        return text
    return say_choice(wording, setting, text)


def shorten_name(name: str) -> str:
    """Return the first MAX_NAME characters of the name of a recipient or question."""
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1].rstrip()}…"


def say_key(wording: Wording, key: str, *, in_block: bool = False) -> str:
    """Return the editor's name of a key of campaign.toml; "" for one that the editor doesn't know.

    `in_block` is for a key of a recipient or question: both a recipient and a campaign have
    languages.
    """
    if not in_block and (other := _OTHER_KEYS.get(key)):
        return wording.label(other)
    if key == "options":
        return wording.label("edit.set_option")
    return wording.label(f"edit.set_{key}") if key in _KEYS else ""


def place_in_log(wording: Wording, place: str) -> str:
    """Return the editor's name of what the audit log calls “goal” or “en: Title”."""
    if ".csv" in place:  # the names of files that were sent
        return place
    language, _, heading = place.partition(": ")
    file = f"{language}.md" if heading else "campaign.toml"
    return place_in_words(wording, Change(file, heading or place, "", ""))


def _say_heading(wording: Wording, change: Change) -> str:
    """Return the editor's name of a heading; the heading if the editor has none."""
    if code := CODES.get(change.part):
        return wording.label(f"edit.part_{code}")
    kind, _, number = change.part.partition(" ")
    for code, heading in NUMBERED.items():
        if kind == heading:
            return wording.label(f"edit.part_{code}", number=change.number or number or 1)
    return change.part


def _say_in_block(wording: Wording, change: Change, id_: str, keys: list[str]) -> str:
    """Return the name of a recipient or question, and the editor's name of the key in it."""
    name = shorten_name(in_language(change.names, wording.reads) if change.names else id_)
    if keys in ([], ["id"]):
        return name
    key, *rest = keys
    if key.startswith("name_"):  # a column of targets.csv
        key, rest = "name", [key.removeprefix("name_")]
    said = f"{name}: {say_key(wording, key, in_block=True) or key}"
    return f"{said} ({_own_name(rest[-1])})" if rest else said


def _own_name(language: str) -> str:
    try:
        return own_name(language)
    except (ValueError, UnknownLocaleError):  # a file or column that somebody misnamed
        return language


def _kind(change: Change) -> str:
    """Return the key of the sentence about a change."""
    if not change.part:
        return "changed_file"
    if not change.before:
        return "added"
    return "changed" if change.after else "removed"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_VALUE else f"{line[: MAX_VALUE - 1]}…"
