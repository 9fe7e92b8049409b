"""Read a campaign's folder and report every mistake in it."""
