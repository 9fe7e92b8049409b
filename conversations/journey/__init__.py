"""A supporter's journey, from /start to the letter and its status."""

from conversations.journey.flow import registry

__all__ = ["registry"]
