"""Tables of chats: saved journeys, subscriptions, consents, and handled Telegram updates."""
