"""The wire to mail servers and to DNS."""
