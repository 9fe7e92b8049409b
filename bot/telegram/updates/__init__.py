"""Updates: polling and the webhook, and what an update means."""
