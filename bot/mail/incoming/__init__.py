"""Incoming mail: bounces, replies, and the IMAP mailbox they arrive in."""
