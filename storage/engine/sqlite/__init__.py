"""Transactions on SQLite, the threads of its connections, and checkpoints of its log."""
