"""Tables of mail: actions, the outbox, results, codes, copies and returned mail."""
