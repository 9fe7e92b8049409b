"""Published campaigns."""
