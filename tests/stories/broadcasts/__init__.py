"""Dialogues of campaigners who send broadcasts."""
