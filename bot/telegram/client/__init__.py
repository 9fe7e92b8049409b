"""Calls of the Bot API: connections, errors, rate limits and priorities."""
