"""Tables of chats: the saved journey, and which Telegram updates were handled."""
