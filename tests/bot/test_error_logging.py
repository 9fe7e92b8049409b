"""Every handler that catches any exception raises another one or logs where the error was."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
HELPER = "error_fields"
BROAD = {"Exception", "BaseException"}

REPORTED_OTHERWISE = {
    "bot/doctor/checks.py": "the doctor prints a finding with the class",
    "bot/doctor/database.py": "the doctor prints a finding with the class",
    "bot/mail/incoming/bounces.py": "a library fails on garbage, which is then no bounce",
    "bot/services/mail/batching.py": "the exception is passed on to the caller's future",
    "bot/telegram/updates/inbound.py": "the update is returned as malformed, with the class",
    "bot/telegram/client/request.py": "the exception is mapped, and raised after the block",
}
"""Files with one broad handler that needs no log line, and why it needs none."""


def names(node: ast.AST | None) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} if node else set()


def is_broad(node: ast.AST) -> bool:
    """Whether this catches any exception: `except Exception`, a bare `except`, or `suppress`."""
    match node:
        case ast.ExceptHandler(type=caught):
            return caught is None or bool(names(caught) & BROAD)
        case ast.Call(func=ast.Name(id="suppress"), args=caught):
            return any(names(each) & BROAD for each in caught)
        case _:
            return False


def is_logged(node: ast.AST) -> bool:
    """Whether the handler raises, or logs with the helper."""
    return any(isinstance(each, ast.Raise) for each in ast.walk(node)) or HELPER in {
        each.func.attr if isinstance(each.func, ast.Attribute) else getattr(each.func, "id", "")
        for each in ast.walk(node)
        if isinstance(each, ast.Call)
    }


def sources() -> Iterator[tuple[str, ast.AST]]:
    for path in sorted((ROOT / "bot").rglob("*.py")):
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def test_every_broad_handler_raises_or_logs_the_location() -> None:
    silent = [
        file
        for file, tree in sources()
        for node in ast.walk(tree)
        if is_broad(node) and not is_logged(node)
    ]
    assert sorted(silent) == sorted(REPORTED_OTHERWISE)


def test_no_log_line_names_an_error_without_its_location() -> None:
    found = [
        (file, node.lineno)
        for file, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical"}
        and any(keyword.arg in {"error", "exc_info"} for keyword in node.keywords)
    ]
    assert found == []
