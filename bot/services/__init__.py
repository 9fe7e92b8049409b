"""What ties a conversation to storage: each service is one verb."""
