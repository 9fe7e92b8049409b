"""Dialogues across restores, moves, upgrades, and updates that get lost."""
