"""Fixtures of other tests that these ones need."""

from tests.bot.conftest import organisation

__all__ = ["organisation"]
