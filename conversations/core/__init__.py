"""What every conversation uses: events, replies, effects, facts and the context."""
