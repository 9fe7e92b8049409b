"""The questions of the journey: one file for each."""
