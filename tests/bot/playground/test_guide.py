"""docs/playground.md, compared with what the playground does."""

import re

from bot.playground.bots import PEOPLE
from bot.playground.telegram import TelegramState
from bot.playground.telegram.methods import Methods
from tests.fork_server import ROOT

GUIDE = (ROOT / "docs" / "playground.md").read_text(encoding="utf-8")


def test_the_guide_lists_the_methods_that_are_supported_and_no_other() -> None:
    supported = GUIDE.partition("## What it supports")[2].partition("Any other method")[0]
    listed = re.findall(r"`([a-z][a-zA-Z]+)`", supported)
    assert len(listed) == len({*listed})
    assert {name.lower() for name in listed} == {*Methods(TelegramState()).names}


def test_the_guide_names_the_people() -> None:
    for id_, first_name, *_ in PEOPLE:
        assert f"{first_name}" in GUIDE and f"{id_}" in GUIDE
