"""Dialogues about letters after Send: states, bounces, answers, reminders."""
