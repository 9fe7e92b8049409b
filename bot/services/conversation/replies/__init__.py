"""Sends replies in order, and again after a crash."""
