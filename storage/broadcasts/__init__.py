"""Tables of broadcasts: drafts, audiences, recipients and the ledger."""
