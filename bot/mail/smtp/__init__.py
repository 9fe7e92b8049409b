"""Connections to our mail server and what its replies mean."""
