"""Effects and their handlers."""

from collections import Counter
from typing import get_args

import pytest

from conversations.core.effects import Effect
from conversations.core.effects.base import BaseEffect
from conversations.core.effects.journey import DropCode
from storage.apply_effects import DOMAINS
from storage.transaction import EffectHandlers, Transaction


def test_each_effect_has_exactly_one_handler() -> None:
    handled = Counter(effect for domain in DOMAINS for effect in domain.by_class)
    assert handled == Counter(get_args(Effect))


def test_each_class_of_effect_is_in_the_union() -> None:
    assert set(BaseEffect.__subclasses__()) == set(get_args(Effect))


def test_a_second_handler_is_refused() -> None:
    handlers = EffectHandlers()

    @handlers.handles(DropCode)
    def first(effect: DropCode, transaction: Transaction) -> None: ...

    with pytest.raises(ValueError, match="DropCode has two handlers"):

        @handlers.handles(DropCode)
        def second(effect: DropCode, transaction: Transaction) -> None: ...
