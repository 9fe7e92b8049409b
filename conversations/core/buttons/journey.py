"""Buttons of supporters: those of a question, and those that outlive it."""
