"""Table definitions and migrations."""
