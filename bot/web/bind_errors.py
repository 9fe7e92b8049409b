"""Turns a port that can't be used into a CommandError."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import CommandError
from bot.system_errors import describe_bind_error


@contextmanager
def bind_errors(key: str, host: str, port: int) -> Iterator[None]:
    """Raise CommandError for an OSError; `key` is the setting under [web] that names the port."""
    try:
        yield
    except OSError as error:
        raise CommandError(
            describe_bind_error(error, host, port),
            fix="Stop that program or bot, or choose another port or address.",
            where=f"web.{key}",
        ) from None
