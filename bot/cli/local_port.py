"""Checks the port of a command that serves pages on this machine."""

import socket
from contextlib import closing

from bot.errors import CommandError
from bot.system_errors import describe_bind_error

_HOST = "127.0.0.1"


def require_free(port: int, command: str) -> None:
    """Raise CommandError if `port` can't be used. `command` is how another port is chosen."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
            probe.listen()
        except OSError as error:
            problem = describe_bind_error(error, _HOST, port)
            another = 8081 if port != 8081 else 8082
            fix = f"Choose another: {command} --port {another}"
            raise CommandError(problem, fix=fix) from None
