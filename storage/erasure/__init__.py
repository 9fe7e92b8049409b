"""Erasing a person, a chat, a letter's writer, or all; and erasing again after a restore."""
