"""How a new campaign is made in the chat: from an existing page, a template or an archive."""
