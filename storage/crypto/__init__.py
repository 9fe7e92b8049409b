"""Encryption, keyed hashes and the key file."""
