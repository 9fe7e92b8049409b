"""Buttons under figures."""
