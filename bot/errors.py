"""The exception that stops a command: mistakes that the person who ran it can fix."""

from conversations.model.mistakes import Mistake


class CommandError(Exception):
    """A command cannot go on because of mistakes that the person who ran it can fix."""

    def __init__(
        self, problem: str | tuple[Mistake, ...], *, fix: str = "", where: str = ""
    ) -> None:
        """Create the error from one mistake in words, or from several mistakes."""
        self.mistakes = problem if isinstance(problem, tuple) else (Mistake(problem, fix, where),)
        super().__init__("\n".join(_line(mistake) for mistake in self.mistakes))


def _line(mistake: Mistake) -> str:
    return " · ".join(part for part in (mistake.where, mistake.problem, mistake.fix) if part)
