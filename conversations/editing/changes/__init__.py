"""What changes a draft: typed texts, uploaded files, and edits of blocks of `campaign.toml`."""
