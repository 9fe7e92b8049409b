"""Say in words why a port can't be used, or why a server can't be reached."""

import errno
import re

_CHECK_HOST = "Check the host name, and the DNS of this machine."
_CHECK_FIREWALL = "Check host and port, and that no firewall blocks the way."
_CHECK_TLS = "Check the port, and whether the server uses TLS there."

_CONNECTION_ERRORS = {
    "ConnectionRefusedError": (
        "Nothing listens at {where}.",
        "Start the server, or fix host and port.",
    ),
    "gaierror": ("There is no server named {host}.", _CHECK_HOST),
    "TimeoutError": ("{where} doesn't answer.", _CHECK_FIREWALL),
    "SMTPConnectTimeoutError": ("{where} doesn't answer.", _CHECK_FIREWALL),
    "SMTPReadTimeoutError": ("{where} doesn't answer.", _CHECK_TLS),
    "SMTPTimeoutError": ("{where} doesn't answer.", _CHECK_TLS),
    "ConnectionResetError": ("{where} closes the connection.", _CHECK_TLS),
    "ConnectionError": ("{where} closes the connection.", _CHECK_TLS),
    "ConnectionAbortedError": ("{where} closes the connection.", _CHECK_TLS),
    "BrokenPipeError": ("{where} closes the connection.", _CHECK_TLS),
    "SMTPServerDisconnected": ("{where} closes the connection.", _CHECK_TLS),
    "SSLError": ("{where} doesn't speak TLS as it should.", _CHECK_TLS),
    "OSError": ("There is no way to {where} from this machine.", _CHECK_FIREWALL),
}
"""What is wrong and what to do, by the name of the exception's class."""

_ERROR_NUMBER = re.compile(r"\[Errno (\d+)\]")


def describe_connection_error(
    error: Exception | str, host: str, port: int | None
) -> tuple[str, str] | None:
    """Return why `host` can't be reached, and what to do; None if `error` is of another kind.

    `error` is an exception or the name of its class. Its text is never shown.
    """
    found = _CONNECTION_ERRORS.get(error if isinstance(error, str) else _class_name(error))
    if found is None:
        return None
    shown = f"[{host}]" if ":" in host else host
    where = f"{shown}:{port}" if port else shown
    problem, fix = found
    return problem.format(host=host, where=where), fix


def _class_name(error: Exception) -> str:
    """Return the name of the error's class.

    A host with several addresses that all refuse gives a plain OSError (asyncio, uvloop).
    """
    numbers = {int(number) for number in _ERROR_NUMBER.findall(str(error))}
    if isinstance(error, OSError) and numbers == {errno.ECONNREFUSED}:
        return ConnectionRefusedError.__name__
    return type(error).__name__


def describe_bind_error(error: OSError, host: str, port: int) -> str:
    """Return why this process can't listen on `port` of `host`."""
    match _bind_error_number(error):
        case errno.EADDRINUSE:
            return f"Port {port} is taken by another program."
        case errno.EACCES:
            return f"Only root may use port {port}."
        case errno.EADDRNOTAVAIL:
            return f"{host} isn't an address of this machine."
        case _:
            return f"Port {port} of {host} can't be used ({type(error).__name__})."


def _bind_error_number(error: OSError) -> int | None:
    """Return the system's error number. asyncio wraps it into an error with the same number."""
    if error.errno is None and (found := _ERROR_NUMBER.search(str(error))):
        return int(found[1])
    return error.errno
