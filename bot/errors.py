"""The error that ends a command: mistakes that the person who typed it can fix."""

from conversations.model.mistakes import Mistake


class CommandError(Exception):
    """A command cannot continue because of mistakes that the person who typed it can fix."""

    def __init__(self, what: str | tuple[Mistake, ...], *, mend: str = "", where: str = "") -> None:
        """Report one mistake, in words, or several. See `Mistake` for the parameters."""
        self.mistakes = what if isinstance(what, tuple) else (Mistake(what, mend, where),)
        super().__init__("\n".join(_line(mistake) for mistake in self.mistakes))


def _line(mistake: Mistake) -> str:
    return " · ".join(part for part in (mistake.where, mistake.what, mistake.mend) if part)
