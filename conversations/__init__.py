"""What is said: pure rules, no Telegram, no SQL, no network, no clock."""
