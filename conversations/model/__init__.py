"""Plain values that conversations, storage and services share."""
