"""The outbox: queue mail, claim it for sending, and record what became of it."""
