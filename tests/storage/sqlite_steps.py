"""How much work SQLite does, counted in the steps of its virtual machine."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection


def steps(connection: Connection, work: Callable[[Connection], Any]) -> int:
    """Return how many steps SQLite's virtual machine takes for `work`, in tens."""
    found = 0

    def count() -> None:
        nonlocal found
        found += 1

    driver: Any = connection.connection.dbapi_connection
    driver.set_progress_handler(count, 10)
    work(connection)
    driver.set_progress_handler(None, 0)
    return found
