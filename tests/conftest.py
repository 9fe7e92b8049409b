"""Fixtures that every test may ask for."""

from tests.databases import database, database_url, server, vault

__all__ = ["database", "database_url", "server", "vault"]
