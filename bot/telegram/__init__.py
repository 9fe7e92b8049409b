"""Telegram: reading updates, sending messages, pacing, and the connections to the Bot API."""
