"""Whether everything is set up to arrive, tried for real, in words."""
