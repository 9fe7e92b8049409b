"""Loads what handlers ask for: in the transaction of an answer, or outside of it."""
