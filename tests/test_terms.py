"""The pages about rules and data, held to the code."""

import ast
import json
import re
from functools import cache
from pathlib import Path

from conversations.core.buttons.persistent import SaveMyData
from conversations.core.events import PersistentButtonPressed
from conversations.core.replies import Document
from tests.conversations.play import HONG_KONG, Chat

ROOT = Path(__file__).parent.parent
TERMS = (ROOT / "docs" / "terms.md").read_text(encoding="utf-8")
MYDATA = (ROOT / "docs" / "mydata.md").read_text(encoding="utf-8")


@cache
def _functions(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def test_each_rule_names_code_and_a_test_that_exist() -> None:
    rows = [line for line in TERMS.splitlines() if re.match(r"\| [0-9]", line)]
    assert len(rows) > 20
    for row in rows:
        *_, code, test, _ = row.split("|")
        (file,) = re.findall(r"`([^`]+)`", code)
        assert (ROOT / file).is_file(), row
        (named,) = re.findall(r"`([^`]+)`", test)
        file, _, name = named.partition("::")
        assert (ROOT / file).is_file(), row
        assert any(each.startswith("test_") for each in _functions(file)), row
        assert not name or name in _functions(file), row


def test_the_page_describes_every_key_of_the_file() -> None:
    chat = Chat({HONG_KONG.slug: HONG_KONG})
    turn = chat.happens(PersistentButtonPressed(SaveMyData()))
    (file,) = [each for each in turn.replies if isinstance(each, Document)]
    described = re.findall(r"^\| `(\w+)` \|", MYDATA, re.MULTILINE)
    assert list(json.loads(file.content)) == described
