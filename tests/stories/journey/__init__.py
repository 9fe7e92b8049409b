"""Dialogues of supporters, from /start to Send."""
