"""Dialogues about what is stored of people, for how long, and how it ends."""
