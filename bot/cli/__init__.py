"""The `actionbot` commands, one file per group."""
