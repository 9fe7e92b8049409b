"""Handle chat events in transactions, and send the replies."""
