"""Short codes of recipients, questions and options, as buttons of the editor carry them.

tXXXXXX        a recipient      XXXXXX and YYYY are made of the id, not of the place: recipients and
qXXXX          a question       questions can be added and removed while a button is in a chat, and
qXXXX.oYYYY    an option        it must not mean another one then
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256

from conversations.editing.changes.blocks import Block, blocks_of, options_of
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.edits.short_texts import ShortText
from conversations.folder.formats.toml_file import QUESTIONS, TARGETS

_DIGITS: Mapping[str, int] = {TARGETS: 6, QUESTIONS: 4}
"""How many characters of its digest name a block: a campaign can have 10,000 recipients."""

_OPTION_DIGITS = 4

BLOCK_CODE = r"t[\w-]{6}|q[\w-]{4}"
"""The code of a recipient or question."""

OPTION_CODE = r"(q[\w-]{4})\.o([\w-]{4})"
"""The code of an option: its question, and what names the option in it."""

_BLOCK = re.compile(BLOCK_CODE)


def code_of(array: str, id_: str) -> str:
    """Return the code of a recipient or question."""
    return f"{array[0]}{digest(id_, _DIGITS[array])}"


def option_code(question: str, option: str) -> str:
    """Return the code of an option of a question."""
    return f"{code_of(QUESTIONS, question)}.o{digest(option, _OPTION_DIGITS)}"


def text_code(text: ShortText) -> str:
    """Return the code of a name, or of a text of a question."""
    array, id_, *rest = text.path
    if len(rest) > 1:
        return option_code(id_, rest[1])
    return f"{code_of(array, id_)}.{rest[0]}"


def array_of(code: str) -> str:
    """Return the array of campaign.toml that a code belongs to."""
    return TARGETS if code.startswith("t") else QUESTIONS


def find_block(files: CampaignFiles, code: str) -> tuple[str, Block] | None:
    """Return the array and the block of campaign.toml with a code; None if there is none."""
    if not _BLOCK.fullmatch(code):
        return None
    array = array_of(code)
    found = (each for each in blocks_of(files, array) if code_of(array, each[0]) == code)
    return next(((array, each) for each in found), None)


def find_option(block: Block, digits: str) -> str | None:
    """Return the id of the option of a question that `digits` stand for; None if it has gone."""
    ids = options_of(block[1])
    return next((each for each in ids if digest(each, _OPTION_DIGITS) == digits), None)


def digest(text: str | bytes, digits: int = 6) -> str:
    """Return `digits` characters that stand for a text, without any that a button can't carry."""
    content = text.encode() if isinstance(text, str) else text
    return urlsafe_b64encode(sha256(content).digest()).decode()[:digits]
