"""Fixtures of other tests that these ones need."""

from tests.bot.conftest import organisation
from tests.stories.conftest import stage

__all__ = ["organisation", "stage"]
