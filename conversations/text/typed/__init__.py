"""Reads what people type: names, addresses, codes, choices, numbers, days and times."""
