"""Send mail from the outbox to the mail server, with retries."""
