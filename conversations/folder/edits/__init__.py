"""Changes to a campaign's files: finding, merging and making them."""
