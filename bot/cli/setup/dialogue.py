"""Ask for answers: on a terminal, from a pipe, or from options alone."""

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

import typer

from bot.doctor import report
from bot.doctor.finding import Finding, Status
from bot.errors import CommandError
from conversations.model.mistakes import Mistake

Findings = tuple[Finding, ...]


def is_terminal() -> bool:
    """Return whether a person types the answers."""
    return sys.stdin.isatty()


class Dialogue:
    """Asks questions, unless an option answers them.

    On a terminal, a wrong answer is asked again. Elsewhere it ends the command, so that the order
    of the answers never depends on what is right or reachable.
    """

    def __init__(self, given: Mapping[str, str], *, yes: bool = False) -> None:
        """`given` are the answers by option, such as --token. With `yes`, nothing is asked."""
        self._given = given
        self._yes = yes
        self.is_interactive = not yes and is_terminal()
        self._lines = 0
        """How many lines of a pipe were read."""

    def is_given(self, option: str) -> bool:
        """Return whether the option was used."""
        return option in self._given

    def require(self, options: Mapping[str, str]) -> None:
        """Raise CommandError for each of these options that is missing, if nothing can be asked.

        `options` names the variable that can be used instead of each option.
        """
        missing = tuple(
            Mistake("This is missing.", f"Give {option}, or set {variable}", option)
            for option, variable in options.items()
            if self._yes and option not in self._given
        )
        if missing:
            raise CommandError(missing)

    def ask(
        self,
        option: str,
        question: str,
        parse: Callable[[str], str],
        *,
        default: str | None = None,
        secret: bool = False,
    ) -> str:
        """Return what `parse` makes of the answer. Raises CommandError for a wrong one.

        `parse` raises CommandError or ValueError. `option` is "" for a question that has none. An
        empty answer stands for `default`. A secret answer is not shown.
        """
        if option in self._given:
            return self._parsed(parse, self._given[option], option)
        if self._yes:
            return self._parsed(parse, default or "", option)
        while True:
            if not self.is_interactive:
                line = self._read_line(question, default)
                return self._parsed(parse, line, f"line {self._lines} of the input")
            typed = typer.prompt(
                question,
                default="" if secret else default,
                hide_input=secret,
                show_default=bool(default),
            )
            try:
                return parse(str(typed).strip())
            except (CommandError, ValueError) as error:
                typer.echo(f"✗ {_words(error)}")

    def keeps(self, findings: Findings) -> bool:
        """Show what a test of an answer found; ask whether to keep an answer with a problem.

        Without a terminal it is kept: a server may be unreachable only now.
        """
        for finding in findings:
            for line in report.finding_lines(finding):
                typer.echo(line)
            for record in finding.records:
                typer.echo("\n".join(record.lines()))
        if not any(finding.status is Status.BAD for finding in findings):
            return True
        if self.is_interactive:
            return typer.confirm("Keep it anyway?", default=False)
        typer.echo("  It is kept. Once this is fixed, run: actionbot doctor")
        return True

    def _read_line(self, question: str, default: str | None) -> str:
        typer.echo(f"{question}:")
        line = sys.stdin.readline()
        self._lines += 1
        if not line and default is None:
            raise CommandError(
                f"The input ended before the answer to “{question}”.",
                fix="Give one answer per line, or use options: actionbot init --help",
            )
        return line.strip() or default or ""

    def _parsed(self, parse: Callable[[str], str], answer: str, where: str) -> str:
        try:
            return parse(answer.strip())
        except CommandError as error:
            (mistake,) = error.mistakes
            raise CommandError(mistake.problem, fix=mistake.fix, where=where) from None
        except ValueError as error:
            raise CommandError(str(error), fix=_fix(error), where=where) from None


def _words(error: Exception) -> str:
    return f"{error} {_fix(error)}".strip() if isinstance(error, ValueError) else str(error)


def _fix(error: ValueError) -> str:
    """Return how to fix an answer: the errors of settings say it."""
    with suppress(AttributeError):
        return str(error.context["fix"])  # type: ignore[attr-defined]  # of PydanticCustomError
    return ""
