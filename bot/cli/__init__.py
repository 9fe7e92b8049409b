"""The `actionbot` commands, one file per group. No other package imports from here."""
