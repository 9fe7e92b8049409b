"""Each fact that a handler can ask for has exactly one loader, which returns what it promises."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_type_hints

import pytest

import conversations
from bot.services.conversation.fact_loader import COUNTS, LOOKUPS
from bot.services.conversation.fact_queries import QUERIES
from conversations.core.fact_requests import Fact

LOADERS: list[tuple[type[Fact[Any]], Callable[..., Any]]] = [
    *QUERIES.items(),
    *COUNTS.items(),
    *LOOKUPS.items(),
]


def requests(base: type[Fact[Any]] = Fact) -> Iterator[type[Fact[Any]]]:
    for each in base.__subclasses__():
        yield each
        yield from requests(each)


def test_each_request_has_exactly_one_loader() -> None:
    for module in pkgutil.walk_packages(conversations.__path__, "conversations."):
        importlib.import_module(module.name)
    assert sorted(str(request) for request, _ in LOADERS) == sorted(map(str, requests()))


@pytest.mark.parametrize(("request_class", "loader"), LOADERS)
def test_a_loader_takes_its_request_and_returns_its_answer(
    request_class: Any, loader: Callable[..., Any]
) -> None:
    hints = get_type_hints(loader)
    (answer,) = get_args(request_class.__orig_bases__[0])
    assert (hints["request"], hints["return"]) == (request_class, answer)
