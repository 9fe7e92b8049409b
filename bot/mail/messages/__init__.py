"""Build outgoing mail and read the headers of incoming mail."""
