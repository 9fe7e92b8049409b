"""The HTTP server: Telegram's webhook, public counters, health checks and metrics."""
