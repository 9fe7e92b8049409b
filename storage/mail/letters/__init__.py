"""Tables of letters: actions, what one Send shares, states, copies, corrections, erasure."""
