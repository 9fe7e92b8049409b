"""Checks of a campaign: its settings, texts, questions, recipients and pictures."""
