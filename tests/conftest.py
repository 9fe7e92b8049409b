"""Fixtures that every test may ask for."""

from hypothesis import settings

from tests.databases import _in_haste, database, database_url, server, template, vault

__all__ = ["_in_haste", "database", "database_url", "server", "template", "vault"]

# How long an example takes says more of the machine than of the code.
settings.register_profile("actionbot", deadline=None)
settings.load_profile("actionbot")
