"""Each fact that a handler can ask for has exactly one loader."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any, cast

import conversations
from bot.services.conversation.fact_loader import FactLoader
from bot.services.core import Core
from conversations.core.fact_requests import Fact


def requests(base: type[Fact[Any]] = Fact) -> Iterator[type[Fact[Any]]]:
    for each in base.__subclasses__():
        yield each
        yield from requests(each)


def test_each_request_has_exactly_one_loader() -> None:
    for module in pkgutil.walk_packages(conversations.__path__, "conversations."):
        importlib.import_module(module.name)
    unused = cast(Any, None)
    loader = FactLoader(
        Core(unused, unused, unused, unused), unused, unused, unused, unused, unused
    )
    loaded = [*loader.queries, *loader.counts, *loader.lookups]
    assert sorted(map(str, loaded)) == sorted(map(str, requests()))
