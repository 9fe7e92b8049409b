"""Load a campaign's folder, and report every mistake in its files."""
