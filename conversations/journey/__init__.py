"""A supporter's journey, from /start to the letter and its status."""
