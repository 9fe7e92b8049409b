"""The formats of a campaign's files: TOML, Markdown with sections, CSV."""
