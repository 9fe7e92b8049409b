"""Explain why a TOML file can't be parsed, by the line where the parser stops (TOML 1.0).

No explanation contains a value: a settings file holds secrets.
"""

import re

DAY = "Write a day like 2030-12-31, without quotes."
TIME = "Write a time like 2030-06-30T18:00:00Z, without quotes."
BOOLEAN = "Write true or false in small letters, without quotes."
NUMBER = "Write a whole number in digits, without quotes: 1000"
QUOTES = 'Put text in straight quotes: key = "value"'
LIST = 'Write a list like ["PT", "ES"], with straight quotes.'

_LINE = re.compile(r"at line (\d+)")
_ASSIGNMENT = re.compile(r"""\s*([^=#"']*?|"[^"]*"|'[^']*')\s*=(.*)""", re.DOTALL)
_HEADING = re.compile(r"\s*\[{1,2}[\w.\"' -]*\]{0,2}\s*(#.*)?")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+(\s*\.\s*[A-Za-z0-9_-]+)*")
_DAY = re.compile(
    r"\d{1,2}\.? ?[./-] ?\d{1,2} ?[./-] ?\d{2,4}|\d{4}[./]\d{1,2}[./]\d{1,2}|\d{4}-\d{1,2}-\d{1,2}"
)
_TIME_OF_DAY = re.compile(r"\d{1,2}:\d{2}")
_BOOLEAN = re.compile(r"(true|false|yes|no|on|off|y|n|ja|nein|oui|non)\b", re.IGNORECASE)
_NOTHING = re.compile(r"(none|null|nil|n/a|undefined)\b", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d[\d.,'’ _]*")
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate inline table key")


def line_of(message: str) -> int | None:
    """Return the line, from 1, that an error message of `tomllib` names, if it names one."""
    found = _LINE.search(message)
    return int(found[1]) if found else None


def explain_syntax_error(content: str, message: str) -> tuple[str, str]:
    """Return what is wrong with a TOML file and how to fix it.

    `message` is the text of the error that `tomllib` raised.
    """
    if message.startswith(_TWICE):
        return "This appears twice.", "Remove one."
    number, lines = line_of(message), content.splitlines()
    line = lines[number - 1] if number and number <= len(lines) else ""
    return (
        _explain_line(line, message)
        or _explain_end(message)
        or (
            "This isn't valid TOML from here on.",
            f'{QUOTES}, and lists in brackets: ["a", "b"]',
        )
    )


def _explain_end(message: str) -> tuple[str, str] | None:
    """Explain an error at the end of the file: something was never closed."""
    if message.startswith("Unclosed array"):
        return "A list has no closing bracket.", LIST
    if message.startswith(("Unterminated string", "Expected \"'''\"", 'Expected \'"""\'')):
        return "A text has no closing quote.", QUOTES
    return None


def _explain_line(line: str, message: str) -> tuple[str, str] | None:
    stripped = line.strip()
    if not stripped:
        return None
    if message.startswith("Illegal character"):
        return _explain_illegal_character(stripped)
    if stripped.startswith("[") and _HEADING.fullmatch(line):
        return "The brackets of this heading don't match.", "Write [section] or [[targets]]."
    assignment = _ASSIGNMENT.fullmatch(line)
    if assignment is None:
        return _explain_statement(stripped)
    key, value = assignment[1].strip(), assignment[2].strip()
    if not _BARE_KEY.fullmatch(key) and not key.startswith(('"', "'")):
        fix = "Write it with a-z, 0-9 and _ only, without spaces."
        return "This key isn't written correctly.", fix
    return _explain_value(value, message)


def _explain_illegal_character(line: str) -> tuple[str, str]:
    if line.count('"') % 2 or line.count("'") % 2:
        return "A text has no closing quote.", QUOTES
    return "This line contains an invisible character.", "Type it again."


def _explain_statement(line: str) -> tuple[str, str]:
    """Explain a line that has no `=`."""
    key, colon, _ = line.partition(":")
    if colon and _BARE_KEY.fullmatch(key.strip()):
        return "A key and its value are separated by =, not by a colon.", f"Write: {key} = …"
    fix = "Write key = value. A note begins with #."
    return "This line is neither a heading nor a key with a value.", fix


def _explain_value(value: str, message: str) -> tuple[str, str] | None:
    """Explain a value that is not TOML."""
    if not value or value.startswith("#"):
        return "This key has no value.", "Write one after the =, or put # before the line."
    if value[0] in "[{" or value[0] in "\"'":
        return _explain_opened(value, message)
    if value[0] in "“”„‟«»‘’":
        return "These quotes are typographic.", QUOTES
    if _DAY.match(value):
        if _TIME_OF_DAY.search(value):
            return "This isn't a valid time.", TIME
        return "This isn't a valid day.", DAY
    if _BOOLEAN.match(value):
        return "This isn't true or false.", BOOLEAN
    if _NOTHING.match(value):
        return "TOML has no empty value.", "Remove the line: then the default applies."
    if found := _NUMBER.match(value):
        rest = value[found.end() :]
        if not rest or rest.startswith("#"):
            return "This isn't a valid number.", NUMBER
    if message.startswith("Expected newline"):
        return "Something follows the value.", "Remove it, or put # before it."
    return "A text needs quotes.", QUOTES


def _explain_opened(value: str, message: str) -> tuple[str, str]:
    """Explain a list, a table or a text that begins correctly."""
    if value[0] == "[":
        if "]" not in value:
            return "A list has no closing bracket.", LIST
        return "This list isn't written correctly.", LIST
    if value[0] == "{":
        fix = 'Write it on one line like { en = "text", pt = "text" }'
        return "This table isn't written correctly.", fix
    if "escape" in message or "Unescaped" in message:
        return "A backslash in a text is special.", r"Write \\ for a backslash."
    if message.startswith("Expected newline"):
        fix = r"Remove it, or put # before it. Write \" for a quote inside a text."
        return "Something follows the text.", fix
    return "A text has no closing quote.", QUOTES
