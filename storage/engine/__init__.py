"""Database engines: transactions on SQLite and PostgreSQL."""
