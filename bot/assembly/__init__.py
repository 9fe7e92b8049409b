"""Build the parts of the bot from the settings: one builder for each area."""
