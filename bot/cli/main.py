"""The `actionbot` command: it starts a service or another command, and prints errors.

Services run for months, so `run` and `work` load neither Typer nor the other commands.
"""

import gc
import os
import signal
import sys
from types import ModuleType
from typing import cast

from bot import process_memory
from bot.cli.failures import EXIT_FAILURE, EXIT_MISTAKE, print_error, print_mistakes
from bot.errors import CommandError
from conversations.model.mistakes import Mistake, describe_file_error

_SERVICES = {
    ("run",): (True, True),
    ("run", "--no-workers"): (True, False),
    ("work",): (False, True),
}
"""The arguments of services: whether they answer, and whether they work. `--help` and mistyped
options go to the commands of the same names.
"""

_UNUSED_BY_SERVICES = ("rich", "httpx._main")
"""What libraries load if they can, for terminals: structlog's tracebacks, the command of httpx."""


def main() -> None:
    """Run a command. An error is printed in plain words, without traceback or secrets."""
    service = _SERVICES.get(tuple(sys.argv[1:]))
    if service is not None:
        load_less()
        process_memory.share_heap()
    from bot import logs

    logs.configure()
    process_memory.disable_core_dumps()
    try:
        _run(service)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except Exception as error:
        cause: Exception = error
        while isinstance(cause, ExceptionGroup):
            cause = cause.exceptions[0]
        if isinstance(cause, CommandError):
            print_mistakes(cause.mistakes)
            sys.exit(EXIT_MISTAKE)
        if isinstance(cause, OSError) and cause.filename is not None:
            problem, fix = describe_file_error(cause)
            print_mistakes((Mistake(problem, fix, os.fsdecode(cause.filename)),))
            sys.exit(EXIT_MISTAKE)
        # Only the error's class and place: its text may contain anything.
        found = logs.error_fields(error)
        place = f"{found['error']} in {found['where']}"
        print_error(f"✗ Unexpected error: {place}. Please report it.")
        sys.exit(EXIT_FAILURE)
    sys.exit()


def _run(service: tuple[bool, bool] | None) -> None:
    """Run a service, or the command that the arguments name."""
    if service is None:
        from bot.cli.commands import app

        app(standalone_mode=True)
    else:
        from bot.cli.serving import serve_bot

        answer, work = service
        serve_bot(answer=answer, work=work)


def load_less() -> None:
    """Start a service with fewer modules, and without a search for garbage among what stays.

    `App.run` switches the search on again.
    """
    gc.disable()
    for name in _UNUSED_BY_SERVICES:
        # An import of a module that is None fails, as if it were not installed.
        cast(dict[str, ModuleType | None], sys.modules).setdefault(name, None)
