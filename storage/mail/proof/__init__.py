"""Tables of one-time codes that prove an address, their limits, and owners who disown them."""
