"""The questions that prove an address: for the address, and for the code that is mailed to it."""
