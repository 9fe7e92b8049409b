"""Reads the one-time code that a supporter types."""

import re
import unicodedata
from enum import StrEnum

CODE_DIGITS = 8
"""How many digits a one-time code has."""

TELEGRAM_CODE_DIGITS = 5
"""How many digits a login code of Telegram has."""

_CODE = re.compile(r"(?<!\d)\d{4}[\s\-–—._,·/]*\d{4}(?!\d)")


class CodeProblem(StrEnum):
    """Why a text cannot be a one-time code."""

    TELEGRAM = "telegram"
    NOT_A_CODE = "not_a_code"


def read_code(text: str) -> str | CodeProblem:
    """Return the eight digits of a one-time code, in ASCII.

    Digits of any script are accepted, with spaces, dashes or invisible characters, alone or in a
    pasted line. Five digits are the problem TELEGRAM: they may be a login code of Telegram, which
    nobody should send to a bot.
    """
    ascii_text = "".join(map(_in_ascii, text))
    found = _CODE.search(ascii_text)
    if found:
        return "".join(char for char in found.group() if char.isdigit())
    digits = [char for char in ascii_text if char.isdigit()]
    if len(digits) == TELEGRAM_CODE_DIGITS:
        return CodeProblem.TELEGRAM
    return "".join(digits) if len(digits) == CODE_DIGITS else CodeProblem.NOT_A_CODE


def _in_ascii(char: str) -> str:
    """Return a digit in ASCII, nothing for an invisible character or a mark, others unchanged."""
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    return "" if unicodedata.category(char) in ("Cf", "Mn", "Me") else char
