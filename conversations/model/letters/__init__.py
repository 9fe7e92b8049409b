"""A letter: its text, its sender, its states, and what a mail server said of it."""
