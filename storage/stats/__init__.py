"""Tables of figures: tallies, samples, digests and recounts."""
