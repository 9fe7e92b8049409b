"""Makes a campaign from the text of an existing page: reads it, sorts its parts, writes files."""
