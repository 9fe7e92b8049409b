"""An embedded Telegram and an embedded mailbox, for the demo and for tests."""
