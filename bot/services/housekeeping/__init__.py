"""Erase expired data, and reload changed campaign folders."""
