"""How campaigns are edited and translated in the chat: drafts, their preview, publishing them."""
