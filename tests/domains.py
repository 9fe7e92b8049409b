"""Domains of large mail providers, and slips in them. No whole address at them is in the tests."""

GMAIL, GMIAL, GMAIL_CO = "gmail.com", "gmial.com", "gmail.co"
HOTMIAL = "hotmial.com"
YAHO = "yaho.com"
