"""Fixtures of the chaos tests."""

from tests.bot.conftest import organisation

__all__ = ["organisation"]
