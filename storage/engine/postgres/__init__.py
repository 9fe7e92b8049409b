"""Transactions on PostgreSQL, how they wait for connections, and whom they notify."""
